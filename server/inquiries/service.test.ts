import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, querySystem } from '../db';
import { run, statesOf, work, workflow } from '../executions/test-worker';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { getInquiry, listInquiries, respond } from './service';

let ada: Actor;
let ben: Actor;
beforeAll(async () => {
  const tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  ben = await makePerson(tenant, 'Ben');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

describe('inquiries', () => {
  const asking = (input: JsonObject) => [
    {
      name: 'ask',
      action: 'core.ask',
      input: {
        prompt: 'Deploy?',
        response_schema: {
          type: 'object',
          required: ['approved'],
          properties: { approved: { type: 'boolean' } },
        },
        ...input,
      },
      next: [
        { when: '{{ result().response.approved }}', do: ['yes'] },
        { otherwise: true, do: ['no'] },
      ],
    },
    { name: 'yes', action: 'core.echo' },
    { name: 'no', action: 'core.echo' },
  ];

  async function ask(input: JsonObject = {}): Promise<{ id: number; inquiry: number }> {
    const id = await run(ada, await workflow(ada, asking(input)));
    await work();
    const { items } = await listInquiries(ada, { view: 'all', limit: 50 });
    return { id, inquiry: items.find(({ rootId }) => rootId === id)?.id ?? 0 };
  }

  it('T2.6 hold no worker, and an answer lets the run go on down its branch only', async () => {
    const { id, inquiry } = await ask();
    expect(await statesOf(ada, id)).toEqual({ run: 'running', ask: 'waiting' });
    await respond(ben, { id: inquiry, response: { approved: false }, comment: '' });
    await work();
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', ask: 'completed', no: 'completed' });
  });

  it('are decided once, when two people answer at the same moment', async () => {
    const { inquiry } = await ask();
    const answers = await Promise.allSettled([
      respond(ada, { id: inquiry, response: { approved: true }, comment: '' }),
      respond(ben, { id: inquiry, response: { approved: false }, comment: '' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = answers.find((answer) => answer.status === 'rejected');
    expect(String(lost?.reason)).toMatch(/(Ada|Ben) has answered this already/);
    await work();
  });

  it('refuse an answer that does not fit, field by field, and stay open', async () => {
    const { inquiry } = await ask();
    await expect(
      respond(ada, { id: inquiry, response: { approved: 'yes' }, comment: '' }),
    ).rejects.toMatchObject({ details: [{ path: 'response.approved', message: 'must be a boolean' }] });
    await respond(ada, { id: inquiry, response: { approved: true }, comment: '' });
    await work();
  });

  it('are for those whom they are assigned to', async () => {
    const { inquiry } = await ask({ assigned_to: [`user:${ben.login}`] });
    await expect(respond(ada, { id: inquiry, response: { approved: true }, comment: '' })).rejects.toThrow(
      /This is for user:/,
    );
    await respond(ben, { id: inquiry, response: { approved: true }, comment: '' });
    await work();
  });

  it('with a quorum wait until that many people agree', async () => {
    const { id, inquiry } = await ask({ quorum: 2 });
    expect((await respond(ada, { id: inquiry, response: { approved: true }, comment: '' })).status).toBe(
      'pending',
    );
    await expect(respond(ada, { id: inquiry, response: { approved: true }, comment: '' })).rejects.toThrow(
      /answered this already/,
    );
    expect((await respond(ben, { id: inquiry, response: { approved: true }, comment: '' })).status).toBe(
      'responded',
    );
    await work();
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed', yes: 'completed' });
  });

  it('Rule 13: is created and put into waiting in one transaction, with no worker held', async () => {
    const { id, inquiry } = await ask();
    const rows = await querySystem<{ xid: string; kind: string; entityType: string }>(
      `SELECT xid::text AS xid, kind, entity_type AS "entityType" FROM change_feed
       WHERE root_id = $1 AND (entity_type = 'inquiry' OR payload ->> 'state' = 'waiting')`,
      [id],
    );
    expect(rows.map(({ kind, entityType }) => [entityType, kind]).sort()).toEqual([
      ['execution', 'state'],
      ['inquiry', 'created'],
    ]);
    expect(new Set(rows.map(({ xid }) => xid)).size).toBe(1);
    const [waiting] = await querySystem<{ lease: Date | null }>(
      `SELECT lease_until AS lease FROM execution WHERE root_id = $1 AND state = 'waiting'`,
      [id],
    );
    expect(waiting?.lease).toBeNull();
    await respond(ada, { id: inquiry, response: { approved: true }, comment: '' });
    await work();
  });

  it('Rule 13: the answer becomes result().response, with who gave it', async () => {
    const { id, inquiry } = await ask();
    await respond(ben, { id: inquiry, response: { approved: true, note: 'ship it' }, comment: 'checked' });
    await work();
    const [row] = await querySystem<{ result: unknown }>(
      `SELECT result FROM execution WHERE root_id = $1 AND task_name = 'ask'`,
      [id],
    );
    expect(row?.result).toEqual({
      succeeded: true,
      response: { approved: true, note: 'ship it' },
      responded_by: ben.login,
      comment: 'checked',
      defaulted: false,
    });
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed', yes: 'completed' });
  });

  it('Rule 13: with a quorum of 2 a yes and a no do not make two; what two say alike is decided', async () => {
    const eve = await makePerson(ada.tenantId, 'Eve');
    const { id, inquiry } = await ask({ quorum: 2 });
    const say = (who: Actor, approved: boolean) =>
      respond(who, { id: inquiry, response: { approved }, comment: `says ${String(approved)}` });
    expect((await say(ada, true)).status).toBe('pending');
    expect((await say(ben, false)).status).toBe('pending');
    const decided = await say(eve, false);
    expect(decided).toMatchObject({ status: 'responded', response: { approved: false }, respondedBy: 'Eve' });
    expect(decided.answers.map(({ by, response, comment }) => [by, response, comment])).toEqual([
      ['Ada', { approved: true }, 'says true'],
      ['Ben', { approved: false }, 'says false'],
      ['Eve', { approved: false }, 'says false'],
    ]);
    await work();
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed', no: 'completed' });
  });

  it('Rule 13: where the form asks for no approval, equal answers agree, in whatever order their keys come', async () => {
    const { inquiry } = await ask({
      quorum: 2,
      response_schema: { type: 'object', properties: { size: { type: 'integer' } } },
    });
    await respond(ada, { id: inquiry, response: { size: 3, zone: 'a' }, comment: '' });
    expect((await respond(ben, { id: inquiry, response: { zone: 'a', size: 3 }, comment: '' })).status).toBe(
      'responded',
    );
    await work();
  });

  it('T3.9 several in one run go one after the other, and their answers can be read later', async () => {
    const form = asking({})[0]?.input;
    const tasks = [
      { name: 'manager', action: 'core.ask', input: form, next: [{ do: ['security'] }] },
      { name: 'security', action: 'core.ask', input: form, next: [{ do: ['go'] }] },
      { name: 'go', action: 'core.echo' },
    ];
    const id = await run(ada, await workflow(ada, tasks as JsonObject[]));
    for (const [person, comment] of [
      [ada, 'budget is there'],
      [ben, 'scanned'],
    ] as const) {
      await work();
      const { items } = await listInquiries(ada, { view: 'mine', limit: 50 });
      const inquiry = items.find(({ rootId }) => rootId === id)?.id ?? 0;
      await respond(person, { id: inquiry, response: { approved: true }, comment });
    }
    await work();
    const { items } = await listInquiries(ada, { view: 'answered', limit: 50 });
    const own = items.filter(({ rootId }) => rootId === id).reverse();
    const read = await Promise.all(own.map((inquiry) => getInquiry(ada, inquiry.id)));
    expect(read.map(({ taskName, answers }) => [taskName, answers[0]?.by, answers[0]?.comment])).toEqual([
      ['manager', 'Ada', 'budget is there'],
      ['security', 'Ben', 'scanned'],
    ]);
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed', go: 'completed' });
  });
});
