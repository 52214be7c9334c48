import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import { createAction } from '@/server/actions/service';
import type { CreateAction } from '@/server/actions/schema';
import { inSystem, inTenant } from '@/server/db';
import { env } from '@/server/env';
import { createExecution } from '@/server/executions/create';
import { rerunExecution } from '@/server/executions/rerun';
import { cancelExecution, getExecution, readLog, requestExecution } from '@/server/executions/service';
import { startRestServer, type RestServer } from '@/server/http/rest/rest-fixture';
import type { Actor } from '@/server/identities/actor';
import { signExecutionToken } from '@/server/identities/execution-token';
import { createKey } from '@/server/keys/service';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { publish, createWorkflow, saveDraft } from '@/server/workflows/service';
import { WorkerProcess } from '../faults/worker-process';

/** Executions call the REST API with their tokens, through a real server and a real worker. */

let rest: RestServer;
let ada: Actor;
let executor: Actor;
let worker: WorkerProcess;

async function makeAction(name: string, runtime: CreateAction['runtime'], code: string, more: object = {}) {
  const ref = `ops.${name}`;
  await createAction(ada, {
    packRef: 'ops',
    ref,
    label: name,
    description: '',
    runtime,
    code,
    paramSchema: {},
    outputFormat: 'text',
    timeoutSeconds: 60,
    idempotent: false,
    defaultPermissionSetRefs: ['standard'],
    ...more,
  });
  return ref;
}
async function until(id: number, fits: (state: string) => boolean) {
  await vi.waitFor(
    async () => {
      const { state } = await getExecution(ada, id);
      expect(fits(state), `state ${state}\n${worker.said.slice(-2000)}`).toBe(true);
    },
    { timeout: 15_000, interval: 50 },
  );
  const { result, ...execution } = await getExecution(ada, id);
  return { ...execution, result: result as { stdout: string; stderr: string; data: Json } };
}
const ended = (id: number) =>
  until(id, (state) => !['requested', 'scheduled', 'running', 'waiting', 'canceling'].includes(state));
async function run(actionRef: string, more: Partial<Parameters<typeof requestExecution>[1]> = {}) {
  return ended((await requestExecution(ada, { actionRef, parameters: {}, ...more })).id);
}
const logOf = async (id: number) =>
  (await readLog(ada, { executionId: id, after: 0, limit: 1000 })).chunks
    .map(({ content }) => content)
    .join('');

const call = `call() { curl -s -X "$1" "$ATTUNE_API_URL/api/v1$2" -H "Authorization: Bearer $ATTUNE_API_TOKEN" -H 'content-type: application/json' \${3:+-d "$3"}; echo; }\n`;

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  executor = await makePerson(tenant, 'Exe', [
    { resource: 'executions', actions: ['read', 'execute'] },
    { resource: 'keys', actions: ['read'] },
  ]);
  for (const ref of ['ops', 'other'])
    await createPack(ada, { ref, label: ref, description: '', version: '1.0.0' });
  await createKey(ada, { ref: 'foreign', name: 'f', value: 'away', ownerType: 'pack', owner: 'other' });
  // A pack of the same name in another tenant.
  const eve = await makePerson(await makeTenant(), 'Eve');
  await createPack(eve, { ref: 'ops', label: 'ops', description: '', version: '1.0.0' });
  await createKey(eve, { ref: 'of_eve', name: 'f', value: 'theirs', ownerType: 'pack', owner: 'ops' });
  worker = await WorkerProcess.start({ ATTUNE_LOG_LEVEL: 'trace', ATTUNE_API_URL: rest.origin });
});
afterAll(async () => {
  await worker.stop();
  await stopBoss();
  await rest.close();
});

