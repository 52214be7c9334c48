import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inConfiguration, inSystem } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant, readFeed } from '../packs/test-people';
import type { CreateAction, UpdateAction } from './schema';
import { createAction, getAction, listActions, listCatalog, removeAction, updateAction } from './service';

let ada: Actor;
beforeAll(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const fields = {
  label: 'Greet',
  description: 'Says hello',
  runtime: 'shell' as const,
  code: 'echo "hello $name"',
  paramSchema: { name: { type: 'string', required: true } },
  outputFormat: 'text' as const,
  timeoutSeconds: 60,
  idempotent: false,
};
const draft = (ref: string): CreateAction => ({ packRef: 'ops', ref, ...fields });
const change = (ref: string, revision: number, code: string): UpdateAction => ({
  ref,
  revision,
  ...fields,
  code,
});

describe('actions', () => {
  it('are made with their parameters as JSON Schema, at revision 1', async () => {
    const action = await createAction(ada, draft('ops.greet'));
    expect(action).toMatchObject({
      ref: 'ops.greet',
      packRef: 'ops',
      code: 'echo "hello $name"',
      revision: 1,
      isAdhoc: true,
      mayEdit: true,
      paramSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
    });
    expect(await getAction(ada, 'ops.greet')).toEqual(action);
    expect((await listActions(ada)).map((each) => each.ref)).toContain('ops.greet');
    expect((await listCatalog(ada)).find((each) => each.ref === 'ops.greet')?.paramSchema).toEqual(
      action.paramSchema,
    );
    expect(await readFeed(ada.tenantId, 'action')).toMatchObject([
      { kind: 'created', payload: { ref: 'ops.greet', runtime: 'shell' }, actorId: ada.identityId },
    ]);
  });

  it('say what an attempt may use; what a save leaves out stays, and an empty answer takes it back', async () => {
    const limits = { memory_mb: 128, processes: 32, cpu: 0.5, disk_mb: 64, network: 'off' as const };
    const made = await createAction(ada, { ...draft('ops.bounded'), limits });
    expect(made.limits).toEqual(limits);
    expect((await createAction(ada, draft('ops.unbounded'))).limits).toEqual({});
    const kept = await updateAction(ada, change('ops.bounded', 1, 'echo again'));
    expect(kept.limits).toEqual(limits);
    const freed = await updateAction(ada, { ...change('ops.bounded', 2, 'echo again'), limits: {} });
    expect(freed.limits).toEqual({});
    expect((await getAction(ada, 'ops.bounded')).limits).toEqual({});
  });

  it('say how their parameters come; what a save leaves out stays', async () => {
    const made = await createAction(ada, {
      ...draft('ops.by_file'),
      parameterDelivery: 'file',
      parameterFormat: 'yaml',
    });
    expect(made).toMatchObject({ parameterDelivery: 'file', parameterFormat: 'yaml' });
    const saved = await updateAction(ada, change('ops.by_file', 1, 'cat'));
    expect(saved).toMatchObject({ parameterDelivery: 'file', parameterFormat: 'yaml' });
    expect(await createAction(ada, draft('ops.by_stdin'))).toMatchObject({
      parameterDelivery: 'stdin',
      parameterFormat: 'json',
    });
  });

  it.each([
    ['http', 'url: https://example.com/{{ id }}', null],
    ['http', 'url: https://example.com/{{ id', 'url: '],
    ['http', 'method: GET', 'url: '],
    ['http', 'url: https://example.com\nbodi: x', 'bodi'],
    ['http', 'url: [', ''],
    ['container', 'image: alpine:3.22\nnetwork: none', null],
    ['container', 'image: -v/:/host', 'image: must be the name of an image'],
    ['container', 'image: alpine\nmemory: lots', 'memory: must be a number of bytes'],
    ['container', 'image: alpine\nenv: {NODE_OPTIONS: x}', 'env.NODE_OPTIONS: changes how programs run'],
    ['container', 'image: alpine\nenv: {TEXT: "a\\nb"}', 'env.TEXT: '],
  ] as const)('of %s declare what can be used: %j', async (runtime, code, problem) => {
    const ref = `ops.declared_${String(Math.random()).slice(2)}`;
    const creating = createAction(ada, { ...draft(ref), runtime, code });
    if (problem === null) expect(await creating).toMatchObject({ runtime, code });
    else
      await expect(creating).rejects.toMatchObject({
        code: 'invalid_declaration',
        details: [{ path: 'code', message: expect.stringContaining(problem) as string }],
      });
  });

  it('keep every revision as it was saved', async () => {
    await createAction(ada, draft('ops.kept'));
    const saved = await updateAction(ada, change('ops.kept', 1, 'echo two'));
    expect(saved).toMatchObject({ revision: 2, code: 'echo two' });
    const rows = await inConfiguration(ada.tenantId, (tx) =>
      tx.prisma.actionRevision.findMany({ where: { actionId: saved.id }, orderBy: { number: 'asc' } }),
    );
    expect(rows.map((row) => [row.number, (row.spec as { code: string }).code])).toEqual([
      [1, 'echo "hello $name"'],
      [2, 'echo two'],
    ]);
  });

  it('are not overwritten by a save that began earlier', async () => {
    await createAction(ada, draft('ops.stale'));
    const bob = await makePerson(ada.tenantId, 'Bob');
    await updateAction(bob, change('ops.stale', 1, 'echo bob'));
    await expect(updateAction(ada, change('ops.stale', 1, 'echo ada'))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'stale_action',
      message: expect.stringMatching(/^Bob saved ops\.stale at .* \(revision 2; yours began at 1/) as string,
    });
    expect((await getAction(ada, 'ops.stale')).code).toBe('echo bob');
  });

  it('saved by two people at once take one of them', async () => {
    await createAction(ada, draft('ops.race'));
    const bob = await makePerson(ada.tenantId, 'Bob');
    const saves = await Promise.allSettled([
      updateAction(ada, change('ops.race', 1, 'echo ada')),
      updateAction(bob, change('ops.race', 1, 'echo bob')),
    ]);
    expect(saves.map((save) => save.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await getAction(ada, 'ops.race')).revision).toBe(2);
  });

  it.each([
    ['a name that is taken', draft('ops.taken'), 'action_exists'],
    ['a name outside of its pack', draft('other.a'), 'invalid'],
    ['an unknown pack', { ...draft('nowhere.a'), packRef: 'nowhere' }, 'pack_not_found'],
    [
      'parameters of an unknown type',
      { ...draft('ops.b'), paramSchema: { a: { type: 'strin' } } },
      'invalid_parameters',
    ],
  ])('refuse %s', async (_, input, code) => {
    if (code === 'action_exists') await createAction(ada, input);
    await expect(createAction(ada, input)).rejects.toMatchObject({ code });
  });

  it('keep their limit until a save says another, and may have none', async () => {
    await createAction(ada, {
      ...draft('ops.limited'),
      concurrency: { limit: 2, key: '{{ parameters.name }}' },
    });
    const kept = await updateAction(ada, change('ops.limited', 1, 'echo two'));
    expect(kept.concurrency).toEqual({ limit: 2, key: '{{ parameters.name }}' });
    const none = await updateAction(ada, { ...change('ops.limited', 2, 'echo two'), concurrency: null });
    expect(none).toMatchObject({ revision: 3, concurrency: null });
  });

  it('refuse a concurrency key that reads what it cannot know', async () => {
    const concurrency = { limit: 1, key: '{{ execution.id }}' };
    await expect(createAction(ada, { ...draft('ops.wrong_key'), concurrency })).rejects.toMatchObject({
      code: 'invalid_concurrency_key',
      details: [
        { path: 'concurrency.key', message: expect.stringContaining('cannot read execution') as string },
      ],
    });
  });

  it('that a workflow or a rule names are not removed', async () => {
    await createAction(ada, draft('ops.used'));
    await inSystem(async (tx) => {
      const [pack] = await tx.query<{ id: number }>(
        `SELECT id FROM pack WHERE tenant_id = $1 AND ref = 'ops'`,
        [ada.tenantId],
      );
      const [action] = await tx.query<{ id: number }>(
        `INSERT INTO action (tenant_id, pack_id, pack_ref, ref, label, runtime) VALUES ($1, $2, 'ops', 'ops.flow', 'Flow', 'workflow') RETURNING id`,
        [ada.tenantId, pack?.id],
      );
      await tx.query(
        `INSERT INTO workflow (tenant_id, pack_id, action_id, ref, draft) VALUES ($1, $2, $3, 'ops.flow', '{"tasks":[{"name":"a","action":"ops.used"}]}')`,
        [ada.tenantId, pack?.id, action?.id],
      );
      await tx.query(
        `INSERT INTO rule (tenant_id, pack_id, pack_ref, ref, label, trigger_ref, action_ref) VALUES ($1, $2, 'ops', 'ops.rule', 'Rule', 'ops.t', 'ops.used')`,
        [ada.tenantId, pack?.id],
      );
    });
    await expect(removeAction(ada, 'ops.used')).rejects.toMatchObject({
      code: 'action_in_use',
      message: expect.stringContaining('the rule ops.rule, the workflow ops.flow') as string,
    });
    await expect(removeAction(ada, 'ops.flow')).rejects.toMatchObject({ code: 'action_is_workflow' });
  });

  it('that nothing names are removed for good', async () => {
    await createAction(ada, draft('ops.gone'));
    expect(await removeAction(ada, 'ops.gone')).toBeNull();
    await expect(getAction(ada, 'ops.gone')).rejects.toMatchObject({
      kind: 'not_found',
      message: 'There is no action ops.gone.',
    });
  });

  it('of another tenant read like missing ones', async () => {
    await createAction(ada, draft('ops.private'));
    const stranger = await makePerson(await makeTenant(), 'Stranger');
    const missing = { kind: 'not_found', message: 'There is no action ops.private.' };
    await expect(getAction(stranger, 'ops.private')).rejects.toMatchObject(missing);
    await expect(updateAction(stranger, change('ops.private', 1, 'x'))).rejects.toMatchObject(missing);
    await expect(removeAction(stranger, 'ops.private')).rejects.toMatchObject(missing);
  });

  it('are changed only by those who may', async () => {
    await createAction(ada, draft('ops.guarded'));
    const reader = await makeReader(ada.tenantId);
    expect((await getAction(reader, 'ops.guarded')).mayEdit).toBe(false);
    for (const attempt of [
      () => createAction(reader, draft('ops.new')),
      () => updateAction(reader, change('ops.guarded', 1, 'x')),
      () => removeAction(reader, 'ops.guarded'),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ kind: 'forbidden' });
    }
  });
});
