import { expect, test } from 'vitest';
import type { Definition } from '@/engine/definition/schema';
import { edgeMaker, linksOf, nodeMaker, type GraphInput } from './graph';
import { nothingSelected } from './view';

const definition: Definition = {
  tasks: [
    {
      name: 'check',
      action: 'ops.check',
      next: [
        { when: '{{ succeeded() and result().data.ok }}', label: 'all well', do: ['report'] },
        { when: '{{ failed() }}', do: ['repair', '$fail'] },
      ],
    },
    { name: 'repair', action: 'ops.repair', next: [{ do: ['check', 'gone'] }] },
    { name: 'report', action: 'core.echo', next: [] },
  ],
};
const input: GraphInput = {
  definition,
  positions: { check: { x: 0, y: 0 }, repair: { x: 300, y: 168 }, report: { x: 0, y: 168 } },
  catalog: new Map(),
  problems: new Map(),
  run: null,
  marks: new Map(),
  selection: nothingSelected,
  editable: true,
  behind: [],
  inside: new Map(),
};

test('a card per task, a sign per end of a branch, a line per target that exists', () => {
  expect(nodeMaker()(input).map(({ id, type }) => [id, type])).toEqual([
    ['check', 'task'],
    ['check#1#$fail', 'terminal'],
    ['repair', 'task'],
    ['report', 'task'],
  ]);
  expect(
    edgeMaker()(input).map(({ id, sourceHandle, data }) => [id, sourceHandle, data?.kind, data?.text]),
  ).toEqual([
    ['check#0→report', 'success', 'custom', 'all well'],
    ['check#1→repair', 'failure', 'failure', ''],
    ['check#1→$fail', 'failure', 'failure', ''],
    ['repair#0→check', 'always', 'always', ''],
  ]);
});

test('an edit makes only the cards and lines anew that it touches', () => {
  const makeNodes = nodeMaker();
  const makeEdges = edgeMaker();
  const nodes = makeNodes(input);
  const edges = makeEdges(input);
  const [check, repair, report] = definition.tasks;
  if (!check || !repair || !report) throw new Error('no tasks');
  const edited = { ...input, definition: { tasks: [check, repair, { ...report, timeout: 5 }] } };
  expect(makeNodes(edited).map((node, index) => node === nodes[index])).toEqual([true, true, true, false]);
  expect(makeEdges(edited).every((edge, index) => edge === edges[index])).toBe(true);
});

test('a run paints the state of each task and the transitions that fired', () => {
  const run = {
    tasks: new Map([
      [
        'check',
        {
          state: 'failed',
          visits: 1,
          startedAt: null,
          endedAt: null,
          error: 'full',
          items: null,
          keptFrom: null,
        },
      ],
    ]),
    fired: new Map([['check#1', 2]]),
  };
  const labels = nodeMaker()({ ...input, run }).map(({ ariaLabel }) => ariaLabel);
  expect(labels).toContain('Task check, ops.check, failed');
  expect(labels).toContain('Task report, core.echo, not run');
  expect(edgeMaker()({ ...input, run }).map(({ data }) => data?.fired)).toEqual([0, 2, 2, 0]);
});

test('tidying looks only at lines among the chosen tasks', () => {
  expect(linksOf(definition, new Set(['check', 'repair']))).toEqual([
    { from: 'check', to: 'repair', exit: 'failure' },
    { from: 'repair', to: 'check', exit: 'always' },
  ]);
});
