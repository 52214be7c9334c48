import { describe, expect, test } from 'vitest';
import type { Definition } from '@/engine/definition/schema';
import { dryRun } from './dry-run';

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
