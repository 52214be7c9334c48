import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import { rerunExecution } from '../executions/rerun';
import { getExecution, getRun } from '../executions/service';
import { done, run, work, workflow } from '../executions/test-worker';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeReader, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { runDraft } from './draft-run';
import { pinOutput } from './pins';
import { createWorkflow, getWorkflow, listRevisions, publish, saveDraft } from './service';

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

// build ──► deploy ──► tell
const tasks = (deployed = '{{ task.build.result.data.said }}'): JsonObject[] => [
  {
    name: 'build',
    action: 'core.echo',
    input: { message: 'build {{ parameters.app }}' },
    next: [{ when: '{{ succeeded() }}', publish: [{ image: '{{ result().said }}' }], do: ['deploy'] }],
  },
  {
    name: 'deploy',
    action: 'core.echo',
    input: { message: `deploy ${deployed} as {{ workflow.image }}` },
    next: [{ when: '{{ succeeded() }}', do: ['tell'] }],
  },
  { name: 'tell', action: 'core.echo', input: { message: 'told' } },
];
const others: JsonObject = {
  parameters: { app: { type: 'string', required: true } },
  vars: { image: 'none' },
};

/** A draft that was never published. */
async function draft(ref: string, definition: JsonObject = { ...others, tasks: tasks() }): Promise<number> {
  const made = await createWorkflow(ada, { packRef: 'ops', ref, label: 'Flow', description: '' });
  const { draftVersion } = await saveDraft(ada, {
    ref,
    draftVersion: made.draftVersion,
    definition,
    layout: { positions: {} },
  });
  return draftVersion;
}

/** Works until nothing waits, core.pinned as the worker does it; gives what was said by the tasks that really ran. */
async function works(): Promise<string[]> {
  const claims = await work(({ actionRef, parameters }) =>
    actionRef === 'core.pinned'
      ? { state: 'completed', result: parameters['result'] as JsonObject, error: null }
      : done({ said: parameters['message'] ?? null }),
  );
  return claims
    .filter(({ actionRef }) => actionRef === 'core.echo')
    .map(({ parameters }) => String(parameters['message']));
}

