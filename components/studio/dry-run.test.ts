import { describe, expect, test } from 'vitest';
import type { Definition } from '@/engine/definition/schema';
import { dryRun, type DryCall } from './dry-run';
import type { RunRecord } from './scope-data';
import type { Surroundings } from './sub-workflows';

const definition: Definition = {
  parameters: { app: { type: 'string', default: 'web' } },
  tasks: [
    {
      name: 'check',
      action: 'core.http_request',
      next: [
        { when: '{{ result().data.ok }}', do: ['deploy'] },
        { otherwise: true, do: ['tell'] },
      ],
    },
    { name: 'deploy', action: 'ops.deploy', input: { app: '{{ parameters.app }}' }, next: [] },
    { name: 'tell', action: 'core.echo', next: [] },
  ],
};
const played = (draft: Definition, pins = {}) => {
  const dry = dryRun(draft, null, pins);
  if (dry.kind !== 'played') throw new Error(dry.message);
  return dry;
};

describe('a dry run', () => {
  test('takes the transitions that the pinned outputs lead to', () => {
    const dry = played(definition, { check: { data: { ok: true } } });
    expect(dry.tasks).toEqual(['check', 'deploy']);
    expect([...dry.overlay.fired]).toEqual([['check#0', 1]]);
    expect(played(definition, { check: { data: { ok: false } } }).tasks).toEqual(['check', 'tell']);
  });

  test('says how it would end, and why', () => {
    const failing: Definition = {
      tasks: [{ name: 'a', action: 'core.echo', input: { x: '{{ 1 / 0 }}' }, next: [] }],
    };
    expect(played(failing)).toMatchObject({ state: 'failed' });
  });

  test('ends a loop that nothing ends', () => {
    const loop: Definition = {
      tasks: [
        { name: 'a', action: 'core.echo', next: [{ do: ['a'] }] },
        { name: 'begin', action: 'core.noop', next: [{ do: ['a'] }] },
      ],
    };
    const dry = played(loop);
    expect(dry.state).toBe('failed');
    expect(dry.overlay.tasks.get('a')?.visits).toBeLessThanOrEqual(500);
  });

  test('gives each item what its place in a pinned list holds', () => {
    const items: Definition = {
      tasks: [
        {
          name: 'each',
          action: 'core.echo',
          with_items: { items: ['a', 'b'] },
          next: [{ when: '{{ result()[1].stdout == "two" }}', do: ['after'] }],
        },
        { name: 'after', action: 'core.noop', next: [] },
      ],
    };
    expect(played(items, { each: [{ stdout: 'one' }, { stdout: 'two' }] }).tasks).toEqual(['each', 'after']);
  });
});

const child: Definition = {
  parameters: { type: 'object', properties: { app: { type: 'string' } } },
  tasks: [
    { name: 'look', action: 'core.http_request', next: [{ when: '{{ result().data.ok }}', do: ['tell'] }] },
    { name: 'tell', action: 'core.echo', next: [] },
  ],
  output_map: { app: '{{ parameters.app }}', ok: '{{ task.look.result.data.ok }}' },
};
const parent: Definition = {
  tasks: [
    {
      name: 'call',
      action: 'ops.child',
      input: { app: 'shop' },
      next: [
        { when: '{{ result().app == "shop" }}', do: ['yes'] },
        { when: '{{ failed() }}', do: ['no'] },
      ],
    },
    { name: 'yes', action: 'core.noop', next: [] },
    { name: 'no', action: 'core.noop', next: [] },
  ],
};
const around = (definitions: Record<string, Definition>, runs: Surroundings['runs'] = new Map()) => ({
  workflows: new Map(
    Object.entries(definitions).map(([ref, definition]) => [ref, { label: ref, definition, positions: {} }]),
  ),
  runs,
});
const calling = (
  draft: Definition,
  surroundings: Surroundings,
  pins = {},
  record: RunRecord | null = null,
) => {
  const dry = dryRun(draft, record, pins, surroundings);
  if (dry.kind !== 'played') throw new Error(dry.message);
  return dry;
};
const inside = (call: DryCall | undefined) => {
  if (call?.dry.kind !== 'played') throw new Error(call?.dry.message ?? 'no call');
  return call.dry;
};

