import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAction, getAction } from '../actions/service';
import { closeDatabase, inSystem } from '../db';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import {
  createWorkflow,
  getRevision,
  getWorkflow,
  listRevisions,
  listWorkflows,
  publish,
  removeWorkflow,
  restoreRevision,
  saveDraft,
} from './service';

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  await createAction(ada, {
    packRef: 'ops',
    ref: 'ops.step',
    label: 'Step',
    description: '',
    runtime: 'shell',
    code: 'echo step',
    paramSchema: { text: { type: 'string' } },
    outputFormat: 'text',
    timeoutSeconds: 10,
    idempotent: false,
  });
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const definition = (text: string, others: JsonObject = {}): JsonObject => ({
  tasks: [{ name: 'a', action: 'ops.step', input: { text } }],
  ...others,
});
const layout = { positions: { a: { x: 12, y: 24 } } };

async function make(ref: string): Promise<void> {
  await createWorkflow(ada, { packRef: 'ops', ref, label: 'Flow', description: '' });
}

describe('workflows', () => {
  it('begin as an empty draft with an action of the same name', async () => {
    await make('ops.new');
    const workflow = await getWorkflow(ada, 'ops.new');
    expect(workflow).toMatchObject({
      ref: 'ops.new',
      published: null,
      hasChanges: true,
      tasks: 0,
      draftVersion: 1,
      draftUpdatedBy: 'Ada',
      mayEdit: true,
    });
    expect(workflow.definition.tasks).toEqual([]);
    expect(await getAction(ada, 'ops.new')).toMatchObject({
      runtime: 'workflow',
      entrypoint: '',
      label: 'Flow',
    });
    expect((await listWorkflows(ada)).map((each) => each.ref)).toContain('ops.new');
    expect((await readFeed(ada.tenantId, 'workflow')).at(-1)).toMatchObject({
      kind: 'created',
      payload: { ref: 'ops.new' },
    });
    await expect(make('ops.new')).rejects.toMatchObject({ code: 'action_exists' });
  });

  it('keep a draft with problems and say what they are', async () => {
    await make('ops.problems');
    const saved = await saveDraft(ada, {
      ref: 'ops.problems',
      draftVersion: 1,
      definition: { tasks: [{ name: 'a', action: 'ops.stepp' }] },
      layout,
    });
    expect(saved.draftVersion).toBe(2);
    expect(saved.problems.filter((problem) => problem.severity === 'error')).toHaveLength(1);
    expect(await getWorkflow(ada, 'ops.problems')).toMatchObject({ layout, problems: saved.problems });
    await expect(publish(ada, { ref: 'ops.problems', draftVersion: 2, note: '' })).rejects.toMatchObject({
      kind: 'invalid',
      code: 'has_problems',
      details: [{ path: 'tasks.a.action', message: expect.stringContaining('ops.stepp') as string }],
    });
  });

  it('give their limit to the action that runs them when they are published', async () => {
    await make('ops.limited');
    const limited = definition('one', { concurrency: 2 });
    await saveDraft(ada, { ref: 'ops.limited', draftVersion: 1, definition: limited, layout });
    expect((await getAction(ada, 'ops.limited')).concurrency).toBeNull();
    await publish(ada, { ref: 'ops.limited', draftVersion: 2, note: '' });
    expect((await getAction(ada, 'ops.limited')).concurrency).toEqual({ limit: 2 });
    await saveDraft(ada, { ref: 'ops.limited', draftVersion: 2, definition: definition('one'), layout });
    await publish(ada, { ref: 'ops.limited', draftVersion: 3, note: '' });
    expect((await getAction(ada, 'ops.limited')).concurrency).toBeNull();
  });

  it('are published as numbered revisions that do not change', async () => {
    await make('ops.flow');
    const parameters = { region: { type: 'string', required: true } };
    await saveDraft(ada, {
      ref: 'ops.flow',
      draftVersion: 1,
      definition: definition('one', { parameters }),
      layout,
    });
    expect(await publish(ada, { ref: 'ops.flow', draftVersion: 2, note: 'First' })).toMatchObject({
      number: 1,
      note: 'First',
      createdBy: 'Ada',
      isPublished: true,
    });
    expect((await getAction(ada, 'ops.flow')).paramSchema).toMatchObject({
      type: 'object',
      required: ['region'],
      properties: { region: { type: 'string' } },
    });
    await saveDraft(ada, { ref: 'ops.flow', draftVersion: 2, definition: definition('two'), layout });
    expect(await getWorkflow(ada, 'ops.flow')).toMatchObject({ published: 1, hasChanges: true });
    await publish(ada, { ref: 'ops.flow', draftVersion: 3, note: '' });
    expect(await listRevisions(ada, 'ops.flow')).toMatchObject([
      { number: 2, isPublished: true },
      { number: 1, isPublished: false, note: 'First' },
    ]);
    const first = await getRevision(ada, 'ops.flow', 1);
    expect(first.definition.tasks[0]?.input).toEqual({ text: 'one' });
    expect(first.layout).toEqual(layout);
    await expect(
      inSystem((tx) =>
        tx.query(`UPDATE workflow_revision SET note = 'x' WHERE tenant_id = $1`, [ada.tenantId]),
      ),
    ).rejects.toThrow();
    await expect(getRevision(ada, 'ops.flow', 9)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('do not count a move on the canvas as a change', async () => {
    await make('ops.moved');
    await saveDraft(ada, { ref: 'ops.moved', draftVersion: 1, definition: definition('one'), layout });
    await publish(ada, { ref: 'ops.moved', draftVersion: 2, note: '' });
    const moved = await saveDraft(ada, {
      ref: 'ops.moved',
      draftVersion: 2,
      definition: definition('one'),
      layout: { positions: { a: { x: 500, y: 0 } } },
    });
    expect(moved).toMatchObject({ draftVersion: 3, hasChanges: false });
    await expect(publish(ada, { ref: 'ops.moved', draftVersion: 3, note: '' })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'nothing_changed',
    });
  });

  it('are not overwritten by a draft that began earlier', async () => {
    await make('ops.stale');
    const bob = await makePerson(ada.tenantId, 'Bob');
    await saveDraft(bob, { ref: 'ops.stale', draftVersion: 1, definition: definition('bob'), layout });
    const stale = {
      kind: 'conflict',
      code: 'stale_draft',
      message: expect.stringMatching(
        /^Bob saved ops\.stale at .* UTC \(version 2; yours began at 1\)/,
      ) as string,
    };
    await expect(
      saveDraft(ada, { ref: 'ops.stale', draftVersion: 1, definition: definition('ada'), layout }),
    ).rejects.toMatchObject(stale);
    await expect(publish(ada, { ref: 'ops.stale', draftVersion: 1, note: '' })).rejects.toMatchObject(stale);
  });

  it('saved by two people at once take one of them, published by two make one revision', async () => {
    await make('ops.race');
    const bob = await makePerson(ada.tenantId, 'Bob');
    const saves = await Promise.allSettled(
      [ada, bob].map((actor) =>
        saveDraft(actor, { ref: 'ops.race', draftVersion: 1, definition: definition(actor.login), layout }),
      ),
    );
    expect(saves.map((save) => save.status).sort()).toEqual(['fulfilled', 'rejected']);
    const publishes = await Promise.allSettled(
      [ada, bob].map((actor) => publish(actor, { ref: 'ops.race', draftVersion: 2, note: '' })),
    );
    expect(publishes.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await listRevisions(ada, 'ops.race')).toHaveLength(1);
  });

  it('take an old revision back into the draft', async () => {
    await make('ops.restore');
    await saveDraft(ada, { ref: 'ops.restore', draftVersion: 1, definition: definition('one'), layout });
    await publish(ada, { ref: 'ops.restore', draftVersion: 2, note: '' });
    await saveDraft(ada, { ref: 'ops.restore', draftVersion: 2, definition: definition('two'), layout });
    await publish(ada, { ref: 'ops.restore', draftVersion: 3, note: '' });
    const restored = await restoreRevision(ada, 'ops.restore', 1);
    expect(restored).toMatchObject({ draftVersion: 4, published: 2, hasChanges: true });
    expect(restored.definition.tasks[0]?.input).toEqual({ text: 'one' });
  });

  it.each([
    ['what is no definition', 'text', 'invalid'],
    [
      'more than 10,000 tasks',
      { tasks: Array.from({ length: 10_001 }, (_, n) => ({ name: `t${n}` })) },
      'too_large',
    ],
    ['more than 2 MB', { tasks: [], vars: { big: 'x'.repeat(2_100_000) } }, 'too_large'],
  ])('refuse %s as a draft', async (_, given, kind) => {
    await expect(
      saveDraft(ada, { ref: 'ops.flow', draftVersion: 1, definition: given, layout }),
    ).rejects.toMatchObject({ kind });
  });

  it('that another workflow runs are not removed, others are', async () => {
    await make('ops.child');
    await make('ops.parent');
    const parent = (action: string) => ({ tasks: [{ name: 'a', action }] });
    await saveDraft(ada, { ref: 'ops.parent', draftVersion: 1, definition: parent('ops.child'), layout });
    await expect(removeWorkflow(ada, 'ops.child')).rejects.toMatchObject({
      code: 'action_in_use',
      message: expect.stringContaining('the workflow ops.parent') as string,
    });
    await saveDraft(ada, { ref: 'ops.parent', draftVersion: 2, definition: parent('ops.step'), layout });
    expect(await removeWorkflow(ada, 'ops.child')).toBeNull();
    await expect(getWorkflow(ada, 'ops.child')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(getAction(ada, 'ops.child')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('of another tenant read like missing ones', async () => {
    await make('ops.private');
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    const missing = { kind: 'not_found', message: 'There is no workflow ops.private.' };
    for (const attempt of [
      () => getWorkflow(stranger, 'ops.private'),
      () => saveDraft(stranger, { ref: 'ops.private', draftVersion: 1, definition: definition('x'), layout }),
      () => publish(stranger, { ref: 'ops.private', draftVersion: 1, note: '' }),
      () => listRevisions(stranger, 'ops.private'),
      () => removeWorkflow(stranger, 'ops.private'),
    ]) {
      await expect(attempt()).rejects.toMatchObject(missing);
    }
    expect((await listWorkflows(stranger)).map((each) => each.ref)).not.toContain('ops.private');
  });

  it('are changed only by those who may', async () => {
    await make('ops.guarded');
    const reader = await makeReader(ada.tenantId);
    expect((await getWorkflow(reader, 'ops.guarded')).mayEdit).toBe(false);
    for (const attempt of [
      () => createWorkflow(reader, { packRef: 'ops', ref: 'ops.no', label: 'No', description: '' }),
      () => saveDraft(reader, { ref: 'ops.guarded', draftVersion: 1, definition: definition('x'), layout }),
      () => publish(reader, { ref: 'ops.guarded', draftVersion: 1, note: '' }),
      () => restoreRevision(reader, 'ops.guarded', 1),
      () => removeWorkflow(reader, 'ops.guarded'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ kind: 'forbidden' });
    }
  });
});
