import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase } from '../db';
import { run, statesOf, work, workflow } from '../executions/test-worker';
import { fireDueTimers } from '../executions/upkeep';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { listInquiries, respond } from './service';

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

  it('T2.7 that nobody answers in time use the default answer, or time out', async () => {
    const withDefault = await ask({ timeout: 0.05, default_response: { approved: false } });
    const without = await ask({ timeout: 0.05 });
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(await fireDueTimers(10)).toBe(2);
    await work();
    expect(await statesOf(ada, withDefault.id)).toEqual({
      run: 'completed',
      ask: 'completed',
      no: 'completed',
    });
    expect(await statesOf(ada, without.id)).toMatchObject({ ask: 'timeout', no: 'completed' });
    await expect(
      respond(ada, { id: without.inquiry, response: { approved: true }, comment: '' }),
    ).rejects.toThrow(/time to answer is over/);
  });
});
