import { expect, test } from 'vitest';
import type { Definition } from '@/engine/definition/schema';
import { scopeData, type RunRecord } from './scope-data';
import { scopeOf } from './scope-of';

/** A workflow of so many tasks, each of which gave a result of ten values in the last run. */
function workflowOf(count: number): { definition: Definition; record: RunRecord } {
  const tasks = Array.from({ length: count }, (_, index) => ({ name: `t${index}`, action: 'x.y', next: [] }));
  const result = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`value${index}`, index]));
  const definition = { tasks };
  const at = { id: 1, created: '2026-01-01T00:00:00Z', startedAt: null, attempt: 1 };
  const taskRuns = tasks.map(({ name }) => ({
    ...{ task: name, visit: 1, status: 'completed', error: null, keptFrom: null, transitions: [] },
    result,
  }));
  const run = {
    ...{ executionId: 1, workflowRef: 'a.b', revision: 1, layout: { positions: {} } },
    ...{ definition, taskRuns, variables: {}, held: [], warnings: [] },
  };
  return { definition, record: { execution: at as RunRecord['execution'], parameters: {}, run, tree: [] } };
}

test('the names of a scope grow with the tasks, each name once', () => {
  for (const count of [50, 500]) {
    const { definition, record } = workflowOf(count);
    const task = definition.tasks[0] ?? null;
    const data = scopeData(definition, task, false, record, {}, 'run 1');
    const { names } = scopeOf(definition, new Map(), task, false, data);
    // Each other task: its result, ten values in it, its status; and what there always is.
    expect(names).toHaveLength((count - 1) * 12 + 4);
    expect(new Set(names.map(({ path }) => path)).size).toBe(names.length);
  }
});
