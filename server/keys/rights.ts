import { covers, may, type Actor } from '../identities/actor';
import type { RightAction } from '../identities/schema';
import type { OwnerType } from './schema';

/** What the decision about a key looks at. */
export interface KeyFacts {
  id?: number;
  ref: string;
  ownerType: OwnerType;
  /** A login, or the ref of a pack, an action or a sensor; empty for the system. */
  owner: string;
}

/** The same of a row of the feed. */
export function toKeyFacts(id: number, payload: { [name: string]: unknown }): KeyFacts {
  const { ref, ownerType, owner } = payload as { ref: string; ownerType: OwnerType; owner: string };
  return { id, ref, ownerType, owner };
}

/**
 * Whether the actor may do this to the key. A person's key is theirs; beside them only a grant whose constraints name
 * it, or its owner, reaches it: who may read all keys does not read what belongs to other people.
 */
export function mayUseKey(actor: Actor, action: RightAction, key: KeyFacts): boolean {
  const target = {
    ...(key.id === undefined ? {} : { id: key.id }),
    ref: key.ref,
    ownerType: key.ownerType,
    ownerRef: key.owner,
    ...(['pack', 'action', 'sensor'].includes(key.ownerType)
      ? { packRef: key.owner.split('.', 1)[0] ?? key.owner }
      : {}),
  };
  if (key.ownerType !== 'identity') return may(actor, action, 'keys', target);
  if (key.owner === actor.login) return may(actor, action === 'create' ? 'create' : 'read', 'keys');
  return actor.grants.some(
    (grant) =>
      grant.resource === 'keys' &&
      grant.actions.includes(action) &&
      (grant.constraints?.ids ?? grant.constraints?.refs ?? grant.constraints?.owner_refs) !== undefined &&
      covers(grant, target),
  );
}
