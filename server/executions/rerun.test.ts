import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, inTenant, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import type { JsonObject } from '../fields';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { getWorkflow, publish, saveDraft } from '../workflows/service';
import { createExecution } from './create';
import { rerunExecution } from './rerun';
import { cancelExecution, getExecution, getRun } from './service';
import { done, failed, run, statesOf, work, workflow } from './test-worker';

let tenant: number;
let ada: Actor;

beforeAll(async () => {
  tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const again = (input: { id: number } & Partial<Parameters<typeof rerunExecution>[1]>) =>
  rerunExecution(ada, { revision: 'newest', ...input });

/** Works until nothing waits: a task fails while its message is among `bad`; else it gives its message back. */
async function workWithout(...bad: string[]): Promise<string[]> {
  const claims = await work(({ parameters }) => {
    const said = parameters['message'] ?? null;
    return bad.includes(String(said)) ? failed : done({ said });
  });
  return claims.map(({ parameters }) => String(parameters['message']));
}

async function publishAs(ref: string, definition: JsonObject): Promise<void> {
  const { draftVersion } = await getWorkflow(ada, ref);
  const saved = await saveDraft(ada, { ref, draftVersion, definition, layout: { positions: {} } });
  await publish(ada, { ref, draftVersion: saved.draftVersion, note: '' });
}

// build ──► deploy ──► verify
const release = (message: string): JsonObject => ({
  parameters: { app: { type: 'string', required: true } },
  vars: { image: 'none' },
  tasks: [
    {
      name: 'build',
      action: 'core.echo',
      input: { message: 'build {{ parameters.app }}' },
      next: [{ when: '{{ succeeded() }}', publish: [{ image: '{{ result().said }}' }], do: ['deploy'] }],
    },
    {
      name: 'deploy',
      action: 'core.echo',
      input: { message },
      next: [{ when: '{{ succeeded() }}', do: ['verify'] }],
    },
    {
      name: 'verify',
      action: 'core.echo',
      input: { message: 'verify {{ task.deploy.result.data.said }} of {{ task.build.result.data.said }}' },
    },
  ],
  output_map: { image: '{{ workflow.image }}', app: '{{ parameters.app }}' },
});
const { tasks, ...others } = release('deploy {{ workflow.image }}');
const flow = () => workflow(ada, tasks as JsonObject[], others);

describe('a rerun', () => {
  it('Rule 16: of the whole run is a new execution that points to the old one, and the old one to it', async () => {
    const id = await run(ada, await flow(), { app: 'web' });
    await workWithout();
    const next = await again({ id });
    expect(next).toMatchObject({ rerunOf: id, rerunFrom: null, parentId: null, rootId: next.id });
    expect(await workWithout()).toEqual([
      'build web',
      'deploy build web',
      'verify deploy build web of build web',
    ]);
    expect(await getExecution(ada, next.id)).toMatchObject({
      state: 'completed',
      parameters: { app: 'web' },
      requestedBy: ada.login,
      reruns: [],
    });
    expect((await getExecution(ada, id)).reruns).toEqual([
      { id: next.id, state: 'completed', rerunFrom: null },
    ]);
  });

  it('Rule 16: with edited parameters, checked as always', async () => {
    const id = await run(ada, await flow(), { app: 'web' });
    await workWithout();
    const edited = await again({ id, parameters: { app: 'shop' } });
    expect(await workWithout()).toContain('build shop');
    expect((await getExecution(ada, edited.id)).result).toMatchObject({ app: 'shop' });
    expect(await again({ id, parameters: {} })).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('app') as string,
    });
    expect((await getExecution(ada, id)).parameters).toEqual({ app: 'web' });
  });

  it('Rule 16: of a failed run from its failed task keeps what lies before it, with results and variables', async () => {
    const id = await run(ada, await flow(), { app: 'web' });
    await workWithout('deploy build web');
    expect(await statesOf(ada, id)).toEqual({ run: 'failed', build: 'completed', deploy: 'failed' });
    const next = await again({ id, fromTask: 'deploy' });
    expect(next).toMatchObject({ rerunOf: id, rerunFrom: 'deploy' });
    expect(await workWithout()).toEqual(['deploy build web', 'verify deploy build web of build web']);
    expect(await statesOf(ada, next.id)).toEqual({
      run: 'completed',
      ...{ deploy: 'completed', verify: 'completed' },
    });
    expect((await getExecution(ada, next.id)).result).toEqual({ image: 'build web', app: 'web' });
    const view = await getRun(ada, next.id);
    expect(view.taskRuns.map(({ task, status, keptFrom }) => [task, status, keptFrom])).toEqual([
      ['build', 'completed', id],
      ['deploy', 'completed', null],
      ['verify', 'completed', null],
    ]);
    expect(view.taskRuns[0]?.transitions).toMatchObject([{ fired: true, to: ['deploy'] }]);
    expect((await getExecution(ada, id)).state).toBe('failed');
  });

  it('Rule 16: from a task with edited parameters uses them from there on', async () => {
    const asked = (by: string) => `{{ parameters.${by} }}`;
    const ref = await workflow(ada, [
      { name: 'a', action: 'core.echo', input: { message: asked('x') }, next: [{ do: ['b'] }] },
      {
        name: 'b',
        action: 'core.echo',
        input: { message: `${asked('x')} after {{ task.a.result.data.said }}` },
      },
    ]);
    const id = await run(ada, ref, { x: 'wrong' });
    await workWithout('wrong after wrong');
    await again({ id, fromTask: 'b', parameters: { x: 'right' } });
    expect(await workWithout()).toEqual(['right after wrong']);
  });

  it('Rule 16: again from a rerun keeps what both kept, and says where it really ran', async () => {
    const id = await run(ada, await flow(), { app: 'web' });
    await workWithout('deploy build web');
    const second = await again({ id, fromTask: 'deploy' });
    await workWithout('verify deploy build web of build web');
    const third = await again({ id: second.id, fromTask: 'verify' });
    expect(await workWithout()).toEqual(['verify deploy build web of build web']);
    expect((await getRun(ada, third.id)).taskRuns.map(({ task, keptFrom }) => [task, keptFrom])).toEqual([
      ['build', id],
      ['deploy', second.id],
      ['verify', null],
    ]);
    expect((await getExecution(ada, third.id)).result).toEqual({ image: 'build web', app: 'web' });
  });

  it('Rule 16: a join behind the task has the tokens of the branches that are not run again', async () => {
    // a ──► x ──┐
    //   └─► b ──┴─► c (all)
    const ref = await workflow(ada, [
      { name: 'a', action: 'core.echo', next: [{ do: ['x', 'b'] }] },
      {
        name: 'x',
        action: 'core.echo',
        input: { message: 'x' },
        next: [{ when: '{{ succeeded() }}', do: ['c'] }],
      },
      { name: 'b', action: 'core.echo', input: { message: 'b' }, next: [{ do: ['c'] }] },
      {
        name: 'c',
        action: 'core.echo',
        join: 'all',
        input: { message: 'c after {{ task.b.result.data.said }} and {{ task.x.result.data.said }}' },
      },
    ]);
    const id = await run(ada, ref);
    await workWithout('x');
    const next = await again({ id, fromTask: 'x' });
    expect(await workWithout()).toEqual(['x', 'c after b and x']);
    expect((await getExecution(ada, next.id)).state).toBe('completed');
  });

  it('Rule 16: results of items are kept too, each in its place', async () => {
    const ref = await workflow(ada, [
      {
        ...{ name: 'each', action: 'core.echo', with_items: ['a', 'b', 'c'] },
        input: { message: '{{ item }}' },
        next: [{ do: ['then'] }],
      },
      {
        ...{ name: 'then', action: 'core.echo' },
        input: { message: '{{ task.each.result[2].data.said }} of {{ task.each.result | length }}' },
      },
    ]);
    const id = await run(ada, ref);
    await workWithout('c of 3');
    const second = await again({ id, fromTask: 'then' });
    await workWithout('c of 3');
    await again({ id: second.id, fromTask: 'then' });
    expect(await workWithout()).toEqual(['c of 3']);
  });

  it('Rule 16: in a loop from the latest visit or a given one, with the variables of that moment', async () => {
    const ref = await workflow(
      ada,
      [
        { name: 'first', action: 'core.echo', next: [{ do: ['step'] }] },
        {
          name: 'step',
          action: 'core.echo',
          input: { message: 'round {{ workflow.n }}' },
          next: [
            { when: '{{ workflow.n < 2 }}', publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['step'] },
            { otherwise: true },
          ],
        },
      ],
      { vars: { n: 0, note: 'kept' }, output_map: { n: '{{ workflow.n }}', note: '{{ workflow.note }}' } },
    );
    const id = await run(ada, ref);
    expect(await workWithout()).toEqual(['', 'round 0', 'round 1', 'round 2']);
    await again({ id, fromTask: 'step' });
    expect(await workWithout()).toEqual(['round 2']);
    const second = await again({ id, fromTask: 'step', visit: 2 });
    expect(await workWithout()).toEqual(['round 1', 'round 2']);
    const view = await getRun(ada, second.id);
    expect(view.taskRuns.map(({ task, visit, keptFrom }) => [task, visit, keptFrom !== null])).toEqual([
      ['first', 1, true],
      ['step', 1, true],
      ['step', 2, false],
      ['step', 3, false],
    ]);
    expect((await getExecution(ada, second.id)).result).toEqual({ n: 2, note: 'kept' });
  });

  it('Rule 16: on the newest revision by default, on the same one on request', async () => {
    const ref = await flow();
    const id = await run(ada, ref, { app: 'web' });
    await workWithout('deploy build web');
    await publishAs(ref, release('better {{ workflow.image }}'));
    const newest = await again({ id, fromTask: 'deploy' });
    expect(await workWithout()).toEqual(['better build web', 'verify better build web of build web']);
    const same = await again({ id, fromTask: 'deploy', revision: 'same' });
    expect(await workWithout()).toEqual(['deploy build web', 'verify deploy build web of build web']);
    expect([newest.revision, same.revision]).toEqual([2, 1]);
    expect(await getExecution(ada, id)).toMatchObject({ revision: 1, newestRevision: 2 });
  });

  it('Rule 16: checks the parameters by the revision that it runs', async () => {
    const ref = await flow();
    const id = await run(ada, ref, { app: 'web' });
    await workWithout();
    await publishAs(ref, { ...release('x'), parameters: { region: { type: 'string', required: true } } });
    expect(await again({ id })).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('region') as string,
    });
    expect(await again({ id, revision: 'same' })).toMatchObject({ state: 'requested' });
    await workWithout();
  });

  it('Rule 16: from a task that the newest revision lacks, or that never ran, is a conflict that says so', async () => {
    const ref = await flow();
    const id = await run(ada, ref, { app: 'web' });
    await workWithout('build web');
    await expect(again({ id, fromTask: 'verify' })).rejects.toMatchObject({
      ...{ kind: 'conflict', code: 'task_never_ran' },
      message: expect.stringContaining('The task verify did not run there') as string,
    });
    const [first] = tasks as JsonObject[];
    await publishAs(ref, { ...others, tasks: [{ ...first, name: 'make', next: [] }] });
    await expect(again({ id, fromTask: 'build' })).rejects.toThrow(
      'There is no task build in this revision. Its tasks are make.',
    );
    expect(await again({ id, fromTask: 'build', revision: 'same' })).toMatchObject({ state: 'requested' });
    await workWithout();
  });

  it('Rule 16: from a task needs a run that has ended, and tasks', async () => {
    const id = await run(ada, await flow(), { app: 'web' });
    await work(() => null);
    await expect(again({ id, fromTask: 'build' })).rejects.toThrow(`Execution ${id} is running`);
    await cancelExecution(ada, id);
    const action = await run(ada, 'core.echo', { message: 'hi' });
    await workWithout();
    await expect(again({ id: action, fromTask: 'x' })).rejects.toThrow('has no tasks');
    const whole = await again({ id: action, revision: 'same' });
    expect(await workWithout()).toEqual(['hi']);
    expect(await getExecution(ada, whole.id)).toMatchObject({ state: 'completed', rerunOf: action });
  });

  it('Rule 16: takes up what a cancel had cut off, and does not do again what had ended', async () => {
    // a ──► b     c ──► d
    const ref = await workflow(ada, [
      { name: 'a', action: 'core.echo', input: { message: 'a' }, next: [{ do: ['b'] }] },
      { name: 'b', action: 'core.ask', input: { prompt: 'Go on?' } },
      { name: 'c', action: 'core.ask', input: { prompt: 'And here?' }, next: [{ do: ['d'] }] },
      { name: 'd', action: 'core.echo', input: { message: 'd' } },
    ]);
    const id = await run(ada, ref);
    await workWithout();
    await cancelExecution(ada, id);
    await workWithout();
    const next = await again({ id, fromTask: 'b' });
    await workWithout();
    expect(await statesOf(ada, next.id)).toEqual({ run: 'running', b: 'waiting', c: 'waiting' });
    await cancelExecution(ada, next.id);
    await workWithout();
  });

  it('Rule 16: of a nested run is a run of its own', async () => {
    const inner = await flow();
    const outer = await workflow(ada, [{ name: 'inner', action: inner, input: { app: 'web' } }]);
    const id = await run(ada, outer);
    await workWithout('deploy build web');
    const [nested] = await querySystem<{ id: number }>(
      `SELECT id FROM execution WHERE root_id = $1 AND task_name = 'inner'`,
      [id],
    );
    const next = await again({ id: nested?.id ?? 0, fromTask: 'deploy' });
    expect(next).toMatchObject({ rootId: next.id, parentId: null, rerunOf: nested?.id });
    expect(await workWithout()).toEqual(['deploy build web', 'verify deploy build web of build web']);
  });

  it('Rule 16: knows the event of the run that it runs again', async () => {
    const ref = await workflow(ada, [
      { name: 'a', action: 'core.echo', input: { message: '{{ event.payload.host }}' } },
    ]);
    const [event] = await inSystem((tx) =>
      tx.query<{ id: number }>(
        `INSERT INTO event (tenant_id, trigger_ref, payload) VALUES ($1, 'ops.hook', '{"host": "db1"}') RETURNING id`,
        [tenant],
      ),
    );
    const eventId = event?.id ?? 0;
    const cause = { enforcementId: 1, eventId, ruleRef: 'ops.rule', triggerRef: 'ops.hook' };
    const { id } = await inTenant(tenant, (tx) =>
      createExecution(tx, tenant, { actionRef: ref, parameters: {}, cause }),
    );
    expect(await workWithout()).toEqual(['db1']);
    expect(await again({ id })).toMatchObject({ eventId, ruleRef: 'ops.rule', enforcementId: null });
    expect(await workWithout()).toEqual(['db1']);
  });

  it('Rule 16: does not need the old run any more once it is asked for, and has a time limit of its own', async () => {
    const ref = await workflow(ada, tasks as JsonObject[], { ...others, timeout: 600 });
    const id = await run(ada, ref, { app: 'web' });
    await workWithout('deploy build web');
    const next = await again({ id, fromTask: 'deploy' });
    await inSystem(async (tx) => {
      for (const table of ['execution', 'task_run', 'workflow_run'])
        await tx.query(`DELETE FROM ${table} WHERE root_id = $1`, [id]);
    });
    expect((await getRun(ada, next.id)).taskRuns).toMatchObject([{ task: 'build', keptFrom: id }]);
    await work(() => null);
    const begun = await getExecution(ada, next.id);
    const limit = Date.parse(begun.deadlineAt ?? '') - Date.parse(begun.startedAt ?? '');
    expect(limit / 1000).toBeCloseTo(600, -1);
    await cancelExecution(ada, next.id);
  });

  it('Rule 16: is for those who may run the action, and see it', async () => {
    const id = await run(ada, await flow(), { app: 'web' });
    await workWithout();
    await expect(rerunExecution(await makeReader(tenant), { id, revision: 'newest' })).rejects.toMatchObject({
      kind: 'forbidden',
    });
    const stranger = await makePerson(await makeTenant(), 'Mallory');
    await expect(rerunExecution(stranger, { id, revision: 'newest' })).rejects.toMatchObject({
      kind: 'not_found',
    });
  });
});
