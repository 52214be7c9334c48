import { compileGraph } from '../definition/graph';
import type { Definition } from '../definition/schema';
import type { Json } from '../expression/expression';
import { advance, initialState, type RunOptions } from './advance';
import type { RunMemory } from './memory';
import type { Delta, JsonObject, Outcome, RunContext, RunEvent, Start, TaskRunChange } from './state';

/** How one attempt goes in a rehearsal. */
export interface Reply {
  /** (Default: completed) */
  outcome?: Outcome;
  /** (Default: succeeded, exit code and `data`) */
  result?: Json;
  data?: Json;
  error?: string;
  /** How long it takes. (Default: 1) */
  seconds?: number;
}

/** What each task does: always the same, one reply per attempt and item in the order in which they end, or as asked. */
export type Script = Record<string, Reply | readonly Reply[] | ((start: Start) => Reply)>;

export interface RehearseOptions extends RunOptions {
  parameters?: JsonObject;
  config?: JsonObject;
  keystore?: JsonObject;
  /** Other names in expressions: `event`, `trigger`, `rule`. */
  event?: Json;
  trigger?: Json;
  rule?: Json;
  /** Workflows that tasks may run, by ref; they are rehearsed with the same script. */
  workflows?: Readonly<Record<string, Definition>>;
  /** Tasks before which the run pauses. */
  breakpoints?: readonly string[];
  /** What happens from outside, and when. */
  at?: readonly { seconds: number; event: RunEvent }[];
  /** Whether actions may run again after a lost worker. */
  isIdempotent?: boolean;
  /** Chance for jitter. (Default: 0.5 each time) */
  random?: () => number;
  /** The names of the parameters that are secret. */
  secretParameters?: readonly string[];
  /** The results that a rerun reads of what it keeps, by task. */
  results?: Readonly<Record<string, { result: Json; status: string }>>;
  /** Where a run would be kept between its steps: every state passes through here. (Default: as it is) */
  store?: (state: RunMemory) => RunMemory;
}

/** An attempt as it went. */
export interface RehearsedAttempt extends Start {
  startedSeconds: number;
  endedSeconds: number | null;
  outcome: Outcome | null;
  result: Json;
}

export interface Rehearsal {
  end: NonNullable<Delta['end']>;
  state: RunMemory;
  /** Every attempt, in the order in which they were started. */
  attempts: RehearsedAttempt[];
  /** Every task run with its last status, in the order in which they began. */
  taskRuns: TaskRunChange[];
  transitions: Delta['transitions'];
  warnings: string[];
  /** Every event with what followed from it. */
  steps: { seconds: number; event: RunEvent; delta: Delta }[];
  seconds: number;
}

const epochMs = Date.UTC(2026, 0, 1);
const mostSteps = 1_000_000;

/**
 * Plays a whole run in memory, on a clock of its own: each attempt answers as the script says. For tests, and for
 * trying a draft without running anything. @throws Error when the run hangs, which no run may
 */
