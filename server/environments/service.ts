import { conflict } from '@/engine/errors';
import { inConfiguration, inSystem, inTenant } from '../db';
import { requireRight, type Actor } from '../identities/actor';
import { getPack } from '../packs/store';
import { tellChange } from '../packs/changes';
import type { Environment, EnvironmentKind } from './schema';
import * as store from './store';

/** How long a builder may be silent before another takes the build over. */
const buildLeaseSeconds = 20;
/** A failed build is told again for so long before it is tried anew: a thousand executions must not ask a registry that is away. */
const failureLastsSeconds = 15;

/**
 * What a worker is told that needs an environment. `mine`: it builds now, and must end the build; `isAsked` says that what
 * lies there is to be built anew though it may be whole.
 */
export type Lent =
  | { kind: 'ready'; id: number }
  | { kind: 'failed'; id: number; error: string; log: string }
  | { kind: 'building'; id: number; builder: string }
  | { kind: 'mine'; id: number; isAsked: boolean };

/**
 * Whether the environment can be used, is being built, or is to be built by the caller: one builder at a time.
 * @param isBroken the caller found that it cannot be used although the row calls it ready: it is built anew
 */
export async function askForEnvironment(
  key: store.EnvironmentKey,
  builder: string,
  isBroken: boolean,
): Promise<Lent> {
  return inSystem(async (tx) => {
    const row = await store.lockEnvironment(tx, key);
    await store.touchEnvironment(tx, row.id, key.packRef);
    if (row.state === 'building' && row.isLeased)
      return { kind: 'building', id: row.id, builder: row.builder ?? 'another worker' };
    if (row.state === 'ready' && !isBroken) return { kind: 'ready', id: row.id };
    if (row.state === 'failed' && row.ageSeconds < failureLastsSeconds)
      return { kind: 'failed', id: row.id, error: row.error ?? 'It could not be built.', log: row.log };
    await store.beginBuild(tx, row.id, builder, buildLeaseSeconds);
    return { kind: 'mine', id: row.id, isAsked: row.state === 'stale' };
  });
}

/** Whether the row still calls it ready: all that has to be asked of one that was used a moment ago. */
export function isEnvironmentReady(key: Omit<store.EnvironmentKey, 'kind' | 'packRef'>): Promise<boolean> {
  return inSystem((tx) => store.hasReady(tx, key));
}

/** Says that the builder lives. False: another has taken the build over, and this one must stop. */
export function renewBuild(id: number, builder: string): Promise<boolean> {
  return inSystem((tx) => store.renewBuild(tx, id, builder, buildLeaseSeconds));
}

export function appendBuildLog(id: number, builder: string, text: string): Promise<void> {
  return inSystem((tx) => store.appendBuildLog(tx, id, builder, text));
}

/** Ends a build. `stale` hands it to the next who needs it: its builder was stopped. */
export function endBuild(
  id: number,
  builder: string,
  end: { state: 'ready' | 'failed' | 'stale'; error: string | null; buildMs: number | null },
): Promise<void> {
  return inSystem((tx) => store.endBuild(tx, id, builder, end));
}

/** The environments of this place that nobody used for so long; the caller removes their folders. */
export function takeUnusedEnvironments(
  place: string,
  unusedSeconds: number,
  limit: number,
): Promise<{ tenantId: number; kind: EnvironmentKind; keyHash: string }[]> {
  return inSystem((tx) => store.takeUnused(tx, place, unusedSeconds, limit));
}

/** The environments that a pack used, on every machine, the last used first, with their logs. @throws DomainError not_found */
export async function listEnvironments(actor: Actor, packRef: string): Promise<Environment[]> {
  requireRight(actor, 'read', 'packs', { ref: packRef, packRef });
  await inConfiguration(actor.tenantId, (tx) => getPack(tx, actor.tenantId, packRef));
  return inTenant(actor.tenantId, (tx) => store.selectEnvironments(tx, actor.tenantId, packRef));
}

/** The next action that needs it builds it anew. @throws DomainError environment_busy while it is being built */
export async function rebuildEnvironment(actor: Actor, packRef: string, id: number): Promise<void> {
  requireRight(actor, 'configure', 'packs', { ref: packRef, packRef });
  await inConfiguration(actor.tenantId, async (tx) => {
    const pack = await getPack(tx, actor.tenantId, packRef);
    if (!(await store.markStale(tx, actor.tenantId, packRef, id)))
      throw conflict(
        'environment_busy',
        'It is being built at the moment, or is gone. Look at the page again.',
      );
    await tellChange(tx, actor, 'pack', pack, 'updated', { environment: id });
  });
}
