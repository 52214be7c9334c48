import { describe, expect, test } from 'vitest';
import { rehearse, type Reply, type Script } from '../execution/rehearse';
import { extractTasks } from './extract';
import { parseDefinition } from './parse';
import type { Definition } from './schema';
import { validateDefinition } from './validate';

const ref = 'ops.part';
const read = (written: object): Definition => parseDefinition(written as never).definition;

/** begin ─► build ─► test ─► deploy ─► tell; build and test fail to alarm. */
const pipeline = read({
  parameters: { app: { type: 'string', required: true }, dry: { type: 'boolean' } },
  vars: { image: 'none', count: 0 },
  tasks: [
    {
      name: 'begin',
      action: 'x.begin',
      next: [{ when: '{{ succeeded() }}', publish: [{ count: '{{ workflow.count + 1 }}' }], do: ['build'] }],
    },
    {
      name: 'build',
      action: 'x.build',
      input: {
        app: '{{ parameters.app }}',
        by: '{{ task.begin.result.data.who }}',
        n: '{{ workflow.count }}',
      },
      next: [
        { when: '{{ succeeded() }}', publish: [{ image: '{{ result().data.image }}' }], do: ['test'] },
        { when: '{{ failed() }}', do: ['alarm'] },
      ],
    },
    {
      name: 'test',
      action: 'x.test',
      input: { image: '{{ workflow.image }}' },
      next: [
        { when: '{{ succeeded() }}', do: ['deploy'] },
        { when: '{{ failed() }}', do: ['alarm'] },
      ],
    },
    {
      name: 'deploy',
      action: 'x.deploy',
      input: { image: '{{ workflow.image }}', report: "{{ task['test'].result.data.report }}" },
      next: [{ when: '{{ succeeded() }}', do: ['tell'] }],
    },
    { name: 'tell', action: 'x.tell', input: { was: '{{ task.test.status }}' } },
    { name: 'alarm', action: 'x.alarm' },
  ],
  output_map: { image: '{{ workflow.image }}' },
});
const script: Record<string, Reply> = {
  begin: { data: { who: 'ada' } },
  build: { data: { image: 'app:7' } },
  test: { data: { report: 'fine' } },
};

function extract(definition: Definition, names: string[]) {
  const found = extractTasks(definition, names, ref);
  if (!found.isPossible) throw new Error(found.reasons.join(' '));
  return found;
}
function refused(definition: Definition, names: string[]): string {
  const found = extractTasks(definition, names, ref);
  return found.isPossible ? '' : found.reasons.join(' ');
}

/** What each action of the whole was given, and how it ended. */
function play(
  definition: Definition,
  workflows: Record<string, Definition> = {},
  answers: Record<string, Reply> = script,
) {
  const given: Record<string, unknown> = {};
  const noting: Script = Object.fromEntries(
    ['begin', 'build', 'test', 'deploy', 'tell', 'alarm'].map((name) => [
      name,
      (start) => {
        given[name] = start.input;
        return answers[name] ?? {};
      },
    ]),
  );
  const { end } = rehearse(definition, noting, { parameters: { app: 'shop' }, workflows });
  return { given, end };
}

