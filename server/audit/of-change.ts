import type { Change } from '../feed/store';
import type { AuditEntry } from './record';
import { auditedRequest } from './request';

const ofIdentities: Record<string, string> = {
  signed_in: 'authentication',
  signed_out: 'authentication',
  sign_in_failed: 'authentication',
  registered: 'authentication',
  sessions_ended: 'authentication',
  tenant_created: 'tenants',
  tenant_suspended: 'tenants',
  tenant_resumed: 'tenants',
  token_created: 'tokens',
  token_revoked: 'tokens',
  set_assigned: 'permissions',
  set_taken: 'permissions',
  role_given: 'permissions',
  role_taken: 'permissions',
  role_changed: 'permissions',
  team_created: 'permissions',
  team_changed: 'permissions',
  team_removed: 'permissions',
  set_created: 'permissions',
  set_changed: 'permissions',
  set_removed: 'permissions',
};

/** The changes of the feed that the audit log keeps as well, by what they are about. */
function categoryOf({ entityType, kind, actorId }: Change): string | null {
  if (entityType === 'identity') return ofIdentities[kind] ?? 'identities';
  if (entityType === 'key') return kind === 'expired' ? null : 'secrets';
  if (entityType === 'inquiry') return kind === 'answered' || kind === 'answer_added' ? 'approvals' : null;
  // What our own setup loads is nobody's doing.
  if (entityType === 'pack') return actorId || auditedRequest() ? 'packs' : null;
  return null;
}

/** What the audit log keeps of a change; null for most. */
export function auditOf(change: Change): AuditEntry | null {
  const category = categoryOf(change);
  if (category === null) return null;
  const { id: _, address, login, ref, ...details } = change.payload;
  const name = login ?? ref;
  const isFailure = change.kind === 'sign_in_failed';
  return {
    category,
    eventType: `${change.entityType}.${change.kind}`,
    outcome: isFailure ? 'failure' : 'success',
    actorId: change.actorId ?? null,
    ...(typeof address === 'string' && { address }),
    resourceType: change.entityType,
    resourceId: change.entityId,
    resourceRef: typeof name === 'string' ? name : null,
    details,
    ...(isFailure && { status: 401 }),
  };
}
