import { expect, scenario } from './scenario';
import type { Json } from '../records';
import type { Studio } from '../studio-api';
import type { Refused } from '../trpc';

/** The datastore as actions reach it by the REST API, each with the token of its own execution. */

const standard = { defaultPermissionSetRefs: ['standard'] };
const curl = `call() { curl -sS -X "$1" "$ATTUNE_API_URL/api/v1$2" -H "Authorization: Bearer $ATTUNE_API_TOKEN" -H 'Content-Type: application/json' \${3:+-d "$3"}; echo; }\n`;

interface Result {
  stdout: string;
  data: Json;
}

async function resultOf(studio: Studio, ref: string): Promise<Result> {
  const { result, error } = await studio.ended<Result>(await studio.run(ref));
  expect(error).toBeNull();
  return result;
}

scenario.describe('the datastore by API', () => {
  scenario(
    'T1.6 Python, Node and shell read the datastore by the API; encrypted values come decrypted, a missing key is null',
    async ({ studio }) => {
      const { studio: own, packRef } = await studio.inNewPack();
      // Not a text of which masks would be made: so that what came is seen.
      await own.createKey({ ref: 'limits', value: { cpu: 2, on: true }, ownerType: 'pack', owner: packRef });
      const python = await own.createAction('python', {
        runtime: 'python',
        outputFormat: 'json',
        code: `import attune
def run():
    return [attune.datastore.get("limits"), attune.datastore.get("missing")]`,
        ...standard,
      });
      const nodejs = await own.createAction('nodejs', {
        runtime: 'nodejs',
        outputFormat: 'json',
        code: `import { datastore } from 'attune';
export const run = async () => [await datastore.get('limits'), await datastore.get('missing')];`,
        ...standard,
      });
      const shell = await own.createAction('shell', {
        runtime: 'shell',
        code: `${curl}call GET /keys/limits; call GET /keys/missing`,
        ...standard,
      });
      for (const action of [python, nodejs])
        expect((await resultOf(own, action)).data).toEqual([{ cpu: 2, on: true }, null]);
      const [found, missing] = (await resultOf(own, shell)).stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { data?: { value: Json; encrypted: boolean }; error?: string });
      expect(found?.data).toMatchObject({ value: { cpu: 2, on: true }, encrypted: true });
      expect(missing?.error).toBe('There is no key missing.');
    },
  );

  scenario('T2.3 one action writes, the next reads, in one run and in the next', async ({ studio }) => {
    const { studio: own, packRef } = await studio.inNewPack();
    const write = await own.createAction('write', {
      runtime: 'python',
      outputFormat: 'json',
      code: `from attune import datastore
def run():
    seen = datastore.get("counter", 0)
    datastore.set("counter", seen + 1)
    return seen + 1`,
      ...standard,
    });
    const read = await own.createAction('read', {
      runtime: 'nodejs',
      outputFormat: 'json',
      code: `const { datastore } = require('attune');
exports.run = () => datastore.get('counter');`,
      ...standard,
    });
    const ref = await own.publishWorkflow('hand_on', {
      tasks: [
        { name: 'write', action: write, next: [{ do: ['read'] }] },
        { name: 'read', action: read, input: { named: '{{ keystore.counter }}' } },
      ],
      output_map: { written: '{{ task.write.result.data }}', read: '{{ task.read.result.data }}' },
    });
    for (const turn of [1, 2])
      expect((await own.ended(await own.run(ref))).result).toMatchObject({ written: turn, read: turn });
    // Encrypted unless it is told otherwise, and the pack's.
    expect(await own.getKey({ ref: 'counter', ownerType: 'pack', owner: packRef })).toMatchObject({
      encrypted: true,
    });
  });

  scenario('T2.3 what an action writes with a time to live is gone after it', async ({ studio }) => {
    const { studio: own, packRef } = await studio.inNewPack();
    const write = await own.createAction('brief', {
      runtime: 'python',
      outputFormat: 'json',
      code: `from attune import datastore
def run():
    datastore.set("brief", "here", encrypted=False, ttl_seconds=2)
    return datastore.get("brief")`,
      ...standard,
    });
    const read = await own.createAction('look', {
      runtime: 'python',
      outputFormat: 'json',
      code: 'from attune import datastore\ndef run():\n    return [datastore.get("brief"), datastore.list()]',
      ...standard,
    });
    expect((await resultOf(own, write)).data).toBe('here');
    const key = { ref: 'brief', ownerType: 'pack', owner: packRef } as const;
    await own.untilSo(
      () => own.getKey(key).catch((error: unknown) => (error as Refused).status),
      (answer) => answer === 404,
    );
    expect((await resultOf(own, read)).data).toEqual([null, []]);
  });

  scenario(
    'T2.3 T1.7 an execution sees neither another pack’s keys nor the system’s, as if there were none',
    async ({ studio }) => {
      const { studio: own } = await studio.inNewPack();
      const { studio: other, packRef: otherPack } = await studio.inNewPack();
      const name = `shared_${otherPack}`;
      await other.createKey({ ref: name, value: 'theirs', ownerType: 'pack', owner: otherPack });
      await other.createKey({ ref: `${name}_system`, value: 'all', ownerType: 'system' });
      const look = await own.createAction('look', {
        runtime: 'shell',
        code: `${curl}call GET /keys/${name}; call GET /keys/${name}_system; call DELETE '/keys/${name}?owner_type=pack&owner=${otherPack}'`,
        ...standard,
      });
      const answers = (await resultOf(own, look)).stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { error: string }).error);
      expect(answers).toEqual([
        `There is no key ${name}.`,
        `There is no key ${name}_system.`,
        `There is no key ${name}.`,
      ]);
      expect(await other.revealKey({ ref: name, ownerType: 'pack', owner: otherPack })).toBe('theirs');
    },
  );

  scenario('T3.20 an execution’s token is masked wherever the execution prints it', async ({ studio }) => {
    const { studio: own } = await studio.inNewPack();
    const action = await own.createAction('prints', {
      runtime: 'shell',
      code: 'echo "token: $ATTUNE_API_TOKEN"; printenv ATTUNE_API_TOKEN >&2',
      ...standard,
    });
    const id = await own.run(action);
    expect((await own.ended<Result>(id)).result.stdout).toBe('token: ********\n');
    expect(await own.log(id)).toMatchObject({ stdout: 'token: ********\n', stderr: '********\n' });
  });
});
