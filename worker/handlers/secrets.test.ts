import { chmod, readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createAction } from '@/server/actions/service';
import { closeDatabase, inSystem } from '@/server/db';
import { env } from '@/server/env';
import type { ExecutionSummary } from '@/server/executions/schema';
import { rerunExecution } from '@/server/executions/rerun';
import { getExecution, getTree, requestExecution } from '@/server/executions/service';
import type { JsonObject } from '@/server/fields';
import type { Actor } from '@/server/identities/actor';
import { stopLive } from '@/server/live';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { createRule } from '@/server/rules/service';
import { createTrigger, emitEvent } from '@/server/triggers/service';
import { createWorkflow, publish, saveDraft } from '@/server/workflows/service';
import { WorkerProcess } from '../faults/worker-process';

/** A canary through a real worker: whatever actions do with their secret, nothing at rest has it afterwards. */

const token = 'canary-7f3a9c41b2';
const pin = 4711990123;
const mask = '********';
const digest = createHash('sha256').update(token).digest('hex');

let ada: Actor;
let worker: WorkerProcess;

const makeAction = (
  name: string,
  code: string,
  paramSchema: JsonObject,
  more: { outputFormat?: 'json' } = {},
) =>
  createAction(ada, {
    packRef: 'ops',
    ref: `ops.${name}`,
    label: name,
    description: '',
    runtime: 'shell',
    code,
    paramSchema,
    outputFormat: 'text',
    timeoutSeconds: 20,
    idempotent: false,
    ...more,
  });

async function makeWorkflow(name: string, definition: JsonObject): Promise<string> {
  const ref = `ops.${name}`;
  const { draftVersion } = await createWorkflow(ada, { packRef: 'ops', ref, label: name, description: '' });
  const saved = await saveDraft(ada, { ref, draftVersion, definition, layout: { positions: {} } });
  await publish(ada, { ref, draftVersion: saved.draftVersion, note: '' });
  return ref;
}

