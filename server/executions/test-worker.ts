import { expect } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { openInquiry } from '../inquiries/open';
import { completeJobs, fetchJobs } from '../queue';
import { createWorkflow, publish, saveDraft } from '../workflows/service';
import { claimExecutions, type Claim, type Outcome } from './claims';
import { takeNews } from './news';
import { getTree, requestExecution } from './service';
import { StepTaker } from './step-taker';

/** For database tests: what a worker does, without its processes. */

export const claimer = { workerId: 1, leaseSeconds: 30, runtimes: ['shell', 'python', 'nodejs', 'native'] };
const steps = new StepTaker(
  claimer,
  () => {
    throw new Error('nothing may be claimed with a step here');
  },
  () => performance.now(),
  () => true,
);

/** Ends a claimed attempt, as the worker that holds it. */
export const finishExecution = (claim: Claim, outcome: Outcome) => steps.finish(claim, outcome, false);

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

/** Carries out all that waits, as a worker would; each thing twice, which must change nothing. Gives the claims in order. */
export async function work(outcomeOf: (claim: Claim) => Outcome | null = () => done()): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (;;) {
    await hearBells();
    const taken = await claimExecutions(claimer, 100, null, []);
    if (taken.claims.length + taken.workflows.length === 0) return claims;
    for (const row of taken.workflows) {
      await steps.begin(row, false);
      await steps.begin(row, false);
    }
    for (const claim of taken.claims) {
      claims.push(claim);
      if (claim.entrypoint === 'ask' || claim.actionRef === 'core.ask') await openInquiry(claim);
      else {
        const outcome = outcomeOf(claim);
        if (outcome) expect(await finishExecution(claim, outcome)).toEqual({ accepted: true });
        if (outcome) expect(await finishExecution(claim, outcome)).toEqual({ accepted: true });
      }
    }
  }
}

async function hearBells(): Promise<void> {
  for (const queue of ['news', 'execution'] as const) {
    const jobs = await fetchJobs(queue, 1_000);
    for (const { data } of queue === 'news' ? jobs : []) {
      await takeNews(data);
      expect(await takeNews(data)).toBe(false);
    }
    await completeJobs(
      queue,
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