describe('a run of a draft', () => {
  it('runs what was never published, and keeps what it ran', async () => {
    const draftVersion = await draft('ops.fresh');
    const { id, revision } = await runDraft(ada, {
      ref: 'ops.fresh',
      draftVersion,
      parameters: { app: 'web' },
    });
    expect(revision).toBeLessThan(0);
    const saved = await saveDraft(ada, {
      ref: 'ops.fresh',
      draftVersion,
      definition: { tasks: [] },
      layout: { positions: {} },
    });
    expect(await works()).toEqual(['build web', 'deploy build web as build web', 'told']);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'completed', kind: 'workflow' });
    expect((await getRun(ada, id)).definition.tasks.map(({ name }) => name)).toEqual([
      'build',
      'deploy',
      'tell',
    ]);
    // No rule, no parent and no list sees it.
    expect(await listRevisions(ada, 'ops.fresh')).toEqual([]);
    expect(await getWorkflow(ada, 'ops.fresh')).toMatchObject({ published: null, hasChanges: true });
    const refused = await run(ada, 'ops.fresh', { app: 'web' });
    expect((await getExecution(ada, refused)).error).toMatch(/no published revision/);
    expect(saved.draftVersion).toBe(draftVersion + 1);
  });

  it('leaves the numbers of revisions as they are', async () => {
    const draftVersion = await draft('ops.counted');
    const input = { ref: 'ops.counted', draftVersion, parameters: { app: 'web' } };
    const first = await runDraft(ada, input);
    expect((await runDraft(ada, input)).revision).toBe(first.revision);
    await works();
    expect((await publish(ada, { ref: 'ops.counted', draftVersion, note: '' })).number).toBe(1);
  });

  it('can be run again as it was', async () => {
    const draftVersion = await draft('ops.again');
    const { id, revision } = await runDraft(ada, {
      ref: 'ops.again',
      draftVersion,
      parameters: { app: 'web' },
    });
    await works();
    const again = await rerunExecution(ada, { id, revision: 'same' });
    expect(again.revision).toBe(revision);
    expect(await works()).toHaveLength(3);
  });

  it('takes a pinned output instead of running its task, and no published run does', async () => {
    const ref = await workflow(ada, tasks(), others);
    await pinOutput(ada, { ref, task: 'build', result: { succeeded: true, data: { said: '{{ held }}' } } });
    const { draftVersion, pins, hasChanges } = await getWorkflow(ada, ref);
    expect(pins).toEqual({ build: { succeeded: true, data: { said: '{{ held }}' } } });
    expect(hasChanges).toBe(false);
    await runDraft(ada, { ref, draftVersion, parameters: { app: 'web' } });
    expect(await works()).toEqual(['deploy {{ held }} as {{ held }}', 'told']);
    await run(ada, ref, { app: 'web' });
    expect(await works()).toEqual(['build web', 'deploy build web as build web', 'told']);
    expect(await pinOutput(ada, { ref, task: 'build', result: null })).toEqual({});
  });

  it('runs one step with what an earlier run gave, and nothing else', async () => {
    const ref = await workflow(ada, tasks(), others);
    const from = await run(ada, ref, { app: 'web' });
    await works();
    const { draftVersion } = await getWorkflow(ada, ref);
    const { id } = await runDraft(ada, {
      ref,
      draftVersion,
      parameters: { app: 'web' },
      from,
      only: { task: 'deploy', kind: 'step' },
    });
    expect(await works()).toEqual(['deploy build web as build web']);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'completed' });
  });

  it('does not take for a value what stands for a secret in an earlier run', async () => {
    const ref = 'ops.masked';
    const spoken = '{{ task.build.result.data.said }}';
    const draftVersion = await draft(ref, { ...others, tasks: tasks(spoken) });
    const all = await runDraft(ada, { ref, draftVersion, parameters: { app: '********' } });
    await works();
    const step = (task: string) =>
      runDraft(ada, {
        ...{ ref, draftVersion, parameters: { app: 'web' } },
        ...{ only: { task, kind: 'step' as const }, from: all.id },
      });
    await expect(step('deploy')).rejects.toMatchObject({
      code: 'secret_not_kept',
      message: expect.stringContaining('The result of build') as string,
    });
    // What reads nothing of it runs.
    await step('tell');
    expect(await works()).toEqual(['told']);
    await pinOutput(ada, { ref, task: 'build', result: { data: { said: 'pinned' } } });
    await expect(step('deploy')).rejects.toMatchObject({
      message: expect.stringContaining('The variable image') as string,
    });
  });

  it('runs up to a task', async () => {
    const draftVersion = await draft('ops.upto');
    await runDraft(ada, {
      ref: 'ops.upto',
      draftVersion,
      parameters: { app: 'web' },
      only: { task: 'deploy', kind: 'to' },
    });
    expect(await works()).toEqual(['build web', 'deploy build web as build web']);
  });

  it('is refused for a draft with errors, but not for a part that has none', async () => {
    const draftVersion = await draft('ops.broken', {
      tasks: [
        { name: 'good', action: 'core.echo', input: { message: 'hi' }, next: [{ do: ['bad'] }] },
        { name: 'bad', action: 'ops.nothing' },
      ],
    });
    const input = { ref: 'ops.broken', draftVersion, parameters: {} };
    await expect(runDraft(ada, input)).rejects.toMatchObject({ code: 'has_problems' });
    await runDraft(ada, { ...input, only: { task: 'good', kind: 'step' } });
    expect(await works()).toEqual(['hi']);
  });

  it('is refused when somebody saved meanwhile, for tasks that are not there, and for runs of other workflows', async () => {
    const draftVersion = await draft('ops.refused');
    const input = { ref: 'ops.refused', draftVersion, parameters: { app: 'x' } };
    await expect(runDraft(ada, { ...input, draftVersion: draftVersion + 1 })).rejects.toMatchObject({
      code: 'stale_draft',
    });
    await expect(runDraft(ada, { ...input, only: { task: 'nobody', kind: 'to' } })).rejects.toMatchObject({
      code: 'unknown_task',
    });
    const other = await run(ada, await workflow(ada, tasks(), others), { app: 'web' });
    await works();
    await expect(runDraft(ada, { ...input, from: other })).rejects.toMatchObject({ code: 'other_workflow' });
  });

  it('is for those who may edit, and the draft of another tenant is not there', async () => {
    const draftVersion = await draft('ops.mine');
    const input = { ref: 'ops.mine', draftVersion, parameters: { app: 'x' } };
    await expect(runDraft(await makeReader(tenant), input)).rejects.toMatchObject({ code: 'forbidden' });
    const stranger = await makePerson(await makeTenant(), 'Eve');
    await expect(runDraft(stranger, input)).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('keeps at most 200 of its snapshots, and those that runs need', async () => {
    const draftVersion = await draft('ops.many');
    const input = { ref: 'ops.many', draftVersion, parameters: { app: 'open' } };
    const first = await runDraft(ada, input);
    await inSystem(async (tx) => {
      await tx.query(
        `INSERT INTO workflow_revision (tenant_id, workflow_id, number, definition)
         SELECT w.tenant_id, w.id, -n, '{}' FROM workflow w, generate_series(2, 300) n WHERE w.tenant_id = $1 AND w.ref = 'ops.many'`,
        [tenant],
      );
    });
    const last = await runDraft(ada, input);
    const numbers = await inSystem((tx) =>
      tx.query<{ number: number }>(
        `SELECT r.number FROM workflow_revision r JOIN workflow w ON w.id = r.workflow_id
         WHERE w.tenant_id = $1 AND w.ref = 'ops.many' ORDER BY r.number`,
        [tenant],
      ),
    );
    expect(numbers).toHaveLength(201);
    expect(numbers[0]?.number).toBe(last.revision);
    expect(numbers.at(-1)?.number).toBe(first.revision);
    await works();
  });
});

describe('a pinned output', () => {
  it('is an object, or a list of objects, of bounded size', async () => {
    await draft('ops.pins');
    const pin = (result: JsonObject[string]) => pinOutput(ada, { ref: 'ops.pins', task: 'build', result });
    await expect(pin('text')).rejects.toMatchObject({ code: 'not_a_result' });
    await expect(pin([1])).rejects.toMatchObject({ code: 'not_a_result' });
    await expect(pin({ text: 'x'.repeat(1_000_001) })).rejects.toMatchObject({ code: 'pins_too_large' });
    expect(await pin([{ data: 1 }])).toEqual({ build: [{ data: 1 }] });
    await expect(
      pinOutput(await makeReader(tenant), { ref: 'ops.pins', task: 'build', result: null }),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});
