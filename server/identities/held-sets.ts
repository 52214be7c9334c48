import { DomainError, invalid } from '@/engine/errors';
import type { Sql } from '../db';
import { may, type Actor } from './actor';
import { holds } from './roles';
import { Grant, type RightAction } from './schema';

/** The built-in set of an action: keys and artifacts of its own and of its pack, and of nobody else. */
export const standardSet = 'standard';

interface ActionPlace {
  ref: string;
  packRef: string;
}

const keyActions: RightAction[] = ['read', 'create', 'update', 'delete', 'decrypt'];
const artifactActions: RightAction[] = ['read', 'create', 'update'];

function toStandardGrants({ ref, packRef }: ActionPlace): Grant[] {
  const owners = [
    { owner_types: ['action'], owner_refs: [ref] },
    { owner_types: ['pack'], owner_refs: [packRef] },
  ];
  return owners.flatMap((constraints): Grant[] => [
    { resource: 'keys', actions: keyActions, constraints },
    { resource: 'artifacts', actions: artifactActions, constraints },
  ]);
}

/** What the named sets give to an execution of the action. A set that is gone, or a grant that we don't know, gives nothing. */
export async function readGrants(
  sql: Sql,
  tenantId: number,
  refs: readonly string[],
  action: ActionPlace,
): Promise<Grant[]> {
  const sets = await findSets(sql, tenantId, refs);
  return [...(refs.includes(standardSet) ? toStandardGrants(action) : []), ...[...sets.values()].flat()];
}

/**
 * Nobody lets an execution do what they may not do themselves: the actor must hold every set, by name or by its rights.
 * `standard` asks for no more than what the code of a pack sees anyway, so whoever may write that code holds it.
 * @throws DomainError invalid for an unknown set (at `path`), forbidden `above_your_rights`
 */
export async function requireHeld(
  sql: Sql,
  actor: Actor,
  refs: readonly string[],
  action: ActionPlace,
  path: string,
): Promise<void> {
  if (refs.length === 0) return;
  const sets = await findSets(sql, actor.tenantId, refs);
  const unknown = refs.flatMap((ref, index) =>
    ref === standardSet || sets.has(ref)
      ? []
      : [{ path: `${path}.${index}`, message: `there is no permission set ${ref}` }],
  );
  if (unknown.length > 0)
    throw invalid('A permission set does not exist.', unknown, 'unknown_permission_set');
  const above = refs.find((ref) =>
    ref === standardSet
      ? !holdsStandard(actor, action)
      : !actor.permissionSets.includes(ref) && !holds(actor, sets.get(ref) ?? []),
  );
  if (above === undefined) return;
  const message = `${above} gives rights that you do not have yourself, so ${action.ref} cannot be given it by you. Ask somebody who has them.`;
  throw new DomainError('forbidden', 'above_your_rights', message, { details: [{ path, message }] });
}

function holdsStandard(actor: Actor, { ref, packRef }: ActionPlace): boolean {
  if (may(actor, 'update', 'actions', { ref, packRef })) return true;
  // An execution may hand its own on to one of the same action.
  if (actor.execution?.actionRef === ref && actor.permissionSets.includes(standardSet)) return true;
  return keyActions.every((right) =>
    may(actor, right, 'keys', { packRef, ownerType: 'pack', ownerRef: packRef }),
  );
}

/** The sets that there are, by ref: the tenant's and the built-in ones, of which a tenant's hides none. */
async function findSets(sql: Sql, tenantId: number, refs: readonly string[]): Promise<Map<string, Grant[]>> {
  const rows = await sql.query<{ ref: string; grants: unknown[] }>(
    `SELECT DISTINCT ON (ref) ref, grants FROM permission_set
     WHERE tenant_id IN (1, $1) AND ref = ANY ($2) AND ref <> '${standardSet}' ORDER BY ref, tenant_id`,
    [tenantId, refs],
  );
  return new Map(
    rows.map(({ ref, grants }) => [ref, grants.flatMap((grant) => Grant.safeParse(grant).data ?? [])]),
  );
}
