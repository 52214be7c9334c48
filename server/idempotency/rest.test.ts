import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSystem, querySystem } from '../db';
import { makeMember, startRestServer, type Answer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createKey } from '../keys/service';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { once } from './service';
import { purgeIdempotencyKeys } from './store';

let rest: RestServer;
let ada: Actor;
let token: string;
let bobToken: string;
let eveToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
  bobToken = await rest.tokenOf((await makeMember(tenant, 'Bob')).login);
  eveToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const post = (path: string, body: unknown, key: string, as = token): Promise<Answer> =>
  rest.call('POST', `/api/v1${path}`, { token: as, body, headers: { 'idempotency-key': key } });
const echo = (message: string) => ({ action_ref: 'core.echo', parameters: { message } });
const countExecutions = async () => {
  const [row] = await querySystem<{ count: number }>(
    'SELECT count(*)::int AS count FROM execution WHERE tenant_id = $1',
    [ada.tenantId],
  );
  return row?.count ?? 0;
};
const toUtf8 = (text: string) => [Buffer.from(text)];
const noAnswer = () => Promise.reject(new Error('must not be asked'));

describe('a request with an Idempotency-Key', () => {
  it('takes effect once, however often it is sent, and gives the first answer again', async () => {
    const before = await countExecutions();
    const first = await post('/executions/execute', echo('once'), 'order-1');
    const again = await post('/executions/execute', echo('once'), 'order-1');
    expect(first.status).toBe(201);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect(await countExecutions()).toBe(before + 1);
  });

  it('takes effect once of fifty at once', async () => {
    const before = await countExecutions();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post('/executions/execute', echo('fifty'), 'order-50')),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.data?.['id'])).size).toBe(1);
    expect(await countExecutions()).toBe(before + 1);
  });

  it('is another one for somebody else', async () => {
    const ids = [];
    for (const as of [token, bobToken, eveToken])
      ids.push((await post('/executions/execute', echo('mine'), 'order-2', as)).body.data?.['id']);
    expect(new Set(ids).size).toBe(3);
  });

  it('is refused with another body or at another address', async () => {
    const { status } = await post('/executions/execute', echo('one'), 'order-3');
    expect(status).toBe(201);
    const other = await post('/executions/execute', echo('two'), 'order-3');
    expect([other.status, other.body['code']]).toEqual([409, 'idempotency_key_used']);
    const elsewhere = await post('/executions/execute?x=1', echo('one'), 'order-3');
    expect(elsewhere.status).toBe(409);
  });

  it('gives a refusal again, also when it would be granted now', async () => {
    const body = { ref: 'late', label: 'Late', version: '1.0.0' };
    const action = { ref: 'late.run', pack_ref: 'late', label: 'Run', entrypoint: 'true' };
    expect((await post('/actions', action, 'order-4')).status).toBe(404);
    expect((await post('/packs', body, randomUUID())).status).toBe(201);
    expect((await post('/actions', action, 'order-4')).status).toBe(404);
    expect((await post('/actions', action, 'order-5')).status).toBe(201);
  });

  it('is checked: not too long, no spaces', async () => {
    for (const bad of ['with space', 'x'.repeat(256)])
      expect((await post('/executions/execute', echo('x'), bad)).status).toBe(400);
  });

  it('keeps no secret in the clear', async () => {
    const body = {
      ref: 'canary',
      name: 'Canary',
      value: 'canary-2f61',
      owner_type: 'system',
      encrypted: true,
    };
    const first = await post('/keys', body, 'order-6');
    expect(first.status).toBe(201);
    expect((await post('/keys', body, 'order-6')).body).toEqual(first.body);
    const rows = await querySystem<{ sealed: Buffer }>('SELECT * FROM idempotency_key');
    expect(
      JSON.stringify(rows.map((row) => ({ ...row, sealed: row.sealed.toString('latin1') }))),
    ).not.toContain('canary-2f61');
  });

  it('is not kept where the answer is a secret that is told once', async () => {
    const path = `/identities/${ada.identityId}/integration-tokens`;
    const answers = [
      await post(path, { label: 'ci' }, 'order-7'),
      await post(path, { label: 'ci' }, 'order-7'),
    ];
    expect(new Set(answers.map(({ body }) => body.data?.['token'])).size).toBe(2);
    expect(await querySystem(`SELECT 1 FROM idempotency_key WHERE key = 'order-7'`)).toEqual([]);
  });

  it('knows a form again, whatever divides its parts', async () => {
    const send = (boundary: string, content: string) =>
      fetch(`${rest.origin}/api/v1/packs/upload`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': `multipart/form-data; boundary=${boundary}`,
          'idempotency-key': 'order-8',
        },
        body: `--${boundary}\r\ncontent-disposition: form-data; name="pack"; filename="p"\r\n\r\n${content}\r\n--${boundary}--\r\n`,
      });
    const first = await send('one', 'no archive');
    const again = await send('other', 'no archive');
    expect([again.status, await again.json()]).toEqual([first.status, await first.json()]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await send('third', 'another')).status).toBe(409);
  });

  it('is forgotten after a day', async () => {
    const first = await post('/executions/execute', echo('old'), 'order-9');
    await inSystem((tx) =>
      tx.query(`UPDATE idempotency_key SET created = now() - interval '25 hours' WHERE key = 'order-9'`),
    );
    const second = await post('/executions/execute', echo('new'), 'order-9');
    expect(second.body.data?.['id']).not.toBe(first.body.data?.['id']);
    await inSystem((tx) =>
      tx.query(`UPDATE idempotency_key SET created = now() - interval '25 hours' WHERE key = 'order-9'`),
    );
    expect(await purgeIdempotencyKeys(10)).toBe(1);
  });
});

