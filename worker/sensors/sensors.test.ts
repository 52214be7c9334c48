import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import { closeDatabase, inSystem } from '@/server/db';
import { env } from '@/server/env';
import type { Actor } from '@/server/identities/actor';
import { createKey } from '@/server/keys/service';
import { stopLive } from '@/server/live';
import { uploadPack } from '@/server/packs/install';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { stopBoss } from '@/server/queue';
import { setRuleEnabled } from '@/server/rules/service';
import { storePiece } from '@/server/sensors/pieces';
import { claimSensors } from '@/server/sensors/running';
import { getSensor, readSensorLog, resetCursor, updateSensor } from '@/server/sensors/service';
import { WorkerProcess } from '../faults/worker-process';

/** Sensors through real workers, real interpreters and the walls of this machine. */

const workers: WorkerProcess[] = [];
let ada: Actor;
let scratch: string;

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  scratch = await mkdtemp(join(tmpdir(), 'attune-sensors-'));
  await chmod(scratch, 0o755);
});
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});
afterAll(async () => {
  await rm(scratch, { recursive: true });
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

async function start(): Promise<WorkerProcess> {
  const worker = await WorkerProcess.start();
  workers.push(worker);
  return worker;
}

/** A pack `watch` with one sensor, its trigger and a rule that is on. */
async function install(
  code: string,
  more: { sensor?: string; rule?: string; file?: string } = {},
): Promise<void> {
  ada = await makePerson(await makeTenant(), 'Ada');
  await upload(code, more);
}
async function upload(code: string, { sensor = '', rule = '', file = 'eye.sh' } = {}): Promise<void> {
  const files: Record<string, string> = {
    'pack.yaml': 'ref: watch\nlabel: Watch\nversion: 1.0.0\n',
    'triggers/seen.yaml': 'name: seen\nout_schema: { n: { type: integer, required: true } }\n',
    'sensors/eye.yaml': `name: eye\nrunner_type: ${file.endsWith('.py') ? 'python' : file.endsWith('.js') ? 'node' : 'shell'}\nentry_point: ${file}\ntrigger_types: [seen]\n${sensor}`,
    [`sensors/${file}`]: code,
    'rules/all.yaml': `name: all\ntrigger_ref: seen\naction_ref: core.noop\n${rule}`,
  };
  const folder = await mkdtemp(join(scratch, 'pack-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const archive = execFileSync('tar', ['-czf', '-', '-C', folder, '.']);
  const { problems } = await uploadPack(ada, archive, 'watch.tar.gz', true);
  expect(problems).toEqual([]);
}

const sensor = () => getSensor(ada, 'watch.eye');
const logOf = async (stream: 'stdout' | 'stderr') =>
  (await readSensorLog(ada, { ref: 'watch.eye', stream, tail: 10_000 })).text;
async function events(): Promise<Json[]> {
  const rows = await inSystem((tx) =>
    tx.query<{ payload: Json }>(
      `SELECT payload FROM event WHERE tenant_id = $1 AND trigger_ref = 'watch.seen' AND source = 'sensor' ORDER BY id`,
      [ada.tenantId],
    ),
  );
  return rows.map(({ payload }) => payload);
}
const numbers = async () => (await events()).map((payload) => (payload as { n: number }).n);

/** Until it holds, with what the workers said where it never does. */
async function until(look: () => Promise<void>): Promise<void> {
  try {
    await vi.waitFor(look, { timeout: 20_000, interval: 50 });
  } catch (error) {
    const said = workers.map((worker) => worker.said.slice(-3_000)).join('\n');
    throw new Error(`${(error as Error).message}\n${await logOf('stderr')}\n${said}`, { cause: error });
  }
}
const untilState = (state: string) =>
  until(async () => {
    expect((await sensor()).state).toBe(state);
  });

test('a sensor runs while a rule needs it, is told its parameters, keys, rules and cursor, and its events reach the rule', async () => {
  await install(
    `read -r told
echo "$told" >&2
echo '{"type":"event","payload":{"n":1}}'
echo '{"type":"event","payload":{"n":"one"}}'
echo '{"type":"event","trigger":"core.alert","payload":{}}'
echo '{"type":"event","payload":{"n":2},"dedupe":"two"}'
echo '{"type":"event","payload":{"n":2},"dedupe":"two"}'
echo '{"type":"checkpoint","cursor":{"at":2}}'
echo '{"type":"log","level":"info","message":"all said"}'
echo plain words
exec sleep 600
`,
    {
      sensor: 'parameters: { every: { type: integer, default: 5 } }\nconfig: { where: here }\n',
      rule: 'trigger_params: { path: /etc/hosts }\nenabled: false\n',
    },
  );
  await createKey(ada, {
    ...{ ref: 'token', name: 'token', value: 'canary-sensor-8812', ownerType: 'sensor', owner: 'watch.eye' },
    encrypted: true,
  });
  expect(await sensor()).toMatchObject({
    state: 'waiting',
    cursor: null,
    rules: [{ ref: 'watch.all', enabled: false }],
  });
  const worker = await start();
  await setRuleEnabled(ada, 'watch.all', true);
  await until(async () => {
    expect(await sensor()).toMatchObject({ state: 'running', cursor: { at: 2 }, events: 2 });
    expect(await logOf('stdout')).toBe('INFO all said\nplain words\n');
  });
  expect(await numbers()).toEqual([1, 2]);
  await until(async () =>
    expect(await logOf('stderr')).toContain('does not fit the out_schema of watch.seen: n '),
  );
  const errors = await logOf('stderr');
  expect(errors).toContain('core.alert is none of the sensor');
  expect(errors).not.toContain('canary-sensor');
  const told = JSON.parse(errors.split('\n').find((line) => line.startsWith('{')) ?? '') as Json;
  expect(told).toEqual({
    sensor: 'watch.eye',
    triggers: ['watch.seen'],
    parameters: { token: '********', every: 5, where: 'here' },
    rules: [{ ref: 'watch.all', trigger_ref: 'watch.seen', trigger_params: { path: '/etc/hosts' } }],
    cursor: null,
  });
  await until(async () => {
    const rows = await inSystem((tx) =>
      tx.query('SELECT 1 FROM enforcement WHERE tenant_id = $1 AND rule_ref = $2', [
        ada.tenantId,
        'watch.all',
      ]),
    );
    expect(rows).toHaveLength(2);
  });
  await setRuleEnabled(ada, 'watch.all', false);
  await untilState('waiting');
  await until(async () => {
    const [run] = await inSystem((tx) =>
      tx.query('SELECT worker_id, failures FROM sensor_run WHERE tenant_id = $1', [ada.tenantId]),
    );
    expect(run).toEqual({ worker_id: null, failures: 0 });
  });
  // Its next start goes on from the cursor, and what was said once is not said again.
  await setRuleEnabled(ada, 'watch.all', true);
  await until(async () => {
    expect(await logOf('stderr')).toContain('"cursor":{"at":2}');
    expect(await numbers()).toEqual([1, 2, 1]);
  });
  await worker.stop();
  expect(await sensor()).toMatchObject({ state: 'pending', worker: null, failures: 0 });
});

const counting = `import attune, time
n = attune.cursor(0)
while True:
    n += 1
    attune.emit({"n": n})
    attune.checkpoint(n)
    time.sleep(0.02)
`;

test('a worker that dies loses no event and tells none twice: another goes on from the cursor', async () => {
  await install(counting, { file: 'eye.py' });
  const first = await start();
  await until(async () => expect((await numbers()).length).toBeGreaterThan(20));
  const { worker } = await sensor();
  first.signal('SIGKILL');
  await first.ended;
  const before = (await numbers()).length;
  await start();
  await until(async () => expect((await numbers()).length).toBeGreaterThan(before + 20));
  expect((await sensor()).worker).not.toBe(worker);
  const all = await numbers();
  expect(all).toEqual(all.map((_, index) => index + 1));
});

test('the sensor of a Node file keeps event and cursor in one line, and a reset begins anew', async () => {
  await install(
    `const attune = require('attune');
let n = attune.cursor() ?? 0;
setInterval(() => { if (n < 5) { n += 1; attune.emit({ n }, { cursor: n }); } }, 20);
`,
    { file: 'eye.js' },
  );
  await start();
  await until(async () => expect(await sensor()).toMatchObject({ cursor: 5, state: 'running' }));
  expect(await numbers()).toEqual([1, 2, 3, 4, 5]);
  await resetCursor(ada, 'watch.eye');
  await until(async () => expect(await numbers()).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]));
});

test('a sensor that ends is started again after longer and longer, and five times in a row are told', async () => {
  await install(`echo no use >&2\nexit 3\n`);
  await start();
  await until(async () => expect((await sensor()).failures).toBeGreaterThanOrEqual(2));
  expect((await sensor()).lastError).toContain('It ended with exit code 3');
  expect((await sensor()).lastError).toContain('no use');
  const shorten = () =>
    inSystem((tx) =>
      tx.query(
        'UPDATE sensor_run SET not_before = clock_timestamp() WHERE tenant_id = $1 AND worker_id IS NULL',
        [ada.tenantId],
      ),
    );
  await until(async () => {
    await shorten();
    expect((await sensor()).state).toBe('failing');
  });
  const alerts = await inSystem((tx) =>
    tx.query<{ payload: { component_ref: string; failure_type: string } }>(
      `SELECT payload FROM event WHERE tenant_id = $1 AND trigger_ref = 'core.alert'`,
      [ada.tenantId],
    ),
  );
  expect(alerts.map(({ payload }) => payload)).toMatchObject([
    { component_ref: 'watch.eye', failure_type: 'sensor_failing' },
  ]);
  const [waits] = await inSystem((tx) =>
    tx.query<{ seconds: number }>(
      `SELECT extract(epoch FROM not_before - last_error_at)::float8 AS seconds FROM sensor_run WHERE tenant_id = $1 AND worker_id IS NULL`,
      [ada.tenantId],
    ),
  );
  if (waits) expect(waits.seconds).toBeLessThan(61);
  // Switched off and on it begins anew, and a corrected one at once, whatever it waited for.
  await updateSensor(ada, { ref: 'watch.eye', enabled: false });
  expect(await updateSensor(ada, { ref: 'watch.eye', enabled: true })).toMatchObject({
    failures: 0,
    notBefore: null,
  });
  await upload(`echo '{"type":"event","payload":{"n":7}}'\nexec sleep 600\n`);
  await until(async () => expect(await sensor()).toMatchObject({ state: 'running', failures: 0 }));
  await until(async () => expect(await numbers()).toEqual([7]));
});

test('a flood is slowed and bounded, and the log keeps its end', async () => {
  await install(`i=0
while [ $i -lt 20000 ]; do i=$((i+1)); echo "line $i"; done
echo '{"type":"event","payload":{"n":1}}'
exec yes '{"type":"event","payload":{"n":2}}'
`);
  const worker = await start();
  await until(async () => expect((await numbers()).length).toBeGreaterThan(300));
  const log = await logOf('stdout');
  expect(log).toMatch(/line 20000\n$/);
  expect(log.split('\n').length).toBeLessThanOrEqual(10_001);
  const status = await readFile(`/proc/${worker.pid}/status`, 'utf8');
  expect(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(500_000);
  await updateSensor(ada, { ref: 'watch.eye', enabled: false });
  await untilState('disabled');
});

test('a sensor’s process has a clean environment and walls, and is gone with its sensor, its files or its worker', async () => {
  await install('env >&2\necho ready\nexec sleep 4321\n');
  const worker = await start();
  await until(async () => expect(await logOf('stdout')).toBe('ready\n'));
  const names = [...(await logOf('stderr')).matchAll(/^(\w+)=/gm)].map(([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(['ATTUNE_SENSOR', 'ATTUNE_PACK_REF', 'HOME', 'PATH']));
  expect(names.filter((name) => /DATABASE|MASTER|TOKEN|NODE_|npm_/.test(name ?? ''))).toEqual([]);
  // Its switch is people's, whatever the files say anew.
  await updateSensor(ada, { ref: 'watch.eye', enabled: false });
  await upload('echo again\nexec sleep 4321\n');
  expect(await sensor()).toMatchObject({ enabled: false, revision: 2 });
  await updateSensor(ada, { ref: 'watch.eye', enabled: true });
  await until(async () => expect(await logOf('stdout')).toBe('ready\nagain\n'));
  await worker.stop();
  expect((await worker.ended).code).toBe(0);
  expect(await sensor()).toMatchObject({ state: 'pending', failures: 0, lastError: null });
  const folder = await mkdtemp(join(scratch, 'pack-'));
  await writeFile(join(folder, 'pack.yaml'), 'ref: watch\nlabel: Watch\nversion: 1.0.0\n');
  await uploadPack(ada, execFileSync('tar', ['-czf', '-', '-C', folder, '.']), 'watch.tar.gz', true);
  await expect(sensor()).rejects.toMatchObject({ kind: 'not_found' });
});

test('a fence that is not the newest is refused', async () => {
  await install('exec sleep 600\n');
  const worker = { workerId: 900_001, leaseSeconds: 0, runtimes: ['shell'] };
  const claim = async () =>
    (await claimSensors(worker, 100)).find(({ tenantId }) => tenantId === ada.tenantId);
  const old = await claim();
  const young = await claim();
  if (!old || !young) throw new Error('nothing was claimed');
  const piece = {
    events: [{ triggerRef: 'watch.seen', payload: { n: 1 }, dedupe: null }],
    cursor: 1,
    log: [],
  };
  expect(await storePiece(old, 1, piece)).toBeNull();
  expect(await storePiece(young, 1, piece)).toEqual({ problems: [] });
  // The answer to the commit was lost, and it is stored again.
  expect(await storePiece(young, 1, piece)).toEqual({ problems: [] });
  expect(await numbers()).toEqual([1]);
});
