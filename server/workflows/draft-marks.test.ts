import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase } from '../db';
import { resumeExecution } from '../executions/pause';
import { getExecution, getRun } from '../executions/service';
import { done, run, statesOf, work } from '../executions/test-worker';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { runDraft } from './draft-run';
import type { Layout } from './schema';
import { createWorkflow, publish, saveDraft } from './service';

let ada: Actor;
beforeAll(async () => {
  const tenant = await makeTenant();
  ada = await makePerson(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
});
afterAll(async () => {
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

const echo = (name: string, to: string | null, message = name): JsonObject => ({
  ...{ name, action: 'core.echo', input: { message } },
  ...(to === null ? {} : { next: [{ when: '{{ succeeded() }}', do: [to] }] }),
});
// build ──► deploy ──► tell
const chain = [echo('build', 'deploy'), echo('deploy', 'tell'), echo('tell', null)];

let made = 0;
async function draft(marks: Partial<Layout>, tasks = chain): Promise<{ ref: string; draftVersion: number }> {
  const ref = `ops.marked_${(made += 1)}`;
  const { draftVersion } = await createWorkflow(ada, { packRef: 'ops', ref, label: 'Flow', description: '' });
  const layout = { positions: {}, ...marks };
  const saved = await saveDraft(ada, { ref, draftVersion, definition: { tasks }, layout });
  return { ref, draftVersion: saved.draftVersion };
}

/** Works until nothing waits; gives the tasks that ran. */
async function works(): Promise<string[]> {
  const claims = await work(() => done());
  return claims.map(({ parameters }) => String(parameters['message']));
}

describe('a disabled task', () => {
  it('is left out of runs of the draft, its neighbours joined', async () => {
    const { id } = await runDraft(ada, { ...(await draft({ disabled: ['deploy'] })), parameters: {} });
    expect(await works()).toEqual(['build', 'tell']);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'completed' });
    expect((await getRun(ada, id)).definition.tasks.map(({ name }) => name)).toEqual(['build', 'tell']);
  });

  it('may have errors, and runs where it alone is asked for', async () => {
    const broken = { name: 'deploy', action: 'ops.nothing', next: [{ do: ['tell'] }] };
    const first = await draft({ disabled: ['deploy'] }, [
      echo('build', 'deploy'),
      broken,
      echo('tell', null),
    ]);
    await runDraft(ada, { ...first, parameters: {} });
    expect(await works()).toEqual(['build', 'tell']);

    const step = { task: 'deploy', kind: 'step' as const };
    await runDraft(ada, { ...(await draft({ disabled: ['deploy'] })), parameters: {}, only: step });
    expect(await works()).toEqual(['deploy']);
  });

  it('keeps the draft from being published, with the way out', async () => {
    const { ref, draftVersion } = await draft({ disabled: ['deploy', 'gone'] });
    await expect(publish(ada, { ref, draftVersion, note: '' })).rejects.toMatchObject({
      code: 'has_disabled_tasks',
      message: `${ref} cannot be published: deploy is disabled, which only runs of the draft heed. Enable or delete it, then publish.`,
    });
  });
});

describe('a breakpoint', () => {
  it('pauses a run of the draft before its task; resumed, it goes on', async () => {
    const { id } = await runDraft(ada, { ...(await draft({ breakpoints: ['deploy'] })), parameters: {} });
    expect(await works()).toEqual(['build']);
    expect(await getExecution(ada, id)).toMatchObject({
      ...{ state: 'paused', stateReason: 'Stopped before deploy: a breakpoint of the draft.' },
    });
    expect((await getRun(ada, id)).held).toEqual(['deploy']);
    expect(await works()).toEqual([]);
    await resumeExecution(ada, id);
    expect(await works()).toEqual(['deploy', 'tell']);
    expect(await statesOf(ada, id)).toMatchObject({ run: 'completed' });
  });

  it('stops before the very first task, and at each in its turn', async () => {
    const marked = await draft({ breakpoints: ['build', 'tell'] });
    const { id } = await runDraft(ada, { ...marked, parameters: {} });
    expect(await works()).toEqual([]);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'paused' });
    await resumeExecution(ada, id);
    expect(await works()).toEqual(['build', 'deploy']);
    expect(await getExecution(ada, id)).toMatchObject({ state: 'paused' });
    await resumeExecution(ada, id);
    expect(await works()).toEqual(['tell']);
  });

  it('is not heeded by the step that is asked for, nor by what was published', async () => {
    const { ref, draftVersion } = await draft({ breakpoints: ['deploy'] });
    const only = { task: 'deploy', kind: 'to' as const };
    await runDraft(ada, { ref, draftVersion, parameters: {}, only });
    expect(await works()).toEqual(['build', 'deploy']);
    await publish(ada, { ref, draftVersion, note: '' });
    await run(ada, ref, {});
    expect(await works()).toEqual(['build', 'deploy', 'tell']);
  });

  it('that is taken away is not in the next run, though nothing else has changed', async () => {
    const { ref, draftVersion } = await draft({ breakpoints: ['deploy'] });
    const first = await runDraft(ada, { ref, draftVersion, parameters: {} });
    await works();
    const saved = await saveDraft(ada, {
      ...{ ref, draftVersion, definition: { tasks: chain }, layout: { positions: {} } },
    });
    const second = await runDraft(ada, { ref, draftVersion: saved.draftVersion, parameters: {} });
    expect(second.revision).not.toBe(first.revision);
    expect(await works()).toEqual(['build', 'deploy', 'tell']);
  });
});