describe('a request whose process dies', () => {
  const lose = (key: string) =>
    inSystem((tx) =>
      tx.query(`UPDATE idempotency_key SET lease_until = now() - interval '1 s' WHERE key = $1`, [key]),
    );
  const request = (key: string) => ({ key, route: 'POST /x', body: toUtf8('same') });
  const write = () => createKey(ada, { ref: randomUUID(), name: 'x', value: 1, ownerType: 'system' });

  it('is done anew where it had not written anything', async () => {
    const dying = once(ada, request('dies-1'), () => new Promise(() => {}));
    void dying.catch(() => undefined);
    await expect
      .poll(() => querySystem(`SELECT 1 FROM idempotency_key WHERE key = 'dies-1'`))
      .toHaveLength(1);
    await lose('dies-1');
    expect(await once(ada, request('dies-1'), () => Promise.resolve({ status: 201, body: 'done' }))).toEqual({
      status: 201,
      body: 'done',
      isReplay: false,
    });
  });

  it('is never done twice where it had, and is told so', async () => {
    let hasWritten = () => {};
    const written = new Promise<void>((resolve) => (hasWritten = resolve));
    const dying = once(ada, request('dies-2'), async () => {
      await write();
      hasWritten();
      return new Promise(() => {});
    });
    void dying.catch(() => undefined);
    await written;
    await lose('dies-2');
    await expect(once(ada, request('dies-2'), noAnswer)).rejects.toMatchObject({
      code: 'idempotency_outcome_unknown',
    });
  });

  it('writes nothing any more once another has taken its place', async () => {
    let goOn = () => {};
    const waiting = new Promise<void>((resolve) => (goOn = resolve));
    const slow = once(ada, request('dies-3'), async () => {
      await waiting;
      await write();
      return { status: 201, body: 'slow' };
    });
    await expect
      .poll(() => querySystem(`SELECT 1 FROM idempotency_key WHERE key = 'dies-3'`))
      .toHaveLength(1);
    await lose('dies-3');
    await once(ada, request('dies-3'), () => Promise.resolve({ status: 201, body: 'quick' }));
    goOn();
    await expect(slow).rejects.toMatchObject({ code: 'idempotency_lost' });
    expect(await once(ada, request('dies-3'), noAnswer)).toMatchObject({ body: 'quick', isReplay: true });
  });

  it('is done anew after a failure of ours that wrote nothing', async () => {
    await expect(once(ada, request('fails'), () => Promise.reject(new Error('a defect')))).rejects.toThrow(
      'a defect',
    );
    expect(await once(ada, request('fails'), () => Promise.resolve({ status: 200, body: 1 }))).toMatchObject({
      isReplay: false,
    });
  });
});
