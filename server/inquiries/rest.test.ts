import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimExecutions } from '../executions/claims';
import { cancelExecution, getExecution, requestExecution } from '../executions/service';
import { claimer, done, finishExecution, work } from '../executions/test-worker';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { expireInquiry } from './expire';
import { respond } from './service';

let rest: RestServer;
let ada: Actor;
let ben: Actor;
let token: string;
let benToken: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  ben = await makeMember(tenant, 'Ben', [{ resource: 'inquiries', actions: ['read', 'respond'] }]);
  token = await rest.tokenOf(ada.login);
  benToken = await rest.tokenOf(ben.login);
  strangerToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const start = async () => (await requestExecution(ada, { actionRef: 'core.echo', parameters: {} })).id;
const form = { approved: { type: 'boolean', required: true }, note: { type: 'string' } };
async function add(more: object = {}, execution?: number): Promise<{ [name: string]: unknown; id: number }> {
  const body = { execution: execution ?? (await start()), prompt: 'Deploy?', response_schema: form, ...more };
  const answer = await call('POST', '/inquiries', body);
  expect(answer.status).toBe(201);
  return answer.body.data as { id: number };
}

describe('inquiries by REST', () => {
  it('are added, read, listed and answered, with the form as it was posted', async () => {
    const execution = await start();
    const made = await add({ assigned_to: ben.identityId }, execution);
    expect(made).toMatchObject({
      execution,
      prompt: 'Deploy?',
      status: 'pending',
      response_schema: form,
      assigned_to: ben.identityId,
      assignees: [`user:${ben.login}`],
      has_response: false,
      response: null,
      timeout_at: null,
      responded_at: null,
    });
    const listed = await call(
      'GET',
      `/inquiries?execution=${execution}&status=pending&assigned_to=${ben.identityId}`,
    );
    expect(listed.body.items).toEqual([
      expect.objectContaining({ id: made.id, assigned_to: ben.identityId }),
    ]);
    const answered = await call(
      'POST',
      `/inquiries/${made.id}/respond`,
      { response: { approved: true, extra: [1] } },
      benToken,
    );
    expect(answered.body.data).toMatchObject({
      status: 'responded',
      has_response: true,
      response: { approved: true, extra: [1] },
      responded_by: ben.identityId,
      responded_at: expect.any(String) as string,
    });
  });

  it('are answered once, by those that they are for, with what fits', async () => {
    const { id } = await add({ assigned_to: [`user:${ben.login}`, 'role:core.approver'] });
    expect((await call('GET', `/inquiries/${id}`)).body.data).toMatchObject({ assigned_to: null });
    const answer = { response: { approved: true } };
    expect((await call('POST', `/inquiries/${id}/respond`, answer)).status).toBe(403);
    expect(
      (await call('POST', `/inquiries/${id}/respond`, { response: {} }, benToken)).body['details'],
    ).toMatchObject([{ path: 'response.approved' }]);
    expect((await call('POST', `/inquiries/${id}/respond`, answer, benToken)).status).toBe(200);
    const second = await call('POST', `/inquiries/${id}/respond`, answer, benToken);
    expect(second.status).toBe(409);
    expect(second.body['error']).toContain('Ben');
  });

  it('leave their execution alone: its end leaves them open, their end leaves it waiting', async () => {
    const execution = await start();
    const { id } = await add({ response_schema: null }, execution);
    await work();
    expect((await getExecution(ada, execution)).state).toBe('completed');
    expect((await call('GET', `/inquiries/${id}`)).body.data).toMatchObject({
      status: 'pending',
      response_schema: {},
    });
    expect((await call('POST', `/inquiries/${id}/respond`, { response: { any: 'thing' } })).status).toBe(200);

    // Beside the one that an execution waits for, another one's answer does not end it.
    const asking = await requestExecution(ada, { actionRef: 'core.ask', parameters: { prompt: 'Really?' } });
    await work();
    const beside = await add({}, asking.id);
    await call('POST', `/inquiries/${beside.id}/respond`, { response: { approved: true } });
    expect((await getExecution(ada, asking.id)).state).toBe('waiting');
  });

  it('are cancelled with their execution', async () => {
    const execution = await start();
    const { id } = await add({}, execution);
    await cancelExecution(ada, execution);
    expect((await call('GET', `/inquiries/${id}`)).body.data).toMatchObject({ status: 'cancelled' });
    expect((await call('POST', `/inquiries/${id}/respond`, { response: { approved: true } })).status).toBe(
      409,
    );
  });

  it('time out by themselves, with their default answer where there is one', async () => {
    const past = '2020-01-01T00:00:00Z';
    const plain = await add({ timeout_at: past });
    const withDefault = await add({ timeout_at: past, default_response: { approved: false } });
    for (const { id, execution } of [plain, withDefault])
      await expireInquiry(ada.tenantId, Number(execution), id);
    expect((await call('GET', `/inquiries/${plain.id}`)).body.data).toMatchObject({
      status: 'timeout',
      response: null,
      timeout_at: '2020-01-01T00:00:00.000Z',
    });
    expect((await call('GET', `/inquiries/${withDefault.id}`)).body.data).toMatchObject({
      response: { approved: false },
    });
  });

  it('are not answered by the execution that asks, nor by what it started', async () => {
    const execution = await start();
    const [claim] = (await claimExecutions(claimer, 10, null, [])).claims.filter(
      (one) => one.executionId === execution,
    );
    const { id } = await add({}, execution);
    const speaking: Actor = {
      ...ada,
      execution: { id: execution, actionRef: 'core.echo', packRef: 'core', requester: ada.login },
    };
    await expect(respond(speaking, { id, response: { approved: true }, comment: '' })).rejects.toThrow(
      /privilege loop/,
    );
    const other = {
      ...speaking,
      execution: { id: await start(), actionRef: 'core.echo', packRef: 'core', requester: null },
    };
    await expect(
      respond({ ...other, identityId: 0 }, { id, response: { approved: true }, comment: '' }),
    ).rejects.toThrow(/Nobody/);
    await respond(other, { id, response: { approved: true }, comment: '' });
    if (claim) await finishExecution(claim, done());
  });

  it('are refused where they cannot be asked', async () => {
    const execution = await start();
    const body = { execution, prompt: 'Deploy?' };
    const status = async (more: object, as = token) =>
      (await call('POST', '/inquiries', { ...body, ...more }, as)).status;
    expect(await status({ execution: 999_999_999 })).toBe(404);
    expect(await status({ prompt: ' ' })).toBe(400);
    expect(await status({ assigned_to: 999_999_999 })).toBe(400);
    expect(await status({ assigned_to: ['ben'] })).toBe(400);
    expect(await status({ timeout_at: 'tomorrow' })).toBe(400);
    expect(await status({ response_schema: { a: 'text' } })).toBe(400);
    expect(await status({ response_schema: form, default_response: {} })).toBe(400);
    expect(await status({}, benToken)).toBe(403);
    expect(await status({}, strangerToken)).toBe(404);
    const { id } = await add();
    expect((await call('GET', `/inquiries/${id}`, undefined, strangerToken)).status).toBe(404);
    expect((await call('POST', `/inquiries/${id}/respond`, { response: {} }, strangerToken)).status).toBe(
      404,
    );
  });
});
