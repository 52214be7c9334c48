import type { Definition } from '@/engine/definition/schema';
import { rehearse, type Rehearsal, type Script } from '@/engine/execution/rehearse';
import type { RunOverlay, TaskRun } from '../canvas/view';
import { knownRun, type Pins, type RunRecord } from './scope-data';

export type DryRun =
  | {
      kind: 'played';
      overlay: RunOverlay;
      state: Rehearsal['end']['state'];
      error: string | null;
      /** The tasks that would run, in their order. */
      tasks: string[];
      warnings: readonly string[];
    }
  | { kind: 'impossible'; message: string };

/** A loop that nothing ends must not hold up the browser. */
const mostTaskRuns = 500;

/**
 * Plays the draft without carrying anything out: every task gives its pinned output, else what it gave in the last run,
 * else an empty success. Says which tasks would run and which transitions would be taken.
 */
export function dryRun(definition: Definition, record: RunRecord | null, pins: Pins): DryRun {
  const known = knownRun(definition, record, pins, '');
  const script: Script = Object.fromEntries(
    Object.entries(known.results).map(([task, { result, status }]) => [
      task,
      Array.isArray(result)
        ? (start) => ({ result: result[start.item ?? 0] ?? {} })
        : status === 'completed'
          ? { result }
          : { outcome: status === 'timeout' ? 'timeout' : 'failed', result },
    ]),
  );
  const limit = Math.min(definition.max_task_runs ?? mostTaskRuns, mostTaskRuns);
  try {
    const { end, taskRuns, transitions, warnings } = rehearse(
      { ...definition, max_task_runs: limit },
      script,
      { parameters: known.parameters },
    );
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
      state: end.state,
      error: end.error,
      tasks: [...tasks.keys()],
      warnings,
    };
  } catch (error) {
    return { kind: 'impossible', message: error instanceof Error ? error.message : String(error) };
  }
}