export function rehearse(
  definition: Definition,
  script: Script = {},
  options: RehearseOptions = {},
): Rehearsal {
  const graph = compileGraph(definition, options.breakpoints);
  const attempts: RehearsedAttempt[] = [];
  const taskRuns = new Map<string, TaskRunChange>();
  const latest = new Map<string, TaskRunChange>();
  const prepared = new Map<string, Delta['prepared'][number]>();
  const transitions: Delta['transitions'] = [];
  const warnings = new Set<string>();
  const steps: Rehearsal['steps'] = [];
  const store = options.store ?? ((state: RunMemory) => state);
  const used = new Map<string, number>();
  const agenda: { seconds: number; event: RunEvent; attempt: RehearsedAttempt | null }[] = [];
  let seconds = 0;
  const plan = (at: number, event: RunEvent, attempt: RehearsedAttempt | null = null) => {
    let place = agenda.length;
    while (place > 0 && (agenda[place - 1]?.seconds ?? 0) > at) place -= 1;
    agenda.splice(place, 0, { seconds: at, event, attempt });
  };
  let state = store(initialState(graph, options));
  plan(0, { type: 'start' });
  for (const { seconds: at, event } of options.at ?? []) plan(at, event);
  if (graph.timeoutSeconds !== null) plan(graph.timeoutSeconds, { type: 'timeout' });

  for (let next = agenda.shift(); next; next = agenda.shift()) {
    if (steps.length >= mostSteps) throw new Error(`The rehearsal has not ended after ${mostSteps} steps.`);
    const { event, attempt } = next;
    seconds = next.seconds;
    if (attempt) {
      if (attempt.endedSeconds !== null) continue;
      attempt.endedSeconds = seconds;
      if (event.type === 'attempt_ended') {
        attempt.outcome = event.outcome;
        attempt.result = event.result;
      }
    }
    const delta = advance(graph, state, event, contextAt());
    state.apply(delta);
    state = store(state);
    steps.push({ seconds, event, delta });
    take(delta);
    if (delta.end) {
      return {
        end: delta.end,
        state,
        attempts,
        taskRuns: [...taskRuns.values()],
        transitions,
        warnings: [...warnings],
        steps,
        seconds,
      };
    }
  }
  throw new Error(
    `The run hangs: nothing is due, and it has not ended. Open: ${state.openNames().join(', ') || 'nothing'}.`,
  );

  function take(delta: Delta): void {
    for (const change of delta.taskRuns) {
      taskRuns.set(`${change.visit} ${change.task}`, change);
      const isNewest = (latest.get(change.task)?.visit ?? 0) <= change.visit;
      if (change.status !== 'running' && isNewest) latest.set(change.task, change);
    }
    for (const kept of delta.prepared) prepared.set(`${kept.visit} ${kept.task}`, kept);
    for (const warning of delta.warnings) warnings.add(warning);
    transitions.push(...delta.transitions);
    for (const start of delta.starts) begin(start);
    for (const { task, visit, item } of delta.cancels) {
      const live = attempts.find(
        (each) =>
          each.task === task && each.visit === visit && each.item === item && each.endedSeconds === null,
      );
      if (live) plan(seconds, endOf(live, { outcome: 'cancelled', error: 'cancelled' }), live);
    }
  }

  function begin(start: Start): void {
    const attempt: RehearsedAttempt = {
      ...start,
      startedSeconds: seconds + start.delaySeconds,
      endedSeconds: null,
      outcome: null,
      result: null,
    };
    attempts.push(attempt);
    if (start.failed) {
      attempt.endedSeconds = seconds;
      attempt.outcome = 'failed';
      attempt.result = { succeeded: false, error: start.failed.message };
      return;
    }
    const reply = replyTo(start);
    const takes = reply.seconds ?? 1;
    const limit = start.timeoutSeconds;
    if (limit !== null && takes > limit) {
      plan(
        attempt.startedSeconds + limit,
        endOf(attempt, { outcome: 'timeout', error: `timed out after ${limit} s` }),
        attempt,
      );
    } else {
      plan(attempt.startedSeconds + takes, endOf(attempt, reply), attempt);
    }
  }

  function replyTo(start: Start): Reply {
    const nested = options.workflows?.[start.action];
    if (nested) {
      const { at: _, startAt: _s, arrived: _a, variables: _v, kept: _k, results: _r, ...others } = options;
      const parameters = start.input as JsonObject;
      const child = rehearse(nested, script, { ...others, parameters });
      const { state: outcome, output, error } = child.end;
      return { outcome, result: output, seconds: child.seconds, ...(error === null ? {} : { error }) };
    }
    const written = script[start.task] ?? {};
    if (typeof written === 'function') return written(start);
    if (!isList(written)) return written;
    const place = used.get(start.task) ?? 0;
    used.set(start.task, place + 1);
    return written[Math.min(place, written.length - 1)] ?? {};
  }

  function endOf(start: Start, reply: Reply): RunEvent {
    const { task, visit, item, attempt } = start;
    const outcome = reply.outcome ?? 'completed';
    const succeeded = outcome === 'completed';
    const error = reply.error ?? (succeeded ? null : `${task} ${outcome}`);
    const result =
      reply.result !== undefined
        ? reply.result
        : {
            succeeded,
            exit_code: succeeded ? 0 : 1,
            ...(error === null ? {} : { error }),
            ...(reply.data === undefined ? {} : { data: reply.data }),
          };
    return {
      type: 'attempt_ended',
      task,
      visit,
      item,
      attempt,
      outcome,
      result,
      error,
      isIdempotent: options.isIdempotent ?? false,
    };
  }

  function contextAt(): RunContext {
    return {
      parameters: options.parameters ?? {},
      config: options.config ?? {},
      keystore: () => options.keystore ?? {},
      execution: { id: 1, started_at: new Date(epochMs).toISOString(), attempt: 1 },
      system: {},
      ...(options.event === undefined ? {} : { event: options.event }),
      ...(options.trigger === undefined ? {} : { trigger: options.trigger }),
      ...(options.rule === undefined ? {} : { rule: options.rule }),
      ...(options.secretParameters ? { secretParameters: options.secretParameters } : {}),
      now: new Date(epochMs + seconds * 1000).toISOString(),
      random: options.random ?? (() => 0.5),
      taskResult: (name) => latest.get(name) ?? options.results?.[name] ?? null,
      itemResults: (task, visit) => {
        const last = new Map<number, RehearsedAttempt>();
        for (const each of attempts) {
          if (each.task !== task || each.visit !== visit || each.item === null) continue;
          last.set(each.item, each);
        }
        return [...last].sort(([a], [b]) => a - b).map(([, { result }]) => result);
      },
      preparedInput: (task, visit, item) => {
        const kept = prepared.get(`${visit} ${task}`);
        return {
          input: kept?.inputs[item] ?? {},
          secret: kept?.secret ?? false,
          redacted: kept?.redacted[item] ?? {},
        };
      },
    };
  }
}

function isList(written: Reply | readonly Reply[]): written is readonly Reply[] {
  return Array.isArray(written);
}