describe('a selection that becomes a workflow of its own', () => {
  test('runs as it did, with what it reads as parameters and what is read of it as output', () => {
    const { definition, extracted, task } = extract(pipeline, ['build', 'test']);
    expect(task).toBe('part');
    expect(definition.tasks.map(({ name }) => name)).toEqual(['begin', 'part', 'deploy', 'tell', 'alarm']);
    expect(play(definition, { [ref]: extracted })).toEqual(play(pipeline));
    expect(Object.keys((extracted.parameters?.['properties'] ?? {}) as object).sort()).toEqual([
      'app',
      'begin_result',
      'count',
      'image',
    ]);
  });

  test('has no problems, and neither has what is left', () => {
    const { definition, extracted } = extract(pipeline, ['build', 'test']);
    const catalog = ['begin', 'build', 'test', 'deploy', 'tell', 'alarm'].map((name) => ({
      ref: `x.${name}`,
      paramSchema: { type: 'object', additionalProperties: true },
    }));
    const errors = (checked: Definition) =>
      validateDefinition(
        checked,
        [...catalog, { ref, paramSchema: extracted.parameters ?? {} }],
        'ops.whole',
      ).filter(({ severity }) => severity === 'error');
    expect(errors(extracted)).toEqual([]);
    expect(errors(definition)).toEqual([]);
  });

  test('leads on to where its failures led', () => {
    const { definition, extracted } = extract(pipeline, ['build', 'test']);
    const answers: Record<string, Reply> = { ...script, test: { outcome: 'failed' } };
    const whole = play(pipeline, {}, answers);
    const parted = play(definition, { [ref]: extracted }, answers);
    expect(Object.keys(parted.given)).toEqual(Object.keys(whole.given));
    expect(Object.keys(parted.given)).toContain('alarm');
  });

  test('may be one task, the beginning, or the end', () => {
    for (const names of [['build'], ['begin'], ['deploy', 'tell'], ['tell']]) {
      const found = extractTasks(pipeline, names, ref);
      if (!found.isPossible) {
        expect(found.reasons.join()).toMatch(/result\(\)/);
        continue;
      }
      expect(play(found.definition, { [ref]: found.extracted })).toEqual(play(pipeline));
    }
  });

  test('keeps the join of the task that it begins with', () => {
    const joined = read({
      tasks: [
        { name: 'begin', action: 'x.a', next: [{ do: ['test'] }] },
        { name: 'build', action: 'x.b', next: [{ do: ['test'] }] },
        { name: 'test', action: 'x.c', join: 'all', next: [{ when: '{{ succeeded() }}', do: ['tell'] }] },
        { name: 'tell', action: 'x.d' },
      ],
    });
    const { definition, extracted } = extract(joined, ['test', 'tell']);
    expect(definition.tasks.find(({ name }) => name === 'part')?.join).toBe('all');
    expect(extracted.tasks[0]).not.toHaveProperty('join');
    expect(play(definition, { [ref]: extracted }).given).toEqual(play(joined).given);
  });
});

describe('a selection that cannot be taken out says why', () => {
  test('when it is entered at several tasks', () => {
    const forked = read({
      tasks: [
        { name: 'begin', action: 'x.a', next: [{ do: ['build', 'test'] }] },
        { name: 'build', action: 'x.b' },
        { name: 'test', action: 'x.c' },
      ],
    });
    expect(refused(forked, ['build', 'test'])).toMatch(/entered at several tasks: build, test/);
  });

  test('when it is left from several tasks', () => {
    const open = read({
      tasks: [
        {
          name: 'begin',
          action: 'x.a',
          next: [
            { when: '{{ succeeded() }}', do: ['build'] },
            { when: '{{ timed_out() }}', do: ['tell'] },
          ],
        },
        { name: 'build', action: 'x.b', next: [{ do: ['tell'] }] },
        { name: 'tell', action: 'x.c' },
      ],
    });
    expect(refused(open, ['begin', 'build'])).toMatch(/left from several tasks: begin, build/);
  });

  test('when a transition out of it reads the result of its task', () => {
    expect(refused(pipeline, ['build'])).toMatch(/leaves build reads result\(\)/);
  });

  test('when a loop leads back to where it is entered', () => {
    const loop = read({
      tasks: [
        { name: 'begin', action: 'x.a', next: [{ do: ['build'] }] },
        { name: 'build', action: 'x.b', next: [{ when: '{{ succeeded() }}', do: ['test'] }] },
        { name: 'test', action: 'x.c', next: [{ when: '{{ failed() }}', do: ['build'] }] },
      ],
    });
    expect(refused(loop, ['build', 'test'])).toMatch(/loop within it leads back/);
  });

  test('when it reads all parameters at once, and when nothing is chosen', () => {
    const all = read({ tasks: [{ name: 'begin', action: 'x.a', input: { all: '{{ parameters }}' } }] });
    expect(refused(all, ['begin'])).toMatch(/all parameters at once/);
    expect(refused(all, [])).toMatch(/at least one task/);
  });
});