const shout = `echo "it is $token"; echo "it is $token" >&2; printf %s "$token" | base64; printf 'user:%s' "$token" | base64 >&2
  printf %s "$token" | sha256sum | cut -c1-64`;

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  const secret = {
    token: { type: 'string', secret: true },
    pin: { type: 'integer', secret: true },
    note: {},
  };
  await makeAction('shout', shout, secret);
  await makeAction('break', 'echo "no access with $token" >&2; exit 4', secret);
  await makeAction('give', 'cat', secret, { outputFormat: 'json' });
  await makeAction('print', 'echo "$text"; printf %s "${text##* }" >&2', { text: { type: 'string' } });
  worker = await WorkerProcess.start({ ATTUNE_LOG_LEVEL: 'trace' });
});
afterAll(async () => {
  await worker.stop();
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

/** Runs it to its end; the whole tree. */
async function run(actionRef: string, parameters: JsonObject): Promise<ExecutionSummary[]> {
  const { id } = await requestExecution(ada, { actionRef, parameters });
  return ended(id);
}

async function ended(id: number): Promise<ExecutionSummary[]> {
  await vi.waitFor(
    async () => {
      const { endedAt, state } = await getExecution(ada, id);
      expect(endedAt ?? state === 'waiting', `state ${state}\n${worker.said.slice(-2000)}`).toBeTruthy();
    },
    { timeout: 15_000, interval: 50 },
  );
  return getTree(ada, id);
}

/** Where a text lies in any column of any table, as text or as bytes. */
async function findAtRest(needle: string): Promise<string[]> {
  return inSystem(async (tx) => {
    await tx.query('SET LOCAL ROLE NONE');
    const tables = await tx.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`,
    );
    const found: string[] = [];
    for (const { name } of tables) {
      const [row] = await tx.query<{ count: number }>(
        `SELECT count(*) FROM ${name} t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0`,
        [needle, Buffer.from(needle).toString('hex')],
      );
      if (row && row.count > 0) found.push(`${name}: ${row.count}`);
    }
    return found;
  });
}

/** The same in every file that the studio keeps. */
async function findInFiles(needle: string): Promise<string[]> {
  const files = await readdir(env().ATTUNE_HOME, { recursive: true, withFileTypes: true });
  const found = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map(async (file) => {
        const path = join(file.parentPath, file.name);
        return (await readFile(path)).includes(needle) ? [path] : [];
      }),
  );
  return found.flat();
}

/** The canary as it is, in base64 by itself and behind `user:`, and in the spelling of a URL. */
const disguises = [
  token,
  String(pin),
  Buffer.from(token).toString('base64').replaceAll('=', ''),
  Buffer.from(`user:${token}`).toString('base64').slice(8, -2),
  Buffer.from(`Bearer ${token}`).toString('base64').slice(12, -2),
];

async function expectNothingAtRest(): Promise<void> {
  for (const disguise of disguises) {
    expect(await findAtRest(disguise), disguise).toEqual([]);
    expect(await findInFiles(disguise), disguise).toEqual([]);
    expect(worker.said, disguise).not.toContain(disguise);
  }
}

describe('a canary in a secret parameter', () => {
  test('reaches the action and stays out of its log, its result and its error', async () => {
    const [shouted] = await run('ops.shout', { token, pin, note: 'not-secret-5512' });
    const execution = await getExecution(ada, shouted?.id ?? 0);
    expect(execution).toMatchObject({
      state: 'completed',
      parameters: { token: mask, pin: mask, note: 'not-secret-5512' },
    });
    expect(JSON.stringify(execution.result)).toContain(digest);
    const [broken] = await run('ops.break', { token });
    expect(broken).toMatchObject({ state: 'failed', error: `exited with code 4: no access with ${mask}` });
    const [given] = await run('ops.give', { token, pin });
    expect((await getExecution(ada, given?.id ?? 0)).result).toMatchObject({
      data: { token: mask, pin: mask },
    });
    await expectNothingAtRest();
    // The search finds what is there: as text, and as bytes.
    expect(await findAtRest('not-secret-5512')).toEqual([expect.stringContaining('execution_p')]);
    const [sealed] = await inSystem((tx) =>
      tx.query<{ sealed: Buffer }>('SELECT sealed FROM execution WHERE id = $1', [shouted?.id]),
    );
    expect(await findAtRest(sealed?.sealed.toString('hex').slice(0, 60) ?? '')).toHaveLength(1);
  });

  test('is not in the answer to parameters that do not fit, nor where the action is unknown to take it', async () => {
    const [refused] = await run('ops.shout', { token: [token], pin: `x${token}` });
    expect(refused).toMatchObject({
      state: 'failed',
      error: 'The parameters do not fit ops.shout: token must be a string; pin must be an integer.',
    });
    await expectNothingAtRest();
  });

  test('Rule 16: survives a rerun that nobody had to open', async () => {
    const [first] = await run('ops.shout', { token });
    const again = await rerunExecution(ada, { id: first?.id ?? 0, revision: 'newest' });
    await ended(again.id);
    const execution = await getExecution(ada, again.id);
    expect(execution).toMatchObject({ state: 'completed', parameters: { token: mask } });
    expect(JSON.stringify(execution.result)).toContain(digest);
    await expectNothingAtRest();
  });

  test('Rule 10: stays secret through a workflow, in children whose schemas mark nothing', async () => {
    const inner = await makeWorkflow('inner', {
      parameters: { header: { type: 'string' } },
      tasks: [{ name: 'deep', action: 'ops.print', input: { text: 'deep {{ parameters.header }}' } }],
    });
    const outer = await makeWorkflow('outer', {
      parameters: { token: { type: 'string', secret: true }, hosts: { type: 'array' } },
      on_failure: 'continue',
      tasks: [
        { name: 'print', action: 'ops.print', input: { text: 'Bearer {{ parameters.token }}' } },
        { name: 'echo', action: 'core.echo', input: { message: '{{ parameters.token }}' } },
        { name: 'set', action: 'core.set', input: { a: { b: ['{{ parameters.token }}'] } } },
        { name: 'fail', action: 'core.fail', input: { message: 'no: {{ parameters.token }}' } },
        { name: 'inner', action: inner, input: { header: 'Bearer {{ parameters.token }}' } },
        {
          name: 'each',
          action: 'ops.print',
          with_items: '{{ parameters.hosts }}',
          concurrency: 1,
          input: { text: '{{ item }} {{ parameters.token }}' },
        },
        {
          name: 'retried',
          action: 'ops.break',
          retry: { count: 1, delay: 0 },
          input: { token: '{{ parameters.token }}' },
        },
      ],
    });
    const tree = await run(outer, { token, hosts: ['web1', 'web2'] });
    const states = Object.fromEntries(
      tree.map(({ taskName, state, attempt }) => [`${taskName}${attempt}`, state]),
    );
    expect(states).toEqual({
      null1: 'completed',
      print1: 'completed',
      echo1: 'completed',
      set1: 'completed',
      fail1: 'failed',
      inner1: 'completed',
      deep1: 'completed',
      each1: 'completed',
      retried1: 'failed',
      retried2: 'failed',
    });
    const outputs = await Promise.all(tree.map(({ id }) => getExecution(ada, id)));
    const of = (task: string) => outputs.find(({ taskName }) => taskName === task);
    expect(of('print')).toMatchObject({ parameters: { text: mask }, result: { stdout: `${mask}\n` } });
    expect(of('deep')).toMatchObject({ parameters: { text: mask } });
    expect(of('deep')?.result).toMatchObject({ stdout: `${mask}\n` });
    expect(of('fail')?.error).toBe(mask);
    await expectNothingAtRest();
  });

  test('is not in the question that people are asked', async () => {
    const ref = await makeWorkflow('asks', {
      parameters: { token: { type: 'string', secret: true } },
      tasks: [{ name: 'ask', action: 'core.ask', input: { prompt: 'Deploy with {{ parameters.token }}?' } }],
    });
    const { id } = await requestExecution(ada, { actionRef: ref, parameters: { token } });
    await vi.waitFor(async () => {
      const tree = await getTree(ada, id);
      expect(
        tree.map(({ state }) => state),
        JSON.stringify(tree),
      ).toContain('waiting');
    });
    await expectNothingAtRest();
  });

  test('is not in what a rule rendered for its action', async () => {
    await createTrigger(ada, {
      packRef: 'ops',
      ref: 'ops.alert',
      label: 'Alert',
      description: '',
      webhook: false,
    });
    await createRule(ada, {
      packRef: 'ops',
      ref: 'ops.hand_on',
      label: 'Hand on',
      description: '',
      triggerRef: 'ops.alert',
      actionRef: 'ops.shout',
      conditions: {},
      actionParams: { token: "{{ 'cana' ~ event.payload.rest }}", note: 'by a rule' },
      enabled: true,
    });
    const { eventId } = await emitEvent(ada, { ref: 'ops.alert', payload: { rest: token.slice(4) } });
    const enforcement = await vi.waitFor(async () => {
      const [row] = await inSystem((tx) =>
        tx.query<{ id: number; config: JsonObject; executionId: number }>(
          `SELECT id, config, execution_id AS "executionId" FROM enforcement WHERE event_id = $1 AND status = 'processed'`,
          [eventId],
        ),
      );
      expect(row).toBeDefined();
      return row;
    });
    expect(enforcement?.config).toEqual({ token: mask, note: 'by a rule' });
    await ended(enforcement?.executionId ?? 0);
    const { result } = await getExecution(ada, enforcement?.executionId ?? 0);
    expect(JSON.stringify(result)).toContain(digest);
    await expectNothingAtRest();
  });
});