describe('an execution with the set standard', () => {
  test('T1.6 T2.3 reads and writes keys of its pack and of itself from shell, and of no other pack or tenant', async () => {
    const action = await makeAction(
      'shell',
      'shell',
      `${call}call POST /keys '{"ref":"shell_made","name":"n","owner_type":"pack","owner_pack_ref":"ops","value":"from shell","encrypted":false}'
call GET /keys/shell_made
call POST /keys '{"ref":"mine","name":"n","owner_type":"action","owner_action_ref":"ops.shell","value":1}'
call GET /keys/foreign
call GET /keys/of_eve
call POST /keys '{"ref":"x","name":"n","owner_type":"system","value":1}'
call POST /keys '{"ref":"x","name":"n","owner_type":"pack","owner_pack_ref":"other","value":1}'
call POST /executions/execute '{"action_ref":"core.noop"}'`,
    );
    const { result } = await run(action);
    const [made, read, own, foreign, ofEve, system, other, execute] = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { data?: { value: Json }; error?: string });
    expect(made?.data?.value).toBe('from shell');
    expect(read?.data?.value).toBe('from shell');
    expect(own?.data?.value).toBe(1);
    expect(foreign?.error).toBe('There is no key foreign.');
    expect(ofEve?.error).toBe('There is no key of_eve.');
    expect(system?.error).toMatch(/keys:create/);
    expect(other?.error).toMatch(/keys:create/);
    expect(execute?.error).toMatch(/executions:execute/);
  });

  test('T1.6 T2.3 uses the datastore of the Python and the Node module', async () => {
    const python = await makeAction(
      'python',
      'python',
      `from attune import datastore
def run():
    datastore.set("from_python", {"n": 1})
    datastore.set("from_python", {"n": 2}, encrypted=False, ttl_seconds=600)
    datastore.set("short", 1, owner="action")
    return [datastore.get("from_python"), datastore.get("nothing"), datastore.get("nothing", 7), datastore.delete("short", owner="action"), datastore.delete("short"), "from_python" in datastore.list()]`,
      { outputFormat: 'json' },
    );
    // Again in a process that waits: with a token of its own, since the first one's counts no more.
    for (const py of [await run(python), await run(python)]) {
      expect(py.result.stderr).toBe('');
      expect(py.result.data).toEqual([{ n: 2 }, null, 7, true, false, true]);
    }
    const nodejs = await makeAction(
      'nodejs',
      'nodejs',
      `import { datastore } from 'attune';
export async function run() {
  await datastore.set('from_node', [1]);
  await datastore.set('from_node', [1, 2], { ttlSeconds: 600 });
  return [await datastore.get('from_python'), await datastore.get('from_node'), await datastore.get('nothing'), await datastore.delete('from_node'), await datastore.delete('from_node'), (await datastore.list({ owner: 'pack' })).includes('from_python')];
}`,
      { outputFormat: 'json' },
    );
    for (const js of [await run(nodejs), await run(nodejs)]) {
      expect(js.result.stderr).toBe('');
      expect(js.result.data).toEqual([{ n: 2 }, [1, 2], null, true, false, true]);
    }
  });

  test('never shows its token: not in the log, the result or a row', async () => {
    const action = await makeAction(
      'leaks',
      'shell',
      'echo "it is $ATTUNE_API_TOKEN"; printf %s "$ATTUNE_API_TOKEN" | base64 -w0; echo; echo "$ATTUNE_API_TOKEN" >&2; printf %s "$ATTUNE_API_TOKEN" | wc -c; exit 3',
    );
    const { id, result, error } = await run(action);
    expect(result.stdout).toMatch(/^it is \*{8}\n\*{8}\n[1-9]\d\d\n$/);
    const log = await logOf(id);
    for (const said of [log, JSON.stringify(result), error ?? '', worker.said])
      expect(said).not.toMatch(/eyJ[\w-]{10}/);
    const rows = await inSystem((tx) =>
      tx.query<{ text: string }>('SELECT e::text AS text FROM execution e WHERE id = $1', [id]),
    );
    expect(rows[0]?.text).not.toContain('eyJ');
  });
});

