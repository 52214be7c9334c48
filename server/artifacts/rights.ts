import { covers, may, type Actor } from '../identities/actor';
import type { RightAction } from '../identities/schema';
import type { Scope, Visibility } from './schema';

/** What the decision about an artifact looks at. */
export interface ArtifactFacts {
  id?: number;
  ref: string;
  scope: Scope;
  owner: string;
  visibility: Visibility;
}

/** The same of a row of the feed. */
export function toArtifactFacts(id: number, payload: { [name: string]: unknown }): ArtifactFacts {
  const { ref, scope, owner, visibility } = payload as unknown as ArtifactFacts;
  return { id, ref, scope, owner, visibility };
}

/**
 * Whether the actor may do this to the artifact. A public one is everybody's to read. A person's private one is theirs;
 * beside them only a grant whose constraints name it, or its owner, reaches it.
 */
export function mayUseArtifact(actor: Actor, action: RightAction, artifact: ArtifactFacts): boolean {
  const { id, ref, scope, owner, visibility } = artifact;
  const target = {
    ...(id === undefined ? {} : { id }),
    ...{ ref, ownerType: scope, ownerRef: owner, visibility },
    ...(['pack', 'action', 'sensor'].includes(scope) ? { packRef: owner.split('.', 1)[0] ?? owner } : {}),
  };
  if (action === 'read' && visibility === 'public') return true;
  if (scope !== 'identity') return may(actor, action, 'artifacts', target);
  if (owner === actor.login) return may(actor, action === 'create' ? 'create' : 'read', 'artifacts');
  return actor.grants.some(
    (grant) =>
      grant.resource === 'artifacts' &&
      grant.actions.includes(action) &&
      (grant.constraints?.ids ?? grant.constraints?.refs ?? grant.constraints?.owner_refs) !== undefined &&
      covers(grant, target),
  );
}
