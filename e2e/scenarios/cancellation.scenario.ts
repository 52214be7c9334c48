import { findProcesses, stubbornFamily } from './processes';
import { expect, scenario } from './scenario';
import { at, only, ranMs, statesOf } from './spans';
import { Refused } from '../trpc';

interface Result {
  exit_code: number | null;
  signal?: string;
  stdout: string;
  stderr: string;
}

const napping = 92_001;

scenario.describe('cancellation', () => {
  scenario('T3.23 a running action gets TERM and may tidy up; what it wrote is kept', async ({ studio }) => {
    const action = await studio.createAction('tidy', {
      runtime: 'shell',
      code: 'trap "echo tidied up; echo last words >&2; exit 7" TERM; echo begun; sleep 100 & wait',
    });
    const id = await studio.run(action);
    await studio.untilPrinted(id, 'begun');
    await studio.cancel(id);
    const ended = await studio.ended<Result>(id);
    expect(ended).toMatchObject({
      state: 'cancelled',
      result: { stdout: 'begun\ntidied up\n', stderr: 'last words\n', exit_code: 7 },
    });
    expect(ended.error).toMatch(/^Cancelled by /);
    expect(await studio.log(id)).toMatchObject({ stdout: 'begun\ntidied up\n', stderr: 'last words\n' });
  });

  scenario(
    'T3.23 what ignores TERM is killed after the grace, with every process that it started',
    async ({ studio }) => {
      const action = await studio.createAction('stubborn', {
        runtime: 'shell',
        code: `trap 'echo asked to end' TERM\n${stubbornFamily(napping)}while :; do sleep 0.1; done`,
      });
      const id = await studio.run(action);
      await studio.untilPrinted(id, 'begun');
      expect(findProcesses(`sleep ${napping}.${id}`).length).toBeGreaterThanOrEqual(4);
      await studio.cancel(id);

      const ended = await studio.ended<Result>(id);
      expect(ended).toMatchObject({ state: 'cancelled', result: { signal: 'SIGKILL' } });
      expect(ended.result.stdout).toBe('begun\nasked to end\n');
      const asked = (await studio.changes(id)).find(({ payload }) => payload['state'] === 'canceling');
      // The test studio's grace is one second.
      expect(at(ended.endedAt) - at(asked?.created)).toBeGreaterThanOrEqual(950);
      expect(at(ended.endedAt) - at(asked?.created)).toBeLessThan(8_000);
      await expect.poll(() => findProcesses(`sleep ${napping}.${id}`), { timeout: 5_000 }).toEqual([]);
    },
  );

  scenario('T3.23 a run is cancelled with all its children, at every level', async ({ studio }) => {
    const action = await studio.createAction('family', {
      runtime: 'shell',
      code: `${stubbornFamily(napping)}wait`,
    });
    const inner = await studio.publishWorkflow('inner', {
      tasks: [
        { name: 'work', action, next: [{ do: ['never'] }] },
        { name: 'never', action: 'core.noop' },
      ],
    });
    const ref = await studio.publishWorkflow('outer', {
      tasks: [
        { name: 'done', action: 'core.noop' },
        { name: 'nested', action: inner, next: [{ do: ['after'] }] },
        { name: 'asks', action: 'core.ask', input: { prompt: 'Well?', assigned_to: ['user:nobody'] } },
        { name: 'later', action: 'core.noop', delay: '1h' },
        {
          name: 'items',
          action: 'core.sleep',
          with_items: { items: [1, 2, 3, 4], concurrency: 2 },
          input: { seconds: 600 },
        },
        { name: 'after', action: 'core.noop' },
      ],
    });
    const id = await studio.run(ref);
    const work = await studio.untilTask(id, 'work', ({ state }) => state === 'running');
    await studio.untilPrinted(work.id, 'begun');
    const asked = await studio.untilAsked(id, 'asks');
    await studio.untilTree(
      id,
      (tree) =>
        tree.filter(({ taskName, state }) => taskName === 'items' && state === 'running').length === 2,
    );
    await studio.untilTask(id, 'done', ({ state }) => state === 'completed');

    await studio.cancel(id);
    const run = await studio.ended(id);
    expect(run.state).toBe('cancelled');
    expect(run.error).toMatch(/^Cancelled by /);
    const tree = await studio.tree(id);
    expect(statesOf(tree)).toEqual({
      root: 'cancelled',
      done: 'completed',
      nested: 'cancelled',
      work: 'cancelled',
      asks: 'cancelled',
      later: 'cancelled',
      items: 'cancelled',
    });
    // Two of the four items had begun; the others never will.
    expect(tree.filter(({ taskName }) => taskName === 'items')).toHaveLength(2);
    for (const node of tree) expect(at(run.endedAt)).toBeGreaterThanOrEqual(at(node.endedAt));
    expect((await studio.inquiry(asked.id)).status).toBe('cancelled');
    await expect.poll(() => findProcesses(`sleep ${napping}.${work.id}`), { timeout: 5_000 }).toEqual([]);
    expect((await studio.get<Result>(work.id)).result.stdout).toBe('begun\n');
  });

  scenario('T3.23 finish lets running tasks end, and cancels what waits', async ({ studio }) => {
    const ref = await studio.publishWorkflow('gentle', {
      cancellation: { running: 'finish' },
      tasks: [
        { name: 'running', action: 'core.sleep', input: { seconds: 2 }, next: [{ do: ['never'] }] },
        { name: 'waiting', action: 'core.noop', delay: '1h' },
        { name: 'never', action: 'core.noop' },
      ],
    });
    const id = await studio.run(ref);
    await studio.untilTask(id, 'running', ({ state }) => state === 'running');
    await studio.untilTask(id, 'waiting', ({ state }) => state === 'delayed');
    await studio.cancel(id);
    expect(await studio.ended(id)).toMatchObject({ state: 'cancelled' });
    const tree = await studio.tree(id);
    expect(statesOf(tree)).toEqual({ root: 'cancelled', running: 'completed', waiting: 'cancelled' });
    expect(ranMs(only(tree, 'running'))).toBeGreaterThanOrEqual(2_000);
  });

  scenario(
    'T3.23 a single cancelled task is an outcome that cancelled() routes; the run goes on',
    async ({ studio }) => {
      const ref = await studio.publishWorkflow('one_task', {
        tasks: [
          {
            name: 'slow',
            action: 'core.sleep',
            input: { seconds: 600 },
            next: [
              { when: '{{ cancelled() }}', do: ['instead'] },
              { when: '{{ failed() }}', do: ['broken'] },
            ],
          },
          { name: 'instead', action: 'core.set', input: { status: '{{ task.slow.status }}' } },
          { name: 'broken', action: 'core.noop' },
          { name: 'beside', action: 'core.sleep', input: { seconds: 1 } },
        ],
      });
      const id = await studio.run(ref);
      const { id: slow } = await studio.untilTask(id, 'slow', ({ state }) => state === 'running');
      await studio.cancel(slow);
      expect(await studio.ended(id)).toMatchObject({
        state: 'completed',
        result: { instead: { data: { status: 'cancelled' } } },
      });
      expect(statesOf(await studio.tree(id))).toEqual({
        root: 'completed',
        slow: 'cancelled',
        instead: 'completed',
        beside: 'completed',
      });
    },
  );

  scenario('T3.23 what has not begun ends at once and never runs', async ({ studio }) => {
    const ref = await studio.publishWorkflow('delayed', {
      tasks: [{ name: 'later', action: 'core.echo', delay: '1h', input: { message: 'never said' } }],
    });
    const id = await studio.run(ref);
    const { id: later } = await studio.untilTask(id, 'later', ({ state }) => state === 'delayed');
    await studio.cancel(later);
    expect(await studio.get(later)).toMatchObject({ state: 'cancelled', startedAt: null });
    expect(await studio.ended(id)).toMatchObject({ state: 'failed' });
    expect(only(await studio.tree(id), 'later').state).toBe('cancelled');
    expect(await studio.log(later)).toEqual({ stdout: '', stderr: '', system: '' });
  });

  scenario('T3.23 what has ended cannot be cancelled, and says how it ended', async ({ studio }) => {
    const id = await studio.run('core.echo', { message: 'over' });
    await studio.ended(id);
    const refusal = await studio.cancel(id).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect(refusal).toMatchObject({ status: 409, word: 'already_ended' });
    expect((refusal as Refused).message).toContain(`Execution ${id} has ended already: completed.`);
    expect(await studio.get(id)).toMatchObject({ state: 'completed', error: null });
  });

  scenario(
    'T3.23 a cancel that crosses the end of the work leaves one end, whichever it is',
    async ({ studio }) => {
      const ref = await studio.publishWorkflow('crossing', {
        tasks: Array.from({ length: 6 }, (_, place) => ({
          name: `t${place}`,
          action: 'core.noop',
          next: place < 5 ? [{ do: [`t${place + 1}`] }] : [],
        })),
      });
      const runs = await Promise.all(Array.from({ length: 8 }, () => studio.run(ref)));
      await Promise.all(
        runs.map(async (id, place) => {
          await studio.untilTree(id, (tree) => tree.length > place % 6);
          await studio.cancel(id).catch((error: unknown) => {
            if (!(error instanceof Refused) || error.status !== 409) throw error;
          });
          const { state } = await studio.ended(id);
          expect(['completed', 'cancelled']).toContain(state);
          const tree = await studio.tree(id);
          expect(tree.every(({ endedAt }) => endedAt !== null)).toBe(true);
          const ends = (await studio.changes(id)).filter(
            ({ entityType, entityId, payload }) =>
              entityType === 'execution' &&
              entityId === id &&
              ['completed', 'cancelled'].includes(String(payload['state'])),
          );
          expect(ends).toHaveLength(1);
        }),
      );
    },
  );
});
