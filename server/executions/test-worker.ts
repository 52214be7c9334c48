import { expect } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { openInquiry } from '../inquiries/open';
import { completeJobs, fetchJobs } from '../queue';
import { createWorkflow, publish, saveDraft } from '../workflows/service';
import { finishExecution, takeExecution, type Claim, type Outcome } from './claims';
import { getTree, requestExecution } from './service';

/** For database tests: what a worker does with jobs, without its processes. */

const worker = { workerId: 1, leaseSeconds: 30 };

/** An action that did well. */
export const done = (data: Json = null): Outcome => ({
  state: 'completed',
  result: { succeeded: true, exit_code: 0, data },
  error: null,
});
/** An action that broke. */
export const failed: Outcome = {
  state: 'failed',
  result: { succeeded: false, exit_code: 1, error: 'broken' },
  error: 'broken',
};

/** Carries out all that waits, as a worker would; each job twice, which must change nothing. Gives the claims in order. */
export async function work(outcomeOf: (claim: Claim) => Outcome | null = () => done()): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (;;) {
    const jobs = await fetchJobs('execution', 100);
    if (jobs.length === 0) return claims;
    for (const { data } of jobs) {
      const taken = await takeExecution(data, worker);
      expect((await takeExecution(data, worker)).kind).toBe('nothing');
      if (taken.kind !== 'run') continue;
      claims.push(taken.claim);
      if (taken.claim.entrypoint === 'ask' || taken.claim.actionRef === 'core.ask')
        await openInquiry(taken.claim, taken.claim.parameters);
      else {
        const outcome = outcomeOf(taken.claim);
        if (outcome) expect(await finishExecution(taken.claim, outcome)).toEqual({ accepted: true });
        if (outcome) expect(await finishExecution(taken.claim, outcome)).toEqual({ accepted: true });
      }
    }
    await completeJobs(
      'execution',
      jobs.map(({ jobId }) => jobId),
    );
  }
}

let made = 0;
/** Publishes a workflow of these tasks in the pack `ops`; gives its ref. */
export async function workflow(actor: Actor, tasks: JsonObject[], more: JsonObject = {}): Promise<string> {
  const ref = `ops.flow_${(made += 1)}`;
  const draft = await createWorkflow(actor, { packRef: 'ops', ref, label: 'Flow', description: '' });
  const saved = await saveDraft(actor, {
    ref,
    draftVersion: draft.draftVersion,
    definition: { tasks, ...more },
    layout: { positions: {} },
  });
  await publish(actor, { ref, draftVersion: saved.draftVersion, note: '' });
  return ref;
}

/** Asks for an action or workflow; gives the execution's id. */
export async function run(actor: Actor, ref: string, parameters: JsonObject = {}): Promise<number> {
  return (await requestExecution(actor, { actionRef: ref, parameters })).id;
}

/** The state of each row of a tree by task; `#2` is a second attempt. */
export async function statesOf(actor: Actor, id: number): Promise<Record<string, string>> {
  const tree = await getTree(actor, id);
  return Object.fromEntries(
    tree.map(({ taskName, state, attempt }) => [
      `${taskName ?? 'run'}${attempt > 1 ? `#${attempt}` : ''}`,
      state,
    ]),
  );
}