describe('an execution’s token', () => {
  test('dies with its attempt', async () => {
    // The reader gets it in a way that the redactor cannot see: the letters turned around.
    const action = await makeAction('waits', 'shell', 'printf %s "$ATTUNE_API_TOKEN" | rev; echo; sleep 60');
    const { id } = await requestExecution(ada, { actionRef: action, parameters: {} });
    await vi.waitFor(async () => expect(await logOf(id)).toContain('\n'), { timeout: 15_000, interval: 50 });
    const token = [...(await logOf(id)).trim()].reverse().join('');
    expect((await rest.call('GET', '/api/v1/keys', { token })).status).toBe(200);
    expect((await rest.call('GET', '/auth/me', { token })).body.data).toMatchObject({
      assigned_permission_set_refs: ['standard'],
    });
    // Another attempt of it, another execution, another tenant: each is somebody else.
    const [row] = await inSystem((tx) =>
      tx.query<{ fence: number }>('SELECT fence FROM execution WHERE id = $1', [id]),
    );
    const fence = row?.fence ?? 0;
    const attempt = { tenantId: ada.tenantId, rootId: id, executionId: id, fence, timeoutSeconds: 60 };
    const statusOf = async (changed: Partial<typeof attempt>) => {
      const signed = await signExecutionToken({ ...attempt, ...changed }, ['standard']);
      return (await rest.call('GET', '/api/v1/keys', { token: signed })).status;
    };
    expect(await statusOf({})).toBe(200);
    for (const changed of [
      { fence: fence + 1 },
      { executionId: id + 1 },
      { rootId: id + 1 },
      { tenantId: 2 },
    ])
      expect(await statusOf(changed)).toBe(401);
    // Of whoever asked for it, too.
    const freeze = (frozen: boolean) =>
      inSystem((tx) => tx.query('UPDATE identity SET frozen = $2 WHERE id = $1', [ada.identityId, frozen]));
    await freeze(true);
    expect(await statusOf({})).toBe(401);
    await freeze(false);
    expect(await statusOf({})).toBe(200);
    await cancelExecution(ada, id);
    await ended(id);
    expect((await rest.call('GET', '/api/v1/keys', { token })).status).toBe(401);
  });

  test('speaks for nobody where a rule asked for the execution', async () => {
    const action = await makeAction(
      'by_rule',
      'shell',
      `${call}call GET /../../auth/me; call POST /keys '{"ref":"by_rule","name":"n","owner_type":"pack","owner_pack_ref":"ops","value":1}'`,
    );
    const { id } = await inTenant(ada.tenantId, (tx) =>
      createExecution(tx, ada.tenantId, { actionRef: action, parameters: {} }),
    );
    const [me, made] = (await ended(id)).result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { data: { [name: string]: Json } });
    expect(me?.data).toMatchObject({
      id: 0,
      login: `execution/${id}`,
      assigned_permission_set_refs: ['standard'],
    });
    const [row] = await inSystem((tx) =>
      tx.query('SELECT created_by AS by FROM key WHERE id = $1', [made?.data['id']]),
    );
    expect(row).toEqual({ by: null });
  });

  test('is not given without permission sets, and the modules say what to do', async () => {
    const none = { defaultPermissionSetRefs: [] };
    const shell = await run(
      await makeAction('bare', 'shell', 'echo "${ATTUNE_API_TOKEN-none} $ATTUNE_API_URL"', none),
    );
    expect(shell.result.stdout).toBe(`none ${rest.origin}\n`);
    const python = await makeAction(
      'bare_python',
      'python',
      'import attune\nattune.datastore.get("x")',
      none,
    );
    expect((await run(python)).error).toMatch(
      /no token for the API: give the action permission sets, for instance standard/,
    );
    const nodejs = await makeAction(
      'bare_node',
      'nodejs',
      "import { datastore } from 'attune';\nawait datastore.get('x');",
      none,
    );
    expect((await run(nodejs)).result.stderr).toMatch(
      /give the action permission sets, for instance standard/,
    );
    // Asked for with the request, it is given.
    const asked = await run('ops.bare', { permissionSetRefs: ['standard'] });
    expect(asked.result.stdout).toBe(`******** ${rest.origin}\n`);
    expect(await ended((await rerunExecution(ada, { id: asked.id, revision: 'newest' })).id)).toMatchObject({
      result: { stdout: `******** ${rest.origin}\n` },
    });
  });

  test('is given to the tasks of a workflow that was asked for with permission sets', async () => {
    const ref = 'ops.flow';
    await createWorkflow(ada, { packRef: 'ops', ref, label: 'Flow', description: '' });
    const { draftVersion } = await saveDraft(ada, {
      ref,
      draftVersion: 1,
      definition: {
        tasks: [{ name: 'only', action: 'ops.bare' }],
        output_map: { said: '{{ task.only.result.stdout }}' },
      },
      layout: { positions: {} },
    });
    await publish(ada, { ref, draftVersion, note: '' });
    const { result } = await run(ref, { permissionSetRefs: ['standard'], envVars: { COLOR: 'blue' } });
    expect(result).toMatchObject({ said: `******** ${rest.origin}\n` });
  });
});

describe('permission sets', () => {
  test('that the requester does not hold are refused, also as defaults of an action and on a rerun', async () => {
    const ask = (actor: Actor, refs: string[]) =>
      requestExecution(actor, { actionRef: 'ops.bare', parameters: {}, permissionSetRefs: refs });
    await expect(ask(executor, ['core.admin'])).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'above_your_rights',
    });
    await expect(ask(executor, ['standard'])).rejects.toMatchObject({ code: 'above_your_rights' });
    await expect(ask(executor, ['core.nonsense'])).rejects.toMatchObject({ kind: 'invalid' });
    const { id } = await ask(ada, ['core.admin']);
    await ended(id);
    await expect(rerunExecution(executor, { id, revision: 'newest' })).rejects.toMatchObject({
      code: 'above_your_rights',
    });
    const editor = await makePerson(ada.tenantId, 'Ed', [
      { resource: 'actions', actions: ['read', 'create', 'update'] },
    ]);
    const action = {
      packRef: 'ops',
      ref: 'ops.sneaky',
      label: 'Sneaky',
      description: '',
      runtime: 'shell' as const,
      code: 'true',
      paramSchema: {},
      outputFormat: 'text' as const,
      timeoutSeconds: 10,
      idempotent: false,
    };
    await expect(
      createAction(editor, { ...action, defaultPermissionSetRefs: ['core.admin'] }),
    ).rejects.toMatchObject({ code: 'above_your_rights' });
    expect(await createAction(editor, { ...action, defaultPermissionSetRefs: ['standard'] })).toMatchObject({
      defaultPermissionSetRefs: ['standard'],
    });
  });
});

describe('variables of a request', () => {
  test('reach the process, and none that decides how programs run or that is ours', async () => {
    const action = await makeAction('env', 'shell', 'echo "$COLOR|$PATH|$ATTUNE_ACTION"');
    const person = await rest.call('POST', '/api/v1/executions/execute', { body: {} });
    expect(person.status).toBe(401);
    const { result } = await run(action, { envVars: { COLOR: 'blue' } });
    expect(result.stdout).toMatch(/^blue\|.*\/usr\/bin.*\|ops\.env\n$/);
  });
});
