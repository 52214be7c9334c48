import { forbidden, notFound } from '@/engine/errors';
import type { Grant, Resource, RightAction } from './schema';

/** Who acts: a signed-in identity with the grants it holds in its tenant. */
export interface Actor {
  /** 0 where nobody asked for the execution that speaks: a rule did. */
  identityId: number;
  tenantId: number;
  tenantName: string;
  login: string;
  displayName: string;
  /** Those that are held for everything; what is held for one pack is in the grants alone. */
  permissionSets: readonly string[];
  /** How inquiries name the actor besides by login and sets: `team:release`, `role:oncall`. */
  groups?: readonly string[];
  grants: readonly Grant[];
  /** Packs of other people of the tenant that are theirs alone: to this actor they are not there. */
  hiddenPacks?: readonly string[];
  /** The browser session that speaks; none for a token or a job of ours. */
  sessionId?: number;
  /** The execution whose token speaks, and its action: then `login` names nobody. */
  execution?: { id: number; actionRef: string; packRef: string; requester: string | null };
  /** Where the call came from. */
  address: string;
  requestId: string;
}

/** Whom a row names as its author; null where an execution speaks for nobody. */
export function authorOf(actor: Actor): number | null {
  return actor.identityId === 0 ? null : actor.identityId;
}

/** What a right is asked for: the fields that constraints of a grant may name. */
export interface Target {
  id?: number;
  ref?: string;
  packRef?: string;
  /** Of a key: `system`, `identity`, `pack`, `action` or `sensor`, and the owner's login or ref; of an execution who asked for it. */
  ownerType?: string;
  ownerRef?: string;
  /** Of an artifact: `public` or `private`. */
  visibility?: string;
}

/** Whether the grant's constraints, if any, let this through. */
export function covers(grant: Grant, target: Target): boolean {
  const { constraints } = grant;
  if (!constraints) return true;
  const within = (allowed: readonly (string | number)[] | undefined, value: string | number | undefined) =>
    allowed === undefined || (value !== undefined && allowed.includes(value));
  return (
    within(constraints.ids, target.id) &&
    within(constraints.refs, target.ref) &&
    within(constraints.pack_refs, target.packRef) &&
    within(constraints.owner_types, target.ownerType) &&
    within(constraints.owner_refs, target.ownerRef) &&
    within(constraints.visibility, target.visibility)
  );
}

/** Whose refs begin with their pack. */
const ofPacks = new Set<Resource>([
  'packs',
  'actions',
  'queues',
  'rules',
  'triggers',
  'executions',
  'events',
  'enforcements',
]);

/** Whether it lies in a private pack of somebody else. */
export function isHidden(actor: Actor, resource: Resource, target: Target): boolean {
  if (!actor.hiddenPacks?.length) return false;
  const packRef = target.packRef ?? (ofPacks.has(resource) ? target.ref?.split('.', 1)[0] : undefined);
  return packRef !== undefined && actor.hiddenPacks.includes(packRef);
}

/** The one decision about rights. Without a target it asks whether the actor may do this to anything at all. */
export function may(actor: Actor, action: RightAction, resource: Resource, target?: Target): boolean {
  if (target && isHidden(actor, resource, target)) return false;
  return actor.grants.some(
    (grant) =>
      grant.resource === resource && grant.actions.includes(action) && (!target || covers(grant, target)),
  );
}

/** @throws DomainError forbidden, naming the right that is missing; for what is hidden, as if it were not there */
export function requireRight(actor: Actor, action: RightAction, resource: Resource, target?: Target): void {
  if (may(actor, action, resource, target)) return;
  const what = target?.ref ?? target?.id;
  if (target && isHidden(actor, resource, target))
    throw notFound(resource.replace(/ies$/, 'y').replace(/s$/, ''), what ?? '');
  throw forbidden(
    `You need the right ${resource}:${action}${what === undefined ? '' : ` on ${what}`} for this. Ask an administrator for it.`,
  );
}
