import { expect, scenario } from './scenario';
import { at } from './spans';
import type { TreeNode } from '../records';
import type { Studio } from '../studio-api';

const leaf = {
  runtime: 'shell',
  code: 'echo "at the bottom: $word" >&2; sleep 0.5; [ "$word" != bad ] || exit 3; printf \'{"heard":"%s"}\' "$word"',
  outputFormat: 'json',
  parameters: { word: { type: 'string', required: true } },
} as const;

/** Workflows in each other, `levels` deep, around one action. Each counts its depth on the way up. Gives the outermost. */
async function nest(
  studio: Studio,
  levels: number,
  inMiddle: { level: number; recovers: boolean } | null = null,
) {
  const action = await studio.createAction('leaf', leaf);
  let ref = await studio.publishWorkflow('level_1', {
    parameters: { word: { type: 'string', required: true } },
    tasks: [{ name: 'inner', action, input: { word: '{{ parameters.word }}' } }],
    output_map: { depth: 1, heard: '{{ task.inner.result.data.heard }}' },
  });
  for (let level = 2; level <= levels; level += 1) {
    const recovers = inMiddle?.recovers === true && inMiddle.level === level;
    ref = await studio.publishWorkflow(`level_${level}`, {
      parameters: { word: { type: 'string', required: true } },
      tasks: [
        {
          name: 'inner',
          action: ref,
          input: { word: '{{ parameters.word }}' },
          next: recovers
            ? [{ when: '{{ failed() }}', publish: [{ why: '{{ result().error }}' }], do: ['repair'] }]
            : [],
        },
        ...(recovers ? [{ name: 'repair', action: 'core.set', input: { heard: 'repaired' } }] : []),
      ],
      ...(recovers ? { vars: { why: '' } } : {}),
      output_map: recovers
        ? { depth: level, heard: '{{ task.repair.result.data.heard }}', why: '{{ workflow.why }}' }
        : { depth: '{{ task.inner.result.depth + 1 }}', heard: '{{ task.inner.result.heard }}' },
    });
  }
  return ref;
}

/** The line from the root down to the deepest execution. */
function lineOf(tree: readonly TreeNode[]): TreeNode[] {
  const line = tree.filter(({ parentId }) => parentId === null);
  for (let next = line.at(-1); next; line.push(next)) {
    const { id } = line.at(-1) as TreeNode;
    next = tree.find(({ parentId, taskName }) => parentId === id && taskName === 'inner');
    if (!next) break;
  }
  return line;
}

scenario.describe('nested workflows', () => {
  for (const levels of [3, 4, 6]) {
    scenario(
      `T2.1 ${levels} levels: each parent waits for its child, and the result comes up`,
      async ({ studio }) => {
        const ref = await nest(studio, levels);
        const id = await studio.run(ref, { word: 'hello' });

        const during = await studio.untilTree(id, (tree) =>
          tree.some(({ kind, state }) => kind === 'action' && state === 'running'),
        );
        expect(lineOf(during).map(({ kind, state }) => [kind, state])).toEqual([
          ...Array.from({ length: levels }, () => ['workflow', 'running']),
          ['action', 'running'],
        ]);

        expect(await studio.ended(id)).toMatchObject({
          state: 'completed',
          parentId: null,
          rootId: id,
          result: { depth: levels, heard: 'hello' },
        });
        const tree = await studio.tree(id);
        const line = lineOf(tree);
        expect(line).toHaveLength(levels + 1);
        expect(tree).toHaveLength(levels + 1);
        expect(line.map(({ rootId }) => rootId)).toEqual(line.map(() => id));
        expect(line.slice(1).map(({ parentId }) => parentId)).toEqual(
          line.slice(0, -1).map((node) => node.id),
        );
        for (const [place, child] of line.entries()) {
          const parent = line[place - 1];
          if (!parent) continue;
          expect(at(parent.startedAt)).toBeLessThanOrEqual(at(child.startedAt));
          expect(at(parent.endedAt)).toBeGreaterThanOrEqual(at(child.endedAt));
        }
        // Every level has the result of the one below it.
        const results = await Promise.all(line.map((node) => studio.get<{ depth?: number }>(node.id)));
        expect(results.slice(0, -1).map(({ result }) => result.depth)).toEqual(
          Array.from({ length: levels }, (_, place) => levels - place),
        );
      },
    );
  }

  scenario(
    'T2.1 a failure deep down fails every level above it, each with the reason',
    async ({ studio }) => {
      const id = await studio.run(await nest(studio, 4), { word: 'bad' });
      await studio.ended(id);
      const line = lineOf(await studio.tree(id));
      expect(line).toHaveLength(5);
      for (const node of line) {
        expect(node.state).toBe('failed');
        expect(node.error).toContain('exited with code 3: at the bottom: bad');
      }
      const results = await Promise.all(line.slice(0, -1).map(({ id: at }) => studio.get(at)));
      for (const { result } of results)
        expect(result).toMatchObject({ succeeded: false, errors: [{ task: 'inner', status: 'failed' }] });
    },
  );

  scenario(
    'T2.1 a level in the middle recovers, and those above it never hear of the failure',
    async ({ studio }) => {
      const id = await studio.run(await nest(studio, 4, { level: 3, recovers: true }), { word: 'bad' });
      expect(await studio.ended(id)).toMatchObject({
        state: 'completed',
        result: { depth: 4, heard: 'repaired' },
      });
      const line = lineOf(await studio.tree(id));
      expect(line.map(({ state }) => state)).toEqual([
        'completed',
        'completed',
        'failed',
        'failed',
        'failed',
      ]);
      const middle = await studio.get<{ why: string }>(line[1]?.id ?? 0);
      expect(middle.result.why).toContain('at the bottom: bad');
    },
  );
});
