import type { Json } from '../expression/expression';
import { parseDuration } from './duration';
import {
  defaultMaxTaskRuns,
  type Definition,
  type Join,
  type OnFailure,
  type RetryOutcome,
  type Task,
} from './schema';

export interface GraphTransition {
  index: number;
  when: string | null;
  isOtherwise: boolean;
  label: string | null;
  publish: readonly { readonly [name: string]: Json }[];
  /** Known tasks and reserved targets, each once. */
  targets: readonly string[];
}

export interface GraphRetry {
  count: number;
  delaySeconds: number;
  backoff: 'constant' | 'linear' | 'exponential';
  maxDelaySeconds: number | null;
  jitter: number;
  /** Null: failed and timeout, and abandoned where the action is idempotent. */
  on: ReadonlySet<RetryOutcome> | null;
  when: string | null;
}

export interface GraphItems {
  items: Json;
  as: string | null;
  batchSize: number | null;
  concurrency: number | null;
  /** How many of a total may end badly. */
  allowedFailures: (total: number) => number;
  stopsOnFailure: boolean;
}

export interface GraphTask {
  name: string;
  /** Its place in the definition. */
  index: number;
  task: Task;
  action: string | null;
  timeoutSeconds: number | null;
  delaySeconds: number;
  retry: GraphRetry | null;
  items: GraphItems | null;
  join: Join | null;
  onFailure: OnFailure | null;
  transitions: readonly GraphTransition[];
  /** The tasks that have a transition to this one, each once, in definition order. */
  inbound: readonly string[];
  /** Whether more than one run of it can come about; else its visit is always 1. */
  mayRepeat: boolean;
}

/** A definition with everything worked out that a decision asks for. */
export interface Graph {
  definition: Definition;
  tasks: ReadonlyMap<string, GraphTask>;
  /** Tasks that no transition targets, in definition order. */
  entry: readonly string[];
  timeoutSeconds: number | null;
  maxTaskRuns: number;
  cancellation: { running: 'cancel' | 'finish'; graceSeconds: number };
  onFailure: OnFailure | null;
  /** Tasks before which a run pauses; only runs of drafts have any. */
  breakpoints: ReadonlySet<string>;
  /** A task and all from which it can be reached. The way back ends at `avoiding`, which may be among them itself. */
  upstreamOf: (name: string, avoiding: string | null) => ReadonlySet<string>;
  /** Whether a task can be reached from itself. */
  isInLoop: (name: string) => boolean;
}

export function isReserved(target: string): boolean {
  return target === '$end' || target === '$fail';
}

/**
 * The graph of a definition, in one pass over it; what is dear is worked out when first asked for. Parts that are
 * wrong (unknown targets, durations that are none, a name that comes again) are left out: `validateDefinition`
 * tells them.
 */
export function compileGraph(definition: Definition, breakpoints: readonly string[] = []): Graph {
  const names = new Set(definition.tasks.map(({ name }) => name));
  const inbound = new Map<string, Set<string>>();
  const arrivals = new Map<string, number>();
  const transitions = new Map<string, GraphTransition[]>();
  for (const task of definition.tasks) {
    if (transitions.has(task.name)) continue;
    transitions.set(
      task.name,
      task.next.map((transition, index) => {
        const targets = [...new Set(transition.do)].filter((name) => isReserved(name) || names.has(name));
        for (const target of targets) {
          if (isReserved(target)) continue;
          inbound.set(target, (inbound.get(target) ?? new Set()).add(task.name));
          arrivals.set(target, (arrivals.get(target) ?? 0) + 1);
        }
        return {
          index,
          when: transition.when ?? null,
          isOtherwise: transition.otherwise ?? false,
          label: transition.label ?? null,
          publish: transition.publish ?? [],
          targets,
        };
      }),
    );
  }
  const tasks = new Map<string, GraphTask>();
  definition.tasks.forEach((task, index) => {
    if (tasks.has(task.name)) return;
    tasks.set(task.name, {
      name: task.name,
      index,
      task,
      action: task.action || null,
      timeoutSeconds: seconds(task.timeout),
      delaySeconds: seconds(task.delay) ?? 0,
      retry: toRetry(task),
      items: toItems(task),
      join: task.join ?? null,
      onFailure: task.on_failure ?? null,
      transitions: transitions.get(task.name) ?? [],
      inbound: [...(inbound.get(task.name) ?? [])],
      mayRepeat: true,
    });
  });
  markSingle(tasks, arrivals);
  return {
    definition,
    tasks,
    entry: [...tasks.values()].filter((task) => task.inbound.length === 0).map(({ name }) => name),
    timeoutSeconds: seconds(definition.timeout),
    maxTaskRuns: definition.max_task_runs ?? defaultMaxTaskRuns,
    cancellation: {
      running: definition.cancellation?.running ?? 'cancel',
      graceSeconds: seconds(definition.cancellation?.grace) ?? 10,
    },
    onFailure: definition.on_failure ?? null,
    breakpoints: new Set(breakpoints),
    ...reachability(tasks),
  };
}

