import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { listInputSets, removeInputSet, removeSharedInputSet, saveInputSet } from './input-sets';
import { tellPresence } from './presence';
import { createWorkflow, nameRevision, publish, saveDraft } from './service';

const ref = 'ops.flow';
let tenant: number;
let ada: Actor;
let bob: Actor;
beforeAll(async () => {
  tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  bob = await makePerson(tenant, 'Bob', [
    { resource: 'actions', actions: ['read'] },
    { resource: 'executions', actions: ['read', 'execute'] },
  ]);
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  const made = await createWorkflow(ada, { packRef: 'ops', ref, label: 'Flow', description: '' });
  const saved = await saveDraft(ada, {
    ref,
    draftVersion: made.draftVersion,
    definition: {
      parameters: { app: { type: 'string' }, key: { type: 'string', secret: true } },
      tasks: [{ name: 'a', action: 'core.noop' }],
    },
    layout: { positions: {} },
  });
  await publish(ada, { ref, draftVersion: saved.draftVersion, name: 'First', note: '' });
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

describe('saved inputs', () => {
  it('are one’s own or everybody’s, by name, and hold no secrets', async () => {
    await saveInputSet(bob, { ref, name: 'mine', shared: false, parameters: { app: 'web', key: 's3cret' } });
    await saveInputSet(ada, { ref, name: 'ours', shared: true, parameters: { app: 'all' } });
    expect(await listInputSets(bob, ref)).toMatchObject([
      { name: 'mine', shared: false, parameters: { app: 'web' }, mayRemove: true },
      { name: 'ours', shared: true, parameters: { app: 'all' }, mayRemove: false },
    ]);
    expect((await listInputSets(bob, ref))[0]?.parameters).not.toHaveProperty('key');
    expect((await listInputSets(ada, ref)).map(({ name }) => name)).toEqual(['ours']);
  });

  it('are replaced by their name and removed by who may', async () => {
    const [mine] = await saveInputSet(bob, { ref, name: 'mine', shared: false, parameters: { app: 'new' } });
    expect(mine?.parameters).toEqual({ app: 'new' });
    const ours = (await listInputSets(bob, ref)).find(({ shared }) => shared);
    await expect(removeSharedInputSet(bob, ref, ours?.id ?? 0)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(removeInputSet(bob, ref, ours?.id ?? 0)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(removeInputSet(ada, ref, mine?.id ?? 0)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(removeSharedInputSet(ada, ref, mine?.id ?? 0)).rejects.toMatchObject({ kind: 'not_found' });
    await expect(
      saveInputSet(bob, { ref, name: 'theirs', shared: true, parameters: {} }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    expect((await removeInputSet(bob, ref, mine?.id ?? 0)).map(({ name }) => name)).toEqual(['ours']);
    expect(await removeSharedInputSet(ada, ref, ours?.id ?? 0)).toEqual([]);
  });

  it('are at most 50 of one owner', async () => {
    for (let number = 0; number < 50; number += 1)
      await saveInputSet(bob, { ref, name: `set ${number}`, shared: false, parameters: {} });
    const one = { ref, shared: false, parameters: {} };
    await expect(saveInputSet(bob, { ...one, name: 'more' })).rejects.toMatchObject({
      code: 'too_many_sets',
    });
    await saveInputSet(bob, { ...one, name: 'set 7' });
  });
});

describe('who has a workflow open', () => {
  const tabs = { ada: randomUUID(), adasOther: randomUUID(), bob: randomUUID() };
  const here = (actor: Actor, tab: string, leaves = false) => tellPresence(actor, { ref, tab, leaves });

  it('is seen by the others, each person once, and by oneself in another tab', async () => {
    expect(await here(ada, tabs.ada)).toEqual([]);
    expect(await here(bob, tabs.bob)).toEqual([
      { identityId: ada.identityId, displayName: 'Ada', isYou: false },
    ]);
    await here(ada, tabs.adasOther);
    expect(await here(bob, tabs.bob)).toHaveLength(1);
    expect(await here(ada, tabs.ada)).toMatchObject([
      { displayName: 'Ada', isYou: true },
      { displayName: 'Bob', isYou: false },
    ]);
  });

  it('is gone when they leave, or were not heard of for half a minute', async () => {
    await here(ada, tabs.adasOther, true);
    expect(await here(ada, tabs.ada)).toMatchObject([{ displayName: 'Bob' }]);
    await inSystem((tx) =>
      tx.query(
        `UPDATE workflow_presence SET seen = seen - interval '31 seconds' WHERE tenant_id = $1 AND tab = $2`,
        [tenant, tabs.bob],
      ),
    );
    expect(await here(ada, tabs.ada)).toEqual([]);
  });

  it('is not told to another tenant', async () => {
    const eve = await makePerson(await makeTenant(), 'Eve');
    await expect(here(eve, randomUUID())).rejects.toMatchObject({ kind: 'not_found' });
  });
});

describe('the name of a revision', () => {
  it('is given on publishing and changed later, while the revision stays as it is', async () => {
    const renamed = await nameRevision(ada, { ref, number: 1, name: 'Stable' });
    expect(renamed).toMatchObject([{ number: 1, name: 'Stable' }]);
    await expect(nameRevision(ada, { ref, number: 2, name: 'x' })).rejects.toMatchObject({
      kind: 'not_found',
    });
    await expect(nameRevision(bob, { ref, number: 1, name: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(
      inSystem((tx) =>
        tx.query(`UPDATE workflow_revision SET note = 'other' WHERE tenant_id = $1`, [tenant]),
      ),
    ).rejects.toThrow();
  });
});
