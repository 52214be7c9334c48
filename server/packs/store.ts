import { notFound } from '@/engine/errors';
import type { ConfigurationTx } from '../db';
import type { Pack } from '../generated/prisma/client';
import type { Actor } from '../identities/actor';
import { administratorSet } from '../identities/permission-sets';
import { requireOwn, standardTenantId, visibleTo } from './refs';
import type { CreatePack, PackSummary } from './schema';

const counts = {
  _count: {
    select: {
      actions: { where: { runtime: { not: 'workflow' } } },
      workflows: true,
      triggers: true,
      rules: true,
    },
  },
} as const;

type CountedPack = Pack & { _count: { actions: number; workflows: number; triggers: number; rules: number } };

/** The standard packs first, then the newest. */
export async function listPackRows(tx: ConfigurationTx, tenantId: number): Promise<CountedPack[]> {
  const rows = await tx.prisma.pack.findMany({
    where: visibleTo(tenantId),
    include: counts,
    orderBy: { id: 'desc' },
  });
  const rank = (row: Pack) => (row.isStandard ? 0 : 1);
  return rows.sort((a, b) => rank(a) - rank(b));
}

/** A pack of this tenant or a standard one. @throws DomainError not_found */
export async function getPack(tx: ConfigurationTx, tenantId: number, ref: string): Promise<Pack> {
  const row = await tx.prisma.pack.findFirst({
    where: { ref, ...visibleTo(tenantId) },
    orderBy: { tenantId: 'desc' },
  });
  if (!row) throw notFound('pack', ref);
  return row;
}

/** The pack that something is made in. @throws DomainError not_found, or forbidden for a standard pack */
export async function getWritablePack(tx: ConfigurationTx, tenantId: number, ref: string): Promise<Pack> {
  const row = await getPack(tx, tenantId, ref);
  requireOwn(tenantId, row);
  return row;
}

/**
 * The pack that something is added to by hand: one of the tenant's, and for its administrators a standard one, where what
 * is added stays the tenant's own. @throws DomainError not_found, forbidden
 */
export async function getPackToAddTo(tx: ConfigurationTx, actor: Actor, ref: string): Promise<Pack> {
  if (!actor.permissionSets.includes(administratorSet)) return getWritablePack(tx, actor.tenantId, ref);
  return getPack(tx, actor.tenantId, ref);
}

export async function hasStandardPack(tx: ConfigurationTx, ref: string): Promise<boolean> {
  return (await tx.prisma.pack.count({ where: { tenantId: standardTenantId, ref } })) > 0;
}

/** What is undefined is left to the database. */
export function toData<Input extends object>(
  input: Input,
): { [Key in keyof Input]: Exclude<Input[Key], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Input]: Exclude<Input[Key], undefined>;
  };
}

/** What in other packs names something of this one; at most 20. */
export async function listUsersOfPack(tx: ConfigurationTx, tenantId: number, pack: Pack): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `SELECT DISTINCT 'the rule ' || r.ref AS name FROM rule r
       WHERE r.tenant_id = $1::bigint AND r.pack_id <> $2::bigint
         AND (starts_with(r.action_ref, $3::text || '.') OR starts_with(r.trigger_ref, $3::text || '.'))
     UNION
     SELECT 'the queue ' || q.ref FROM work_queue q
       WHERE q.tenant_id = $1::bigint AND q.pack_id IS DISTINCT FROM $2::bigint
         AND starts_with(q.dispatch_action_ref, $3::text || '.') AND NOT starts_with(q.ref, $3::text || '.')
     UNION
     SELECT DISTINCT 'the workflow ' || w.ref FROM workflow w
       LEFT JOIN workflow_revision v ON v.workflow_id = w.id AND v.number = w.published
       CROSS JOIN LATERAL jsonb_path_query(jsonb_build_array(w.draft::jsonb, v.definition::jsonb), '$[*].tasks[*].action') AS used(ref)
       WHERE w.tenant_id = $1::bigint AND w.pack_id <> $2::bigint AND starts_with(used.ref #>> '{}', $3::text || '.')
     ORDER BY name LIMIT 20`,
    [tenantId, pack.id, pack.ref],
  );
  return rows.map((row) => row.name);
}

export async function insertPack(
  tx: ConfigurationTx,
  tenantId: number,
  createdBy: number | null,
  input: CreatePack,
): Promise<CountedPack> {
  return tx.prisma.pack.create({ data: { tenantId, createdBy, ...toData(input) }, include: counts });
}

export function toPackSummary(row: CountedPack): PackSummary {
  return {
    id: Number(row.id),
    ref: row.ref,
    label: row.label,
    description: row.description,
    version: row.version,
    isStandard: row.isStandard,
    visibility: row.visibility === 'private' ? 'private' : 'tenant',
    tags: row.tags,
    ...row._count,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

/** @throws DomainError not_found */
export async function getPackSummary(
  tx: ConfigurationTx,
  tenantId: number,
  ref: string,
): Promise<PackSummary> {
  const row = await tx.prisma.pack.findFirst({ where: { ref, tenantId }, include: counts });
  if (!row) throw notFound('pack', ref);
  return toPackSummary(row);
}

/** A pack with the names of all that it holds. @throws DomainError not_found */
export async function getPackWithComponents(tx: ConfigurationTx, tenantId: number, ref: string) {
  const { id } = await getPack(tx, tenantId, ref);
  const listed = {
    where: { packId: id },
    select: { ref: true, label: true, isAdhoc: true },
    orderBy: { ref: 'asc' },
  } as const;
  // One after the other: a transaction has one connection.
  const row = await tx.prisma.pack.findUniqueOrThrow({ where: { id }, include: counts });
  const actions = await tx.prisma.action.findMany({
    ...listed,
    select: { ...listed.select, runtime: true },
  });
  const triggers = await tx.prisma.trigger.findMany(listed);
  const sensors = await tx.prisma.sensor.findMany(listed);
  const rules = await tx.prisma.rule.findMany(listed);
  const queues = await tx.prisma.workQueue.findMany(listed);
  return { ...row, actions, triggers, sensors, rules, queues };
}
