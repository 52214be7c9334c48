import { createHash, randomUUID } from 'node:crypto';
import { expect, scenario } from './scenario';
import { Refused } from '../trpc';
import type { Json, JsonObject } from '../records';
import type { Studio } from '../studio-api';

const mask = '********';
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** What one task of a new workflow is given for a template. */
async function read(studio: Studio, template: string): Promise<Json> {
  const ref = await studio.publishWorkflow('read', {
    tasks: [{ name: 'set', action: 'core.set', input: { it: template } }],
    output_map: { it: '{{ task.set.result.data.it }}' },
  });
  const run = await studio.ended<{ it: Json }>(await studio.run(ref));
  expect(run.error).toBeNull();
  return run.result.it;
}

async function resultOf(studio: Studio, ref: string, parameters: JsonObject = {}) {
  const { result, error } = await studio.ended<{ stdout: string; data: Json }>(
    await studio.run(ref, parameters),
  );
  expect(error).toBeNull();
  return result;
}

scenario.describe('the datastore', () => {
  scenario(
    'T1.6 a template reads keys of its pack and of the system; a missing one is null',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      const { packRef: otherPack } = await studio.inNewPack();
      const shared = `shared_${packRef}`;
      await own.createKey({
        ref: shared,
        value: { deep: [1, 'two'] },
        ownerType: 'system',
        encrypted: false,
      });
      await own.createKey({
        ref: 'region',
        value: 'eu',
        ownerType: 'pack',
        owner: packRef,
        encrypted: false,
      });
      await own.createKey({
        ref: 'far',
        value: 'away',
        ownerType: 'pack',
        owner: otherPack,
        encrypted: false,
      });
      expect(
        await read(
          own,
          `{{ [keystore.region, datastore.${shared}.deep[1], keystore.far, keystore.${otherPack}.far, keystore.nothing] }}`,
        ),
      ).toEqual(['eu', 'two', null, 'away', null]);
    },
  );

  scenario(
    'T1.6 shell, Python and Node read encrypted keys decrypted, and what they print of them is masked',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      const secret = `s3cret-${randomUUID()}`;
      await own.createKey({ ref: 'api.token', value: secret, ownerType: 'pack', owner: packRef });
      const shell = await own.createAction('shell', {
        runtime: 'shell',
        code: 'printf %s "$api_token" | sha256sum | cut -c1-64; echo "${missing-none}"; echo "it is $api_token"',
      });
      const python = await own.createAction('python', {
        runtime: 'python',
        code: `import hashlib
def run(**all):
    print("it is", all["api.token"])
    return {"digest": hashlib.sha256(all["api.token"].encode()).hexdigest(), "missing": all.get("missing")}`,
      });
      const nodejs = await own.createAction('nodejs', {
        runtime: 'nodejs',
        code: `const { createHash } = require('node:crypto');
exports.run = ({ 'api.token': token, missing = null }) => {
  console.log('it is', token);
  return { digest: createHash('sha256').update(token).digest('hex'), missing };
};`,
      });
      const digest = digestOf(secret);
      expect((await resultOf(own, shell)).stdout).toBe(`${digest}\nnone\nit is ${mask}\n`);
      for (const action of [python, nodejs]) {
        const { stdout, data } = await resultOf(own, action);
        expect({ stdout, data }).toEqual({ stdout: `it is ${mask}\n`, data: { digest, missing: null } });
      }
    },
  );

  scenario(
    'T1.6 a workflow hands an encrypted key to an action, whose stored inputs have a mask',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      const secret = `s3cret-${randomUUID()}`;
      await own.createKey({ ref: 'token', value: secret, ownerType: 'pack', owner: packRef });
      const action = await own.createAction('use', {
        runtime: 'shell',
        code: 'printf %s "${header#Bearer }" | sha256sum | cut -c1-64; echo "$header"; echo "${header#Bearer }"',
        parameters: { header: { type: 'string' } },
      });
      const ref = await own.publishWorkflow('hand', {
        tasks: [{ name: 'use', action, input: { header: 'Bearer {{ keystore.token }}' } }],
      });
      const id = await own.run(ref);
      expect((await own.ended(id)).state).toBe('completed');
      const used = (await own.tree(id)).find(({ taskName }) => taskName === 'use');
      const { parameters, result } = await own.get<{ stdout: string }>(used?.id ?? 0);
      expect(parameters).toEqual({ header: mask });
      expect(result.stdout).toBe(`${digestOf(secret)}\n${mask}\n${mask}\n`);
      expect(JSON.stringify(await own.changes(id))).not.toContain(secret);
    },
  );

  scenario(
    'T2.3 what is written is read by the next run, and gone when its time is over',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      const key = { ref: 'counter', ownerType: 'pack', owner: packRef } as const;
      await own.createKey({ ...key, value: 1, encrypted: false });
      expect(await read(own, '{{ keystore.counter + 1 }}')).toBe(2);
      await own.updateKey({ ...key, value: 41 });
      expect(await read(own, '{{ keystore.counter + 1 }}')).toBe(42);
      await own.updateKey({ ...key, ttlSeconds: 2 });
      const end = Date.parse((await own.getKey(key)).expiresAt ?? '');
      expect(Number.isNaN(end)).toBe(false);
      const gone = await own.untilSo(
        () =>
          own.getKey(key).then(
            () => null,
            (error: unknown) => (error instanceof Refused ? error.status : 0),
          ),
        (status) => status !== null,
      );
      expect(gone).toBe(404);
      expect(await read(own, '{{ keystore.counter }}')).toBeNull();
      await own.createKey({ ...key, value: 'anew', encrypted: false });
      expect(await read(own, '{{ keystore.counter }}')).toBe('anew');
    },
  );

  scenario('T2.3 an encrypted value is shown to nobody who may not decrypt', async ({ studio, studioOf }) => {
    const { studio: own, packRef } = await studio.inNewPack();
    const key = { ref: 'token', ownerType: 'pack', owner: packRef } as const;
    await own.createKey({ ...key, value: 'not for approvers' });
    expect(await own.getKey(key)).not.toHaveProperty('value');
    expect(await own.revealKey(key)).toBe('not for approvers');
    const approver = await studioOf(await studio.createApprover('Key Approver'));
    await expect(approver.revealKey(key)).rejects.toMatchObject({ status: 403 });
    await expect(approver.getKey(key)).rejects.toMatchObject({ status: 403 });
  });

  scenario(
    'T2.4 a rule compares with keys and hands them on; of secrets its record has masks',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      const secret = `s3cret-${randomUUID()}`;
      await own.createKey({ ref: 'limit', value: 80, ownerType: 'pack', owner: packRef, encrypted: false });
      await own.createKey({ ref: 'token', value: secret, ownerType: 'pack', owner: packRef });
      const { triggerRef, post } = await own.createWebhook();
      const actionRef = await own.createAction('hash', {
        runtime: 'shell',
        code: 'printf %s "$given" | sha256sum | cut -c1-64',
        parameters: { given: { type: 'string' } },
      });
      await own.createRule({
        triggerRef,
        actionRef,
        conditions: { all: [{ field: 'payload.used', operator: 'greater', value: '{{ keystore.limit }}' }] },
        actionParams: { given: '{{ keystore.token }}' },
      });
      const event = await own.untilMatched(await post({ used: 81 }));
      expect(JSON.stringify(event)).not.toContain(secret);
      const id = event.enforcements[0]?.executionId ?? 0;
      const { parameters, result } = await own.ended<{ stdout: string }>(id);
      expect({ parameters, stdout: result.stdout }).toEqual({
        parameters: { given: mask },
        stdout: `${digestOf(secret)}\n`,
      });
      expect((await own.untilMatched(await post({ used: 80 }))).evaluations[0]?.verdict).toBe('silent');
    },
  );
});
