import { expect, scenario } from './scenario';
import { at, childrenOf, peak, peakInFeed } from './spans';
import type { Change, TreeNode } from '../records';
import type { Studio } from '../studio-api';

/** Runs `count` items that each take a while, so many at a time, and gives their executions and the run's change feed. */
async function runItems(
  studio: Studio,
  { count, seconds, concurrency }: { count: number; seconds: number; concurrency?: number },
): Promise<{ items: TreeNode[]; changes: Change[] }> {
  const ref = await studio.publishWorkflow('fan', {
    tasks: [
      {
        name: 'each',
        action: 'core.sleep',
        with_items: `{{ range(${count}) | list }}`,
        ...(concurrency === undefined ? {} : { concurrency }),
        input: { seconds },
      },
    ],
  });
  const id = await studio.run(ref);
  expect(await studio.ended(id)).toMatchObject({ state: 'completed' });
  const children = childrenOf(await studio.tree(id), id, 'each');
  expect(children.map(({ itemIndex, state }) => [itemIndex, state])).toEqual(
    Array.from({ length: count }, (_, place) => [place, 'completed']),
  );
  return { items: children, changes: await studio.changes(id) };
}

scenario.describe('parallel', () => {
  scenario('T2.10 without a limit 20 items run at the same time', async ({ studio }) => {
    const { items, changes } = await runItems(studio, { count: 20, seconds: 3 });
    expect(peakInFeed(changes, 'each')).toBe(20);
    expect(peak(items)).toBe(20);
  });

  scenario('T2.10 a limit of 4 is reached and never passed, in index order', async ({ studio }) => {
    const { items, changes } = await runItems(studio, { count: 20, seconds: 0.4, concurrency: 4 });
    expect(peak(items)).toBe(4);
    // Not even a waiting execution exists beyond the limit.
    expect(peakInFeed(changes, 'each')).toBe(4);
    const ids = items.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  scenario(
    'T2.10 one at a time is a sequence: each begins after the one before has ended',
    async ({ studio }) => {
      const { items, changes } = await runItems(studio, { count: 8, seconds: 0.1, concurrency: 1 });
      expect(peakInFeed(changes, 'each')).toBe(1);
      for (const [place, item] of items.entries()) {
        const before = items[place - 1];
        if (before) expect(at(item.startedAt)).toBeGreaterThanOrEqual(at(before.endedAt));
      }
    },
  );

  scenario('T2.10 branches of a graph run side by side', async ({ studio }) => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const ref = await studio.publishWorkflow('branches', {
      tasks: [
        { name: 'start', action: 'core.noop', next: [{ do: names }] },
        ...names.map((name) => ({
          name,
          action: 'core.sleep',
          input: { seconds: 2 },
          next: [{ do: ['gather'] }],
        })),
        { name: 'gather', action: 'core.noop', join: 'all' },
      ],
    });
    const id = await studio.run(ref);
    expect(await studio.ended(id)).toMatchObject({ state: 'completed' });
    const tree = await studio.tree(id);
    const branches = names.flatMap((name) => childrenOf(tree, id, name));
    expect(peak(branches)).toBe(5);
    const gathered = childrenOf(tree, id, 'gather');
    expect(gathered).toHaveLength(1);
    expect(at(gathered[0]?.startedAt)).toBeGreaterThanOrEqual(
      Math.max(...branches.map(({ endedAt }) => at(endedAt))),
    );
  });

  for (const concurrency of [null, 25]) {
    const limit = concurrency === null ? 'without a limit' : `${concurrency} at a time`;
    scenario(
      `T2.10 1,000 items, ${limit}: each runs once, and the results come in item order`,
      { tag: '@scale' },
      async ({ studio }) => {
        scenario.setTimeout(180_000);
        const ref = await studio.publishWorkflow('thousand', {
          tasks: [
            {
              name: 'each',
              action: 'core.set',
              with_items: {
                items: '{{ range(1000) | list }}',
                ...(concurrency === null ? {} : { concurrency }),
              },
              input: { square: '{{ item * item }}' },
            },
          ],
          output_map: { squares: "{{ task.each.result | map(attribute='data.square') | list }}" },
        });
        const id = await studio.run(ref);
        expect(await studio.ended(id, 150)).toMatchObject({
          state: 'completed',
          result: { squares: Array.from({ length: 1000 }, (_, place) => place * place) },
        });
        const items = childrenOf(await studio.tree(id), id, 'each');
        expect(items).toHaveLength(1000);
        expect(new Set(items.map(({ itemIndex }) => itemIndex)).size).toBe(1000);
        expect(peakInFeed(await studio.changes(id), 'each')).toBe(concurrency ?? 1000);
      },
    );
  }
});
