import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase } from '../db';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { createWorkflow, publish, saveDraft } from './service';

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

/** Saves a definition as the draft of a new workflow; its problems as `severity code place`. */
async function saveAs(ref: string, definition: JsonObject): Promise<string[]> {
  await createWorkflow(ada, { packRef: 'ops', ref, label: ref, description: '' });
  const saved = await saveDraft(ada, { ref, draftVersion: 1, definition, layout: { positions: {} } });
  return saved.problems.map(({ severity, code, task, field }) =>
    [severity, code, task, field].filter(Boolean).join(' '),
  );
}

describe('the checks of a draft', () => {
  it('Rule 18: a workflow may run itself, with the parameters of its draft; without end is a warning', async () => {
    const parameters = { n: { type: 'integer', required: true } };
    const guarded = [
      { name: 'a', action: 'core.noop', next: [{ when: '{{ parameters.n > 0 }}', do: ['b'] }] },
      { name: 'b', action: 'ops.self', input: { n: '{{ parameters.n - 1 }}' } },
    ];
    expect(await saveAs('ops.self', { parameters, tasks: guarded })).toEqual([]);
    await publish(ada, { ref: 'ops.self', draftVersion: 2, note: '' });
    expect(
      await saveAs('ops.endless', { tasks: [{ name: 'b', action: 'ops.endless', input: { n: 1 } }] }),
    ).toEqual(['warning endless_recursion b action']);
    expect(
      await saveAs('ops.lacking', { parameters, tasks: [{ name: 'b', action: 'ops.lacking' }] }),
    ).toEqual(['error missing_input b input.n', 'warning endless_recursion b action']);
  });

  it('Rule 18: a workflow of the same pack that is not published yet is known', async () => {
    await saveAs('ops.child', { tasks: [{ name: 'a', action: 'core.noop' }] });
    expect(await saveAs('ops.parent', { tasks: [{ name: 'a', action: 'ops.child' }] })).toEqual([]);
  });

  it('are a list for what is hostile, and the draft is kept without what cannot be', async () => {
    let deep: JsonObject = { core: 1 };
    for (let level = 0; level < 20_000; level += 1) deep = { deep };
    const codes = await saveAs('ops.hostile', {
      vars: { deep, nul: 'a\u0000b', half: '\ud800' },
      tasks: [{ name: 'n'.repeat(1_000_000), action: 'core.noop', retry: 'x', next: 7 }],
    });
    expect(codes.map((each) => each.split(' ')[1])).toEqual([
      'too_deep',
      'wrong_character',
      'wrong_character',
      'long_name',
      'wrong_type',
      'wrong_type',
      'unused_variable',
      'unused_variable',
      'unused_variable',
    ]);
    expect(await saveAs('ops.text', { tasks: 'x'.repeat(20_000) })).toEqual([
      'error wrong_type tasks',
      'error no_tasks tasks',
    ]);
  });
});
