import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { rehearse } from '../execution/rehearse';
import type { Json } from '../expression/expression';
import { pinnedAction, toDraftRun } from './draft-run';
import type { Definition } from './schema';

/** build ─success→ test ─success→ deploy, and build ─failure→ tell. */
const pipeline: Definition = {
  vars: { images: [] },
  tasks: [
    {
      name: 'build',
      action: 'ci.build',
      retry: { count: 2 },
      next: [
        { when: '{{ succeeded() }}', publish: [{ images: '{{ [result().data.image] }}' }], do: ['test'] },
        { when: '{{ failed() }}', do: ['tell'] },
      ],
    },
    {
      name: 'test',
      action: 'ci.test',
      input: { image: '{{ task.build.result.data.image }}' },
      next: [{ when: '{{ succeeded() }}', do: ['deploy'] }],
    },
    {
      name: 'deploy',
      action: 'ops.deploy',
      input: { image: '{{ task.build.result.data.image }}', images: '{{ workflow.images }}' },
      next: [],
    },
    { name: 'tell', action: 'core.echo', next: [] },
  ],
  output_map: { image: '{{ task.build.result.data.image }}' },
};

/** Plays it with core.pinned as the worker does it: what it is given is its result. */
function play(definition: Definition) {
  const script = Object.fromEntries(
    definition.tasks.map(({ name, action }) => [
      name,
      action === pinnedAction
        ? (start: { input: Json }) => ({ result: (start.input as { result: Json }).result })
        : { data: { image: 'real' } },
    ]),
  );
  const { attempts, end } = rehearse(definition, script);
  return {
    end,
    inputs: Object.fromEntries(attempts.map(({ task, input }) => [task, input])),
    ran: attempts.map(({ task, action }) => `${task} ${action}`),
  };
}