describe('a dry run of a step that calls a workflow', () => {
  test('plays that with its own definition, and takes what it comes to as the result of the step', () => {
    const dry = calling(parent, around({ 'ops.child': child }));
    expect(dry.tasks).toEqual(['call', 'yes']);
    expect(dry.calls).toMatchObject([{ task: 'call', workflowRef: 'ops.child', input: { app: 'shop' } }]);
    expect(inside(dry.calls[0])).toMatchObject({ state: 'completed', tasks: ['look'] });
    expect(dry.results['call']).toEqual({ app: 'shop', ok: null });
  });

  test('takes its failure for one of the step', () => {
    const failing: Definition = { tasks: [{ name: 'a', action: 'core.noop', next: [{ do: ['$fail'] }] }] };
    const dry = calling(parent, around({ 'ops.child': failing }));
    expect(dry.tasks).toEqual(['call', 'no']);
    expect(inside(dry.calls[0]).state).toBe('failed');
  });

  test('plays nothing where the result is set by hand', () => {
    const dry = calling(parent, around({ 'ops.child': child }), { call: { app: 'other' } });
    expect(dry.tasks).toEqual(['call']);
    expect(dry.calls).toEqual([]);
  });

  test('gives the tasks in it what they gave in the last run', () => {
    const summary = {
      parentId: null,
      taskName: null,
      itemIndex: null,
      visit: 1,
      attempt: 1,
      created: '',
      startedAt: '',
    };
    const tree = [
      { ...summary, id: 1 },
      { ...summary, id: 2, parentId: 1, taskName: 'call', kind: 'workflow', actionRef: 'ops.child' },
    ] as unknown as RunRecord['tree'];
    const execution = tree[0];
    if (!execution) throw new Error('no execution');
    const record: RunRecord = { execution, parameters: {}, run: null, tree };
    const look = { task: 'look', visit: 1, status: 'completed', result: { data: { ok: true } } };
    const runs = new Map([[2, { executionId: 2, taskRuns: [look], variables: {} }]]) as unknown;
    const dry = calling(parent, around({ 'ops.child': child }, runs as Surroundings['runs']), {}, record);
    expect(inside(dry.calls[0]).tasks).toEqual(['look', 'tell']);
    expect(dry.results['call']).toEqual({ app: 'shop', ok: true });
  });

  test('plays one for each item, with what that is given', () => {
    const each: Definition = {
      tasks: [
        {
          name: 'call',
          action: 'ops.child',
          with_items: { items: ['a', 'b'] },
          input: { app: '{{ item }}' },
          next: [],
        },
      ],
    };
    const dry = calling(each, around({ 'ops.child': child }));
    expect(dry.calls.map(({ item, input }) => [item, input['app']])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
    expect(dry.results['call']).toEqual([
      { app: 'a', ok: null },
      { app: 'b', ok: null },
    ]);
  });

  test('is played to a limited depth, and says where it stopped', () => {
    const itself: Definition = { tasks: [{ name: 'again', action: 'ops.itself', next: [] }] };
    const dry = calling(itself, around({ 'ops.itself': itself }));
    let depth = 0;
    for (let call = dry.calls[0]; call; call = call.dry.kind === 'played' ? call.dry.calls[0] : undefined)
      depth += 1;
    expect(depth).toBe(6);
    expect(dry.state).toBe('completed');
    expect(dry.warnings[0]).toMatch(/Not played: workflows are followed 5 deep/);
  });

  test('ends also where each level calls many', () => {
    const many: Definition = {
      tasks: Array.from({ length: 12 }, (_, place) => ({
        ...{ name: `t${place}`, action: 'ops.many', next: [] },
      })),
    };
    const dry = calling(many, around({ 'ops.many': many }));
    expect(dry.warnings.some((warning) => warning.includes('too many tasks'))).toBe(true);
  });
});
