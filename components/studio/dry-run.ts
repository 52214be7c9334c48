import type { Definition } from '@/engine/definition/schema';
import { rehearse, type Rehearsal, type Reply } from '@/engine/execution/rehearse';
import type { Start } from '@/engine/execution/state';
import type { Json } from '@/engine/expression/expression';
import type { ExecutionSummary } from '../canvas/run-overlay';
import type { RunOverlay, TaskRun } from '../canvas/view';
import type { FormValue } from '../schema-form/form-value';
import { inspection } from '../strings/inspection';
import { knownRun, type Pins, type RunRecord } from './scope-data';
import { deepestCall, nothingAround, type Surroundings } from './sub-workflows';

/** A step that calls a workflow, as that was played with its own definition. */
export interface DryCall {
  task: string;
  /** In a list of items, which; from 0. */
  item: number | null;
  workflowRef: string;
  input: FormValue;
  dry: DryRun;
}

export type DryRun =
  | {
      kind: 'played';
      overlay: RunOverlay;
      state: Rehearsal['end']['state'];
      output: Json;
      error: string | null;
      /** The tasks that would run, in their order. */
      tasks: string[];
      /** What each task gave in the end, by name. */
      results: Readonly<Record<string, Json>>;
      /** The steps that call workflows, in their order, each attempt and item. */
      calls: readonly DryCall[];
      warnings: readonly string[];
      seconds: number;
    }
  /** What cannot be played; of a call also what was not, as it is too deep or there are too many. */
  | { kind: 'impossible' | 'skipped'; message: string };

/** A loop that nothing ends must not hold up the browser: in one workflow, and in all that are called together. */
const mostTaskRuns = 500;
const mostTaskRunsInAll = 2_000;

/**
 * Plays the draft without carrying anything out: every task gives its pinned output; one that calls a workflow, what that
 * comes to when it is played with its own definition; else what it gave in the last run, else an empty success. Says
 * which tasks would run and which transitions would be taken.
 */
export function dryRun(
  definition: Definition,
  record: RunRecord | null,
  pins: Pins,
  around: Surroundings = nothingAround,
): DryRun {
  return new Player(around).play(definition, record, pins, 0);
}

class Player {
  private left = mostTaskRunsInAll;

  constructor(private readonly around: Surroundings) {}

  play(definition: Definition, record: RunRecord | null, pins: Pins, depth: number): DryRun {
    const known = knownRun(definition, record, pins, '');
    const calls: DryCall[] = [];
    const script: Record<string, Reply | ((start: Start) => Reply)> = {};
    for (const [task, { result, status }] of Object.entries(known.results)) {
      script[task] = Array.isArray(result)
        ? (start) => ({ result: result[start.item ?? 0] ?? {} })
        : status === 'completed'
          ? { result }
          : { outcome: status === 'timeout' ? 'timeout' : 'failed', result };
    }
    for (const { name, action } of definition.tasks) {
      if (Object.hasOwn(pins, name) || !this.around.workflows.has(action ?? '')) continue;
      const last = script[name];
      script[name] = (start) => {
        const call = this.call(start, record, depth);
        calls.push(call);
        return toReply(call.dry, typeof last === 'function' ? last(start) : last);
      };
    }
    const limit = Math.min(definition.max_task_runs ?? mostTaskRuns, mostTaskRuns);
    try {
      const played = rehearse({ ...definition, max_task_runs: limit }, script, {
        parameters: known.parameters,
      });
      this.left -= played.taskRuns.length;
      return toDryRun(played, calls);
    } catch (error) {
      return { kind: 'impossible', message: error instanceof Error ? error.message : String(error) };
    }
  }

  private call(start: Start, record: RunRecord | null, depth: number): DryCall {
    const { task, item, visit, action, input } = start;
    const parameters = input as FormValue;
    const definition = this.around.workflows.get(action)?.definition;
    const told = { task, item, workflowRef: action, input: parameters };
    if (!definition || this.left <= 0 || depth >= deepestCall) {
      const message = depth >= deepestCall ? inspection.dry.tooDeep(deepestCall) : inspection.dry.tooMany;
      return { ...told, dry: { kind: 'skipped', message } };
    }
    // What its tasks gave when they ran last, where they did.
    const child = childOf(record, task, item, visit);
    const inner = child && { ...child, parameters, run: this.around.runs.get(child.execution.id) ?? null };
    const dry = this.play(definition, inner ?? recordOf(parameters), {}, depth + 1);
    return { ...told, dry };
  }
}

/** The execution that a step led to in the run that is known: of the same item and visit, else the task's last. */
function childOf(record: RunRecord | null, task: string, item: number | null, visit: number) {
  if (!record) return null;
  const own = record.tree.filter(
    ({ parentId, taskName }) => parentId === record.execution.id && taskName === task,
  );
  const execution =
    own.findLast((one) => one.itemIndex === item && one.visit === visit) ??
    own.findLast((one) => one.itemIndex === item);
  return execution ? { execution, tree: record.tree } : null;
}

/** Nothing is known but what it is given. */
function recordOf(parameters: FormValue): RunRecord {
  const execution = { id: 0, created: '', startedAt: null, attempt: 1 } as ExecutionSummary;
  return { execution, parameters, run: null, tree: [] };
}

/** What a call comes to; of one that was not played what the step gave last, else an empty success. */
function toReply(dry: DryRun, last: Reply = {}): Reply {
  if (dry.kind !== 'played') return dry.kind === 'skipped' ? last : { outcome: 'failed', error: dry.message };
  const { state, output, seconds, error } = dry;
  return { outcome: state, result: output, seconds, ...(error === null ? {} : { error }) };
}

function warningsOf({ task, dry }: DryCall): string[] {
  return (dry.kind === 'played' ? dry.warnings : [dry.message]).map((warning) => `${task}: ${warning}`);
}

function toDryRun(played: Rehearsal, calls: readonly DryCall[]): DryRun {
  const { end, taskRuns, transitions, warnings, seconds } = played;
  const fired = new Map<string, number>();
  for (const { task, index, fired: isFired } of transitions)
    if (isFired) fired.set(`${task}#${index}`, (fired.get(`${task}#${index}`) ?? 0) + 1);
  const tasks = new Map<string, TaskRun>();
  for (const { task, visit, status, error } of taskRuns)
    tasks.set(task, {
      ...{ state: status, visits: visit, error },
      ...{ startedAt: null, endedAt: null, items: null, keptFrom: null },
    });
  return {
    kind: 'played',
    overlay: { tasks, fired },
    ...end,
    tasks: [...tasks.keys()],
    results: Object.fromEntries(taskRuns.map(({ task, result }) => [task, result])),
    ...{ calls, seconds },
    warnings: [...new Set([...warnings, ...calls.flatMap(warningsOf)])],
  };
}
