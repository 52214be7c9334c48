import type { Sql } from '../db';
import type { ActionCheck } from './step-writes';
import { resolveAction, type ResolvedAction } from './resolve-action';

const known = new Map<string, { action: ResolvedAction | null; atMs: number }>();
const knownLimit = 2_000;
const fadesMs = 5_000;

/**
 * An action as this process knew it a moment ago. A step that relies on it checks by {@link toCheck}, in its own
 * transaction, that it has not changed; `forgetActions` makes the next look a fresh one. Whoever has seen a revision
 * says so: an older one is not given.
 */
export async function findActionFacts(
  sql: Sql,
  tenantId: number,
  ref: string,
  seenRevision = 0,
): Promise<ResolvedAction | null> {
  const key = `${tenantId} ${ref}`;
  const before = known.get(key);
  const isFresh = before !== undefined && performance.now() - before.atMs < fadesMs;
  if (isFresh && before.action && before.action.revision >= seenRevision) return before.action;
  const action = await resolveAction(sql, tenantId, ref);
  if (known.size >= knownLimit) known.delete(known.keys().next().value as string);
  known.set(key, { action, atMs: performance.now() });
  return action;
}

/** The same where it is known already, without asking the database; null where it is not. */
export function recallAction(tenantId: number, ref: string): ResolvedAction | null {
  const before = known.get(`${tenantId} ${ref}`);
  return before !== undefined && performance.now() - before.atMs < fadesMs ? before.action : null;
}

export function forgetActions(): void {
  known.clear();
}

export function toCheck({ id, tenantId, revision, published }: ResolvedAction): ActionCheck {
  return { tenant: tenantId, id, revision, published };
}
