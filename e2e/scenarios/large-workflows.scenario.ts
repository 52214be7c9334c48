import { expect, scenario } from './scenario';
import type { Studio } from '../studio-api';

/** A chain: each task begins when the one before it has ended. */
function chain(count: number): object {
  return {
    tasks: Array.from({ length: count }, (_, place) => ({
      name: `t${place}`,
      action: 'core.noop',
      next: place + 1 < count ? [{ when: '{{ succeeded() }}', do: [`t${place + 1}`] }] : [],
    })),
    output_map: { last: `{{ task.t${count - 1}.status }}` },
  };
}

/** Lanes of ten tasks each that begin together and are joined at the end; two tasks more than `count`. */
function lanes(count: number): object {
  const lane = 10;
  return {
    tasks: [
      {
        name: 'start',
        action: 'core.noop',
        next: [{ do: Array.from({ length: count / lane }, (_, place) => `t${place * lane}`) }],
      },
      ...Array.from({ length: count }, (_, place) => ({
        name: `t${place}`,
        action: 'core.noop',
        next: [{ do: [(place + 1) % lane === 0 ? 'gather' : `t${place + 1}`] }],
      })),
      { name: 'gather', action: 'core.noop', join: 'all' },
    ],
    output_map: { last: '{{ task.gather.status }}' },
  };
}

/** Runs a workflow to its end and counts what it left in the records, by task. */
async function countWork(studio: Studio, definition: object, tasks: number) {
  const id = await studio.run(await studio.publishWorkflow('large', definition));
  const run = await studio.ended(id, 600);
  expect(run).toMatchObject({ state: 'completed', result: { last: 'completed' } });
  const [changes, taskRuns] = [await studio.changes(id), await studio.taskRuns(id)];
  // The run's own rows are counted apart: they are not a task's.
  const own = changes.filter(({ entityId }) => entityId === id);
  // A task that a worker takes with the step is born running; one that waits for a slot has one row more, however large
  // the run: that row says how busy the worker was, not what a task costs.
  const ofTasks = changes.filter(
    ({ entityId, kind, payload }) => entityId !== id && !(kind === 'state' && payload['state'] === 'running'),
  );
  const bytes = ofTasks.reduce((sum, { payload }) => sum + JSON.stringify(payload).length, 0);
  return {
    id,
    tasks,
    born: ofTasks.filter(({ kind }) => kind === 'created').length,
    ended: ofTasks.filter(({ payload }) => payload['endedAt'] !== null).length,
    executions: new Set(ofTasks.map(({ entityId }) => entityId)).size,
    visits: taskRuns.length,
    ownRows: own.length,
    rowsPerTask: ofTasks.length / tasks,
    bytesPerTask: bytes / tasks,
  };
}

/** `npm test -- --large` runs the 5,000 as well. */
const sizes = process.env['ATTUNE_TEST_LARGE'] ? [1_000, 5_000] : [1_000];

scenario.describe('large workflows', () => {
  for (const [shape, define, more] of [
    ['a chain', chain, 0],
    ['lanes that are joined', lanes, 2],
  ] as const) {
    for (const size of sizes) {
      scenario(
        `T3.26 ${shape}: ${size.toLocaleString('en')} tasks leave as many rows per task as 100 do`,
        { tag: '@scale' },
        async ({ studio }) => {
          scenario.setTimeout(size * 400);
          const small = await countWork(studio, define(100), 100 + more);
          const large = await countWork(studio, define(size), size + more);
          // Lists show at most 5,000.
          expect(large.executions).toBe(size + more);
          expect(large.visits).toBe(Math.min(size + more, 5_000));
          expect(large.ownRows).toBe(small.ownRows);
          // Every task is born once and ends once, in one row where it took no time.
          for (const { born, ended, tasks } of [small, large]) {
            expect(born).toBe(tasks);
            expect(ended).toBe(tasks);
          }
          expect(large.rowsPerTask).toBeLessThanOrEqual(small.rowsPerTask * 1.1);
          expect(large.bytesPerTask).toBeLessThan(small.bytesPerTask * 1.1);
          const tree = await studio.tree(large.id);
          expect(tree).toHaveLength(Math.min(size + more + 1, 5_000));
          expect(tree.every(({ state }) => state === 'completed')).toBe(true);
        },
      );
    }
  }
});
