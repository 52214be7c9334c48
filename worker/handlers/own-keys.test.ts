import { chmod } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import { createAction } from '@/server/actions/service';
import type { CreateAction } from '@/server/actions/schema';
import { closeDatabase, inSystem } from '@/server/db';
import { env } from '@/server/env';
import { getExecution, requestExecution } from '@/server/executions/service';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import type { CreateKey } from '@/server/keys/schema';
import { createKey, updateKey } from '@/server/keys/service';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { WorkerProcess } from '../faults/worker-process';

/** Keys reach an action by name, through a real worker and real interpreters. */

const token = 'canary-key-3c81d0f7';
const digest = createHash('sha256').update(token).digest('hex');
const mask = '********';
let ada: Actor;
let worker: WorkerProcess;

const put = (ref: string, value: Json, changed: Partial<CreateKey> = {}, actor = ada) =>
  createKey(actor, { ref, name: ref, value, ownerType: 'pack', owner: 'ops', encrypted: false, ...changed });
async function makeAction(
  name: string,
  runtime: CreateAction['runtime'],
  code: string,
  more: JsonObject = {},
) {
  await createAction(ada, {
    packRef: 'ops',
    ref: `ops.${name}`,
    label: name,
    description: '',
    runtime,
    code,
    paramSchema: {},
    outputFormat: 'text',
    timeoutSeconds: 20,
    idempotent: false,
    ...more,
  });
}
async function run(name: string, parameters: JsonObject = {}) {
  const { id } = await requestExecution(ada, { actionRef: `ops.${name}`, parameters });
  await vi.waitFor(
    async () => {
      const { endedAt, state } = await getExecution(ada, id);
      expect(endedAt, `state ${state}\n${worker.said.slice(-2000)}`).toBeTruthy();
    },
    { timeout: 15_000, interval: 50 },
  );
  const { result, ...execution } = await getExecution(ada, id);
  return { ...execution, result: result as { stdout: string; data: Json } };
}

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  const eve = await makePerson(await makeTenant(), 'Eve');
  for (const actor of [ada, eve])
    await createPack(actor, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  await put('api.token', token, { encrypted: true });
  await put('place', { city: 'Berlin' });
  await put('hidden', 'by a parameter');
  await put('foreign', 'another tenant’s', {}, eve);
  await put('of_the_system', 'not by name', { ownerType: 'system', owner: '' });
  worker = await WorkerProcess.start({ ATTUNE_LOG_LEVEL: 'trace' });
});
afterAll(async () => {
  await worker.stop();
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

describe('keys of an action and its pack', () => {
  const shell = `printf %s "$api_token" | sha256sum | cut -c1-64
echo "$place|$hidden|$foreign|$of_the_system"
cat`;

  test('T1.6 T3.20 reach a shell action as variables and in its stdin, and leave masks where it prints a secret', async () => {
    await makeAction('shell', 'shell', `${shell}; echo "$api_token"; printf %s "$api_token" | base64`);
    const { parameters, result, state } = await run('shell', { hidden: 'given' });
    const [hash, line, stdin, ...said] = result.stdout.trimEnd().split('\n');
    expect({ state, hash, line, said }).toEqual({
      state: 'completed',
      hash: digest,
      line: '{"city":"Berlin"}|given||',
      said: [mask, mask],
    });
    expect(JSON.parse(stdin ?? '')).toEqual({
      'api.token': mask,
      place: { city: 'Berlin' },
      hidden: 'given',
    });
    expect(parameters).toEqual({ hidden: 'given' });
  });

  test('are in no environment and on no command line, also of what the action starts', async () => {
    await makeAction(
      'spy',
      'shell',
      'env | base64 -w0; echo; cat /proc/*/cmdline | tr "\\0" " " | base64 -w0',
    );
    const { result } = await run('spy');
    const seen = result.stdout.split('\n').map((line) => Buffer.from(line, 'base64').toString());
    expect(seen[0]).toContain('ATTUNE_ACTION=ops.spy');
    for (const secret of [token, 'Berlin', 'api_token', 'api.token', mask])
      expect(seen.join('\n'), secret).not.toContain(secret);
  });

  const hash = 'hashlib.sha256(value.encode()).hexdigest()';
  test('T1.6 reach Python by stdin, by **parameters, and by the names that a function asks for', async () => {
    await makeAction(
      'script',
      'python',
      `import hashlib, json, sys\nvalue = json.load(sys.stdin)["api.token"]\nprint(${hash})`,
    );
    expect((await run('script')).result.stdout).toBe(`${digest}\n`);
    await makeAction(
      'rest',
      'python',
      `import hashlib\ndef run(**all):\n    value = all["api.token"]\n    return [${hash}, sorted(all)]`,
    );
    expect((await run('rest', { a: 1 })).result.data).toEqual([
      digest,
      ['a', 'api.token', 'hidden', 'place'],
    ]);
    await makeAction('asked', 'python', 'def run(a, place=None):\n    return [a, place]');
    expect((await run('asked', { a: 1 })).result.data).toEqual([1, { city: 'Berlin' }]);
    // A parameter that it does not ask for is still a mistake.
    expect((await run('asked', { a: 1, b: 2 })).state).toBe('failed');
  });

  test('T1.6 reach Node by stdin and as members of what run is given', async () => {
    const createsHash = "require('node:crypto').createHash('sha256').update(value).digest('hex')";
    await makeAction(
      'module',
      'nodejs',
      `exports.run = ({ 'api.token': value, place, missing = null }) => [${createsHash}, place.city, missing]`,
    );
    expect((await run('module')).result.data).toEqual([digest, 'Berlin', null]);
    await makeAction(
      'stdin',
      'nodejs',
      `const { 'api.token': value } = JSON.parse(require('node:fs').readFileSync(0, 'utf8')); console.log(${createsHash})`,
    );
    expect((await run('stdin')).result.stdout).toBe(`${digest}\n`);
  });

  test('yield to parameters, also where two names make one variable', async () => {
    await put('a_b', 'key');
    await put('a.b', 'another key');
    await makeAction('yield', 'shell', 'echo "$a_b"');
    expect((await run('yield', { a_b: 'given' })).result.stdout).toBe('given\n');
    expect((await run('yield', { 'a-b': 'given' })).result.stdout).toBe('given\n');
  });

  test('are read at each attempt, and fail it clearly where they cannot be opened', async () => {
    await put('changing', 'one', { ownerType: 'action', owner: 'ops.shell' });
    await makeAction('reads', 'shell', 'echo "$changing"');
    await put('changing', 'two');
    expect((await run('reads')).result.stdout).toBe('two\n');
    await updateKey(ada, { ref: 'changing', ownerType: 'pack', value: 'three' });
    expect((await run('reads')).result.stdout).toBe('three\n');
    await put('broken', 'x', { encrypted: true, ownerType: 'action', owner: 'ops.reads' });
    await inSystem((tx) =>
      tx.query(`UPDATE key SET sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1) WHERE ref = 'broken'`),
    );
    expect(await run('reads')).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('The key broken cannot be opened') as string,
    });
  });

  test('T3.20 lie in no table and no log of the worker', async () => {
    const spellings = [
      token,
      Buffer.from(token).toString('base64').slice(0, -2),
      Buffer.from(token).toString('hex'),
    ];
    const found = await inSystem(async (tx) => {
      await tx.query('SET LOCAL ROLE NONE');
      const tables = await tx.query<{ name: string }>(
        `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
      );
      const holding: string[] = [];
      for (const { name } of tables) {
        const rows = await tx.query(
          `SELECT 1 FROM ${name} t WHERE EXISTS (SELECT FROM unnest($1::text[]) AS s WHERE strpos(t::text, s) > 0) LIMIT 1`,
          [spellings],
        );
        if (rows.length > 0) holding.push(name);
      }
      return holding;
    });
    expect(found).toEqual([]);
    for (const spelling of spellings) expect(worker.said).not.toContain(spelling);
  });
});
