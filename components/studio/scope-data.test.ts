import { describe, expect, test } from 'vitest';
import type { Definition } from '@/engine/definition/schema';
import { previewOf } from '../code/preview';
import { pathsIn, scopeData, type RunRecord } from './scope-data';
import { scopeOf } from './scope-of';

const definition: Definition = {
  parameters: {
    type: 'object',
    properties: { app: { type: 'string' }, size: { type: 'integer', default: 3 } },
  },
  vars: { image: 'none', later: '{{ parameters.app }}' },
  tasks: [
    { name: 'build', action: 'ci.build', next: [{ do: ['each'] }] },
    {
      name: 'each',
      action: 'core.echo',
      with_items: { items: '{{ task.build.result.data.hosts }}' },
      next: [],
    },
  ],
};
const execution = {
  id: 7,
  created: '2026-01-01T00:00:00Z',
  startedAt: null,
  attempt: 1,
} as RunRecord['execution'];
const record: RunRecord = {
  execution,
  parameters: { app: 'web' },
  tree: [],
  run: {
    executionId: 7,
    workflowRef: 'a.b',
    revision: 1,
    definition,
    layout: { positions: {} },
    taskRuns: [
      {
        task: 'build',
        visit: 1,
        status: 'completed',
        error: null,
        keptFrom: null,
        transitions: [],
        result: { data: { hosts: ['a', 'b'], image: 'app:7' } },
      },
    ],
    variables: { image: 'app:7' },
    held: [],
    warnings: [],
  },
};
const [build, each] = definition.tasks as [Definition['tasks'][number], Definition['tasks'][number]];
const show = (source: string, task = build, after = false, from: RunRecord | null = record, pins = {}) =>
  previewOf(source, false, scopeData(definition, task, after, from, pins, 'run 7'));

describe('the values that expressions are previewed with', () => {
  test('are the last run’s', () => {
    expect(show('{{ parameters.app }} {{ workflow.image }}')).toMatchObject({ value: 'web app:7' });
    expect(show('{{ task.build.result.data.image }}', each)).toMatchObject({ value: 'app:7' });
    expect(show('{{ execution.id }}')).toMatchObject({ value: 7 });
  });

  test('are what is pinned before what ran', () => {
    const pins = { build: { data: { image: 'held' } } };
    expect(show('{{ task.build.result.data.image }}', each, false, record, pins)).toMatchObject({
      value: 'held',
    });
  });

  test('are the defaults while nothing has run, and what has none is absent', () => {
    expect(show('{{ parameters.size }}', build, false, null)).toMatchObject({ value: 3 });
    expect(show('{{ workflow.image }}', build, false, null)).toMatchObject({ value: 'none' });
    expect(show('{{ parameters.app }}', build, false, null)).toEqual({
      kind: 'absent',
      path: 'parameters.app',
    });
    expect(show('{{ task.build.result }}', each, false, null)).toEqual({
      kind: 'absent',
      path: 'task.build',
    });
  });

  test('are the task’s own outcome once it has ended', () => {
    expect(show('{{ result().image }}', build, true)).toMatchObject({ value: 'app:7' });
    expect(show('{{ succeeded() }}', build, true)).toMatchObject({ value: true });
    expect(show('{{ succeeded() }}', each, true)).toEqual({ kind: 'absent', path: 'succeeded()' });
  });

  test('have the first item of what a task repeats over', () => {
    expect(show('{{ item }}{{ index }}', each)).toMatchObject({ value: 'a0' });
    expect(show('{{ item }}', each, false, null)).toEqual({ kind: 'absent', path: 'item' });
  });

  test('give the completion the names that really are in a result', () => {
    const data = scopeData(definition, each, false, record, {}, 'run 7');
    const names = scopeOf(definition, new Map(), each, false, data).names.map(({ path }) => path);
    expect(names).toEqual(
      expect.arrayContaining(['task.build.result.data.image', 'task.build.result.data.hosts[0]']),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  test('list members as deep as three levels', () => {
    expect(pathsIn('x', { a: { b: { c: { d: 1 } } }, 'no name': 1 }).map(({ path }) => path)).toEqual([
      'x.a',
      'x.a.b',
      'x.a.b.c',
    ]);
  });
});