/** Marks the tasks of which there can be one run only, in the order in which tokens flow; loops are never reached. */
function markSingle(tasks: ReadonlyMap<string, GraphTask>, arrivals: ReadonlyMap<string, number>): void {
  const missing = new Map([...tasks.values()].map((task) => [task.name, task.inbound.length]));
  const ready = [...tasks.values()].filter((task) => task.inbound.length === 0);
  for (let task = ready.pop(); task; task = ready.pop()) {
    const sources = task.inbound.map((name) => tasks.get(name));
    const perSource = (arrivals.get(task.name) ?? 0) <= sources.length;
    const isFed = sources.every((source) => source?.mayRepeat === false) && perSource;
    task.mayRepeat =
      task.join === null ? !(isFed && sources.length <= 1) : task.join === 'all' ? !isFed : false;
    for (const next of new Set(task.transitions.flatMap(({ targets }) => targets))) {
      const left = (missing.get(next) ?? 0) - 1;
      missing.set(next, left);
      const target = tasks.get(next);
      if (left === 0 && target) ready.push(target);
    }
  }
}

function reachability(tasks: ReadonlyMap<string, GraphTask>): Pick<Graph, 'upstreamOf' | 'isInLoop'> {
  const known = new Map<string, ReadonlySet<string>>();
  const upstreamOf: Graph['upstreamOf'] = (name, avoiding) => {
    const key = `${name}\n${avoiding ?? ''}`;
    const before = known.get(key);
    if (before) return before;
    const found = new Set([name]);
    const open = [name];
    for (let here = open.pop(); here !== undefined; here = open.pop()) {
      if (here === avoiding) continue;
      for (const source of tasks.get(here)?.inbound ?? []) {
        if (found.has(source)) continue;
        found.add(source);
        open.push(source);
      }
    }
    known.set(key, found);
    return found;
  };
  const isInLoop: Graph['isInLoop'] = (name) =>
    tasks.get(name)?.inbound.some((source) => upstreamOf(source, null).has(name)) ?? false;
  return { upstreamOf, isInLoop };
}

function seconds(written: unknown): number | null {
  if (written === undefined || written === null) return null;
  const value = parseDuration(written);
  return Number.isNaN(value) ? null : value;
}

function toRetry({ retry }: Task): GraphRetry | null {
  if (!retry || !(retry.count > 0)) return null;
  return {
    count: retry.count,
    delaySeconds: seconds(retry.delay) ?? 0,
    backoff: retry.backoff ?? 'constant',
    maxDelaySeconds: seconds(retry.max_delay),
    jitter: retry.jitter ?? 0,
    on: retry.on ? new Set(retry.on) : null,
    when: retry.when ?? null,
  };
}

function toItems({ with_items: items }: Task): GraphItems | null {
  if (!items) return null;
  const { allow_failures: allowed } = items;
  return {
    items: items.items,
    as: items.as ?? null,
    batchSize: items.batch_size ?? null,
    concurrency: items.concurrency ?? null,
    allowedFailures: (total) =>
      typeof allowed === 'string' ? Math.floor((total * Number.parseFloat(allowed)) / 100) : (allowed ?? 0),
    stopsOnFailure: items.on_item_failure === 'stop',
  };
}
