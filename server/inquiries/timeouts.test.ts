import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, querySystem } from '../db';
import { getExecution } from '../executions/service';
import { run, statesOf, work, workflow } from '../executions/test-worker';
import { fireDueTimers } from '../executions/upkeep';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { expireInquiry } from './expire';
import { getInquiry, listInquiries, respond } from './service';

let ada: Actor;
let ben: Actor;
let tenant: number;
beforeAll(async () => {
  tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  ben = await makePerson(tenant, 'Ben');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

/** A task that asks, and one task for each way it can end. */
const asking = (name: string, input: JsonObject, more: JsonObject = {}) => [
  {
    name,
    action: 'core.ask',
    input: { prompt: `${name}?`, ...input },
    next: [
      { when: '{{ timed_out() }}', do: [`${name}_slow`] },
      { when: '{{ succeeded() and result().defaulted }}', do: [`${name}_defaulted`] },
      { when: '{{ succeeded() and not result().defaulted }}', do: [`${name}_answered`] },
    ],
    ...more,
  },
  { name: `${name}_slow`, action: 'core.echo' },
  {
    name: `${name}_defaulted`,
    action: 'core.echo',
    input: { message: `used {{ task.${name}.result.response.ok }}` },
  },
  { name: `${name}_answered`, action: 'core.echo' },
];

async function ask(tasks: JsonObject[]): Promise<{ id: number; inquiries: Record<string, number> }> {
  const id = await run(ada, await workflow(ada, tasks));
  await work();
  const { items } = await listInquiries(ada, { view: 'all', limit: 100 });
  const own = items.filter(({ rootId }) => rootId === id);
  return { id, inquiries: Object.fromEntries(own.map((inquiry) => [inquiry.taskName ?? '', inquiry.id])) };
}

/** Lets time pass for what a run has asked and for the tasks that wait. */
async function passTime(id: number, seconds: number): Promise<void> {
  await inSystem(async (tx) => {
    const by = `make_interval(secs => ${seconds})`;
    await tx.query(
      `UPDATE inquiry SET timeout_at = timeout_at - ${by}, created = created - ${by} WHERE root_id = $1 AND status = 'pending'`,
      [id],
    );
    await tx.query(
      `UPDATE execution SET deadline_at = deadline_at - ${by} WHERE root_id = $1 AND ended_at IS NULL`,
      [id],
    );
  });
}

/** Fires what is due, as often as there is something, and works. Gives how much it was. */
async function settle(): Promise<number> {
  const fired = await fireDueTimers(100);
  await work();
  return fired;
}

describe('an inquiry whose time is up', () => {
  it('T2.7 uses the default response, told apart from an answer', async () => {
    const { id } = await ask(asking('ask', { timeout: 60, default_response: { ok: 'by default' } }));
    await passTime(id, 59);
    expect(await settle()).toBe(0);
    await passTime(id, 2);
    expect(await settle()).toBe(1);
    expect(await statesOf(ada, id)).toEqual({
      run: 'completed',
      ...{ ask: 'completed', ask_defaulted: 'completed' },
    });
  });

  it('T2.7 without a default response ends its task as timeout, so that timed_out() is true', async () => {
    const { id } = await ask(asking('ask', { timeout: 60 }));
    await passTime(id, 61);
    await settle();
    expect(await statesOf(ada, id)).toEqual({ run: 'completed', ask: 'timeout', ask_slow: 'completed' });
  });

  it('Rule 13: on_timeout fail leaves a default response unused', async () => {
    const { id } = await ask(
      asking('ask', { timeout: 60, on_timeout: 'fail', default_response: { ok: true } }),
    );
    await passTime(id, 61);
    await settle();
    expect(await statesOf(ada, id)).toMatchObject({ ask: 'timeout', ask_slow: 'completed' });
  });

  it('T2.7 that was answered in time is not asked again by its timer', async () => {
    const { id, inquiries } = await ask(asking('ask', { timeout: 60, default_response: { ok: true } }));
    await respond(ben, { id: inquiries['ask'] ?? 0, response: { ok: true }, comment: '' });
    expect(await expireInquiry(tenant, id, inquiries['ask'] ?? 0)).toBe(false);
    expect(await settle()).toBe(0);
    expect(await statesOf(ada, id)).toMatchObject({ ask: 'completed', ask_answered: 'completed' });
  });

  it('T2.7 ends by its own time beside others of the same run', async () => {
    const { id, inquiries } = await ask([
      ...asking('soon', { timeout: 60 }),
      ...asking('later', { timeout: 600, default_response: { ok: true } }),
      ...asking('last', { timeout: 6000 }),
    ]);
    await passTime(id, 61);
    expect(await settle()).toBe(1);
    expect(await statesOf(ada, id)).toMatchObject({ soon: 'timeout', later: 'waiting', last: 'waiting' });
    await passTime(id, 600);
    expect(await settle()).toBe(1);
    await respond(ben, { id: inquiries['last'] ?? 0, response: {}, comment: '' });
    await work();
    expect(await statesOf(ada, id)).toEqual({
      run: 'completed',
      ...{ soon: 'timeout', soon_slow: 'completed' },
      ...{ later: 'completed', later_defaulted: 'completed' },
      ...{ last: 'completed', last_answered: 'completed' },
    });
  });

  it('Rule 13: the task’s own timeout bounds it, whatever was to come at its own', async () => {
    const { id } = await ask(
      asking('ask', { timeout: 600, default_response: { ok: true } }, { timeout: 60 }),
    );
    const [inquiry] = await querySystem<{ on_timeout: string }>(
      'SELECT on_timeout FROM inquiry WHERE root_id = $1',
      [id],
    );
    expect(inquiry?.on_timeout).toBe('fail');
    await passTime(id, 61);
    await settle();
    expect(await statesOf(ada, id)).toMatchObject({
      run: 'completed',
      ask: 'timeout',
      ask_slow: 'completed',
    });
  });

  it('Rule 13: the task’s timeout is the time to answer where the inquiry has none of its own', async () => {
    const { id } = await ask(asking('ask', { default_response: { ok: true } }, { timeout: 60 }));
    await passTime(id, 61);
    await settle();
    expect(await statesOf(ada, id)).toMatchObject({ ask: 'completed', ask_defaulted: 'completed' });
  });
});

describe('escalating', () => {
  const escalating = (more: JsonObject = {}) => ({
    timeout: 60,
    on_timeout: 'escalate',
    assigned_to: [`user:${ada.login}`],
    escalate_to: [`user:${ben.login}`],
    ...more,
  });

  it('Rule 13: asks others for one more period; the first ones cannot answer any more', async () => {
    const { id, inquiries } = await ask(asking('ask', escalating()));
    const inquiry = inquiries['ask'] ?? 0;
    expect(await getInquiry(ben, inquiry)).toMatchObject({
      ...{ mayRespond: false, onTimeout: 'escalate', escalateTo: [`user:${ben.login}`] },
    });
    await passTime(id, 61);
    expect(await settle()).toBe(1);
    expect(await statesOf(ada, id)).toEqual({ run: 'running', ask: 'waiting' });
    const escalated = await getInquiry(ben, inquiry);
    expect(escalated).toMatchObject({
      ...{ status: 'pending', mayRespond: true, onTimeout: 'fail' },
      ...{ assignedTo: [`user:${ben.login}`], escalatedFrom: [`user:${ada.login}`] },
    });
    expect(Date.parse(escalated.timeoutAt ?? '') - Date.parse(escalated.escalatedAt ?? '')).toBeCloseTo(
      60_000,
      -3,
    );
    const feed = await querySystem('SELECT 1 FROM change_feed WHERE root_id = $1 AND kind = $2', [
      id,
      'escalated',
    ]);
    expect(feed).toHaveLength(1);
    await expect(respond(ada, { id: inquiry, response: {}, comment: '' })).rejects.toThrow(
      `This is for user:${ben.login}`,
    );
    await respond(ben, { id: inquiry, response: {}, comment: '' });
    await work();
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed', ask_answered: 'completed' });
  });

  it('Rule 13: happens once: after the second period the task has timed out', async () => {
    const { id } = await ask(asking('ask', escalating()));
    await passTime(id, 61);
    await settle();
    await passTime(id, 61);
    expect(await settle()).toBe(1);
    expect(await statesOf(ada, id)).toMatchObject({ ask: 'timeout', ask_slow: 'completed' });
    const [row] = await querySystem<{ error: string }>(
      `SELECT error FROM execution WHERE root_id = $1 AND task_name = 'ask'`,
      [id],
    );
    expect(row?.error).toMatch(/^Nobody answered within 12\d s, also after others were asked\.$/);
  });

  it('Rule 13: uses the default response after the second period, where there is one', async () => {
    const { id } = await ask(asking('ask', escalating({ default_response: { ok: true } })));
    await passTime(id, 61);
    await settle();
    await passTime(id, 61);
    await settle();
    expect(await statesOf(ada, id)).toMatchObject({ ask: 'completed', ask_defaulted: 'completed' });
  });

  it('Rule 13: two timers that fire at once escalate once, and leave the second period to pass', async () => {
    const { id, inquiries } = await ask(asking('ask', escalating()));
    await passTime(id, 61);
    const inquiry = inquiries['ask'] ?? 0;
    const fired = await Promise.all([expireInquiry(tenant, id, inquiry), expireInquiry(tenant, id, inquiry)]);
    expect(fired.sort()).toEqual([false, true]);
    expect((await getInquiry(ben, inquiry)).status).toBe('pending');
    await respond(ben, { id: inquiry, response: {}, comment: '' });
    await work();
  });

  it('Rule 13: the task’s own timeout cuts the second period short', async () => {
    const input = escalating({ default_response: { ok: true } });
    const { id, inquiries } = await ask(asking('ask', input, { timeout: 90 }));
    await passTime(id, 61);
    await settle();
    expect(await getInquiry(ben, inquiries['ask'] ?? 0)).toMatchObject({ onTimeout: 'fail' });
    await passTime(id, 30);
    await settle();
    expect(await statesOf(ada, id)).toMatchObject({ ask: 'timeout', ask_slow: 'completed' });
  });

  it('Rule 13: answers of a quorum that came before it still count', async () => {
    const eve = await makePerson(tenant, 'Eve');
    const { id, inquiries } = await ask(
      asking(
        'ask',
        escalating({
          quorum: 2,
          assigned_to: [`user:${ada.login}`, `user:${eve.login}`],
          escalate_to: [`user:${ben.login}`, 'role:core.admin'],
        }),
      ),
    );
    const inquiry = inquiries['ask'] ?? 0;
    await respond(ada, { id: inquiry, response: { approved: true }, comment: 'fine' });
    await passTime(id, 61);
    await settle();
    expect((await respond(ben, { id: inquiry, response: { approved: true }, comment: '' })).status).toBe(
      'responded',
    );
    await work();
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed', ask_answered: 'completed' });
  });

  it('Rule 13: says what is missing when it cannot be asked so', async () => {
    const errors: [JsonObject, RegExp][] = [
      [{ on_timeout: 'escalate', timeout: 60 }, /^escalate_to: .* who is asked then/],
      [{ on_timeout: 'escalate', escalate_to: ['user:x'] }, /^timeout: .* how long each round lasts/],
      [{ on_timeout: 'escalate', timeout: 60, escalate_to: ['x'] }, /^escalate_to: a list of names/],
      [
        { quorum: 2, assigned_to: ['user:x', 'user:x'] },
        /^quorum: 2 people must agree, and assigned_to names 1/,
      ],
    ];
    for (const [input, message] of errors) {
      const id = await run(ada, 'core.ask', { prompt: 'Well?', ...input });
      await work();
      expect(await getExecution(ada, id)).toMatchObject({ state: 'failed' });
      expect((await getExecution(ada, id)).error).toMatch(message);
    }
  });
});
