import { inSystem } from '../db';
import type { Actor } from '../identities/actor';
import { resources, rightActions, type Grant } from '../identities/schema';

/** For database tests: a tenant of its own with people in it, so that tests share one database without meeting. */

let made = 0;

export async function makeTenant(): Promise<number> {
  const slug = `t-${process.pid}-${Date.now()}-${(made += 1)}`;
  return inSystem(async (tx) => {
    const [row] = await tx.query<{ id: number }>(
      'INSERT INTO tenant (slug, name) VALUES ($1, $1) RETURNING id',
      [slug],
    );
    return row?.id ?? 0;
  });
}

/** A person of the tenant; without `grants` one who may do everything. */
export async function makePerson(tenantId: number, displayName: string, grants?: Grant[]): Promise<Actor> {
  const login = `${displayName.toLowerCase()}-${process.pid}-${Date.now()}-${(made += 1)}`;
  const identityId = await inSystem(async (tx) => {
    const [row] = await tx.query<{ id: number }>(
      'INSERT INTO identity (tenant_id, login, display_name) VALUES ($1, $2, $3) RETURNING id',
      [tenantId, login, displayName],
    );
    return row?.id ?? 0;
  });
  return {
    identityId,
    tenantId,
    tenantName: 'Test',
    login,
    displayName,
    permissionSets: [],
    grants: grants ?? resources.map((resource) => ({ resource, actions: [...rightActions] })),
    address: '127.0.0.1',
    requestId: 'test',
  };
}

/** One who may only look. */
export function makeReader(tenantId: number): Promise<Actor> {
  return makePerson(
    tenantId,
    'Reader',
    resources.map((resource) => ({ resource, actions: ['read'] })),
  );
}

/** The feed's rows of one kind of thing in a tenant, oldest first. */
export async function readFeed(
  tenantId: number,
  entityType: string,
): Promise<{ kind: string; payload: Record<string, unknown>; actorId: number | null }[]> {
  return inSystem((tx) =>
    tx.query(
      'SELECT kind, payload, actor_id AS "actorId" FROM change_feed WHERE tenant_id = $1 AND entity_type = $2 ORDER BY id',
      [tenantId, entityType],
    ),
  );
}
