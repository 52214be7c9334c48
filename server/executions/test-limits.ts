import type { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { createAction, getAction, updateAction } from '../actions/service';
import type { JsonObject } from '../fields';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import { getWorkflow, publish, saveDraft } from '../workflows/service';
import type { Claim, Outcome } from './claims';
import { promotionsSettled } from './concurrency';
import { getExecution, requestExecution } from './service';
import { done, finishExecution, work } from './test-worker';

/** For database tests of concurrency policies. */

/** A person of a tenant of their own, with the pack `ops`. */
export async function somebody(): Promise<Actor> {
  const actor = await makePerson(await makeTenant(), 'Ada');
  await createPack(actor, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  return actor;
}

const fields = {
  label: 'Deploy',
  description: '',
  runtime: 'shell' as const,
  code: 'true',
  paramSchema: { host: { type: 'string' } },
  outputFormat: 'text' as const,
  timeoutSeconds: 30,
  idempotent: false,
};

let made = 0;
/** A new action with this policy; gives its ref. */
export async function limited(
  actor: Actor,
  concurrency: ConcurrencyPolicy | null,
  more: JsonObject = {},
): Promise<string> {
  const ref = `ops.limited_${(made += 1)}`;
  await createAction(actor, { packRef: 'ops', ref, ...fields, ...more, concurrency });
  return ref;
}

export async function changePolicy(
  actor: Actor,
  ref: string,
  concurrency: ConcurrencyPolicy | null,
): Promise<void> {
  const { revision } = await getAction(actor, ref);
  await updateAction(actor, { ref, revision, ...fields, concurrency });
}

/** Publishes another definition of a workflow. */
export async function republish(actor: Actor, ref: string, definition: JsonObject): Promise<void> {
  const { draftVersion } = await getWorkflow(actor, ref);
  const saved = await saveDraft(actor, { ref, draftVersion, definition, layout: { positions: {} } });
  await publish(actor, { ref, draftVersion: saved.draftVersion, note: '' });
}

/** Asks for an action so many times, one after the other; gives the ids. */
export async function ask(
  actor: Actor,
  ref: string,
  count: number,
  more: { host?: string; priority?: number } = {},
): Promise<number[]> {
  const { host, priority = 0 } = more;
  const parameters: JsonObject = host === undefined ? {} : { host };
  const ids: number[] = [];
  for (let place = 0; place < count; place += 1)
    ids.push((await requestExecution(actor, { actionRef: ref, parameters, priority })).id);
  return ids;
}

/** Carries out all that can run, with what is given out meanwhile. */
export async function workAll(outcomeOf: (claim: Claim) => Outcome | null = () => done()): Promise<Claim[]> {
  const claims: Claim[] = [];
  for (let idle = 0; idle < 2;) {
    await promotionsSettled();
    const more = await work(outcomeOf);
    idle = more.length === 0 ? idle + 1 : 0;
    claims.push(...more);
  }
  return claims;
}

/** Ends a claim, and waits until its slot is given out. */
export async function end(claim: Claim | undefined, outcome: Outcome = done()): Promise<void> {
  if (!claim) throw new Error('nothing was claimed');
  await finishExecution(claim, outcome);
  await promotionsSettled();
}

/** The state of each, with its place in the queue. */
export async function standOf(actor: Actor, ids: readonly (number | undefined)[]): Promise<string[]> {
  const stands = ids.map(async (id) => {
    const { state, queuePosition } = await getExecution(actor, id ?? 0);
    return queuePosition === null ? state : `${state} ${queuePosition}`;
  });
  return Promise.all(stands);
}