describe('a run of a draft', () => {
  test('runs the draft as it is, without pins', () => {
    expect(toDraftRun(pipeline)).toEqual(pipeline);
  });

  test('takes a held output instead of running its task, and goes on from it', () => {
    const run = play(toDraftRun(pipeline, { pins: { build: { succeeded: true, data: { image: 'held' } } } }));
    expect(run.ran).toEqual(['build core.pinned', 'test ci.test', 'deploy ops.deploy']);
    expect(run.inputs['deploy']).toEqual({ image: 'held', images: ['held'] });
    expect(run.end.output).toEqual({ image: 'held' });
  });

  test('takes a held list for a task that repeats', () => {
    const each: Definition = {
      tasks: [
        { name: 'each', action: 'core.echo', with_items: { items: [1, 2] }, next: [{ do: ['use'] }] },
        { name: 'use', action: 'core.echo', input: { all: '{{ task.each.result }}' }, next: [] },
      ],
    };
    const run = play(toDraftRun(each, { pins: { each: [{ data: 1 }, { data: 2 }, { data: 3 }] } }));
    expect(run.inputs['use']).toEqual({ all: [{ data: 1 }, { data: 2 }, { data: 3 }] });
  });

  test('runs one step alone, with the results of an earlier run, and nothing that follows', () => {
    const only = { task: 'deploy', kind: 'step' } as const;
    const run = play(
      toDraftRun(pipeline, {
        only,
        results: { build: { data: { image: 'before' } } },
        variables: { images: ['v'] },
      }),
    );
    expect(run.ran).toEqual(['build core.pinned', 'deploy ops.deploy']);
    expect(run.inputs['deploy']).toEqual({ image: 'before', images: ['v'] });
  });

  test('runs a step that reads of several once, after all of them', () => {
    const two: Definition = {
      tasks: [
        { name: 'a', action: 'core.echo', next: [{ do: ['c'] }] },
        { name: 'b', action: 'core.echo', next: [{ do: ['c'] }] },
        {
          name: 'c',
          action: 'core.set',
          join: 'all',
          input: { a: '{{ task.a.result.x }}', b: '{{ task.b.result.x }}' },
          next: [],
        },
      ],
    };
    const run = play(
      toDraftRun(two, { only: { task: 'c', kind: 'step' }, results: { a: { x: 1 }, b: { x: 2 } } }),
    );
    expect(run.ran).toEqual(['a core.pinned', 'b core.pinned', 'c core.set']);
    expect(run.inputs['c']).toEqual({ a: 1, b: 2 });
  });

  test('a step that joined starts though its sources are not there', () => {
    const joined: Definition = {
      tasks: [
        { name: 'a', action: 'core.echo', next: [{ do: ['c'] }] },
        { name: 'c', action: 'core.set', join: 2, next: [] },
      ],
    };
    expect(play(toDraftRun(joined, { only: { task: 'c', kind: 'step' } })).end.state).toBe('completed');
  });

  test('prefers a held output over that of an earlier run', () => {
    const only = { task: 'test', kind: 'step' } as const;
    const run = play(
      toDraftRun(pipeline, {
        only,
        pins: { build: { data: { image: 'held' } } },
        results: { build: { data: { image: 'before' } } },
      }),
    );
    expect(run.inputs['test']).toEqual({ image: 'held' });
  });

  test('runs a step itself, also when its own output is held', () => {
    const only = { task: 'build', kind: 'step' } as const;
    expect(play(toDraftRun(pipeline, { only, pins: { build: {} } })).ran).toEqual(['build ci.build']);
  });

  test('runs to a task: what leads to it, it, and no more', () => {
    const run = play(toDraftRun(pipeline, { only: { task: 'test', kind: 'to' } }));
    expect(run.ran).toEqual(['build ci.build', 'test ci.test']);
    expect(run.end.state).toBe('completed');
  });

  test('needs nothing behind a held output on the way to a task', () => {
    const run = play(
      toDraftRun(pipeline, {
        only: { task: 'deploy', kind: 'to' },
        pins: { test: {} },
        results: { build: { data: { image: 'before' } } },
      }),
    );
    expect(run.ran).toEqual(['build core.pinned', 'test core.pinned', 'deploy ops.deploy']);
    expect(run.inputs['deploy']).toEqual({ image: 'before', images: [] });
  });

  test('runs to a task within a loop', () => {
    const loop: Definition = {
      tasks: [
        { name: 'a', action: 'core.echo', next: [{ do: ['b'] }] },
        { name: 'b', action: 'core.echo', next: [{ do: ['a'] }] },
      ],
    };
    const { tasks } = toDraftRun(loop, { only: { task: 'b', kind: 'to' } });
    expect(tasks.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(tasks[1]?.next).toEqual([]);
  });

  test('gives any held output exactly as it is, also where it looks like an expression', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string(),
          fc.oneof(
            fc.json().map((text) => JSON.parse(text) as Json),
            fc.constantFrom('{{ 1 }}', '{% if x %}', '{# #}', '{{{', '}}'),
          ),
          { maxKeys: 4 },
        ),
        (held) => {
          // The engine gives back own keys only.
          fc.pre(!JSON.stringify(held).includes('__proto__'));
          const { end } = play(
            toDraftRun(
              {
                tasks: [{ name: 'a', action: 'x.y', next: [] }],
                output_map: { held: '{{ task.a.result }}' },
              },
              { pins: { a: held } },
            ),
          );
          expect(end.output).toEqual({ held });
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('disabled tasks', () => {
  const names = (definition: Definition) => definition.tasks.map(({ name }) => name);
  const leads = (definition: Definition, from: string) =>
    definition.tasks.find(({ name }) => name === from)?.next.flatMap((transition) => transition.do);

  test('are left out, and what led to them leads on', () => {
    const made = toDraftRun(pipeline, { disabled: ['test'] });
    expect(names(made)).toEqual(['build', 'deploy', 'tell']);
    expect(leads(made, 'build')).toEqual(['deploy', 'tell']);
    expect(made.tasks[0]?.next[0]?.publish).toEqual([{ images: '{{ [result().data.image] }}' }]);
  });

  test('do not lie on the way to a task, but are run when asked for', () => {
    const disabled = ['build', 'test'];
    const to = toDraftRun(pipeline, { disabled, only: { task: 'test', kind: 'to' } });
    // What it reads of the disabled one comes as an output.
    expect(to.tasks.map(({ name, action }) => [name, action])).toEqual([
      ['build', pinnedAction],
      ['test', 'ci.test'],
    ]);
  });

  test('none leave the definition as it is', () => {
    expect(toDraftRun(pipeline, { disabled: [] })).toEqual(pipeline);
  });
});
