import type { Definition } from '@/engine/definition/schema';
import type { Json } from '@/engine/expression/expression';
import { notFound } from '@/engine/errors';
import type { ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import { standardTenantId } from '../packs/refs';
import type { Layout, RevisionSummary, WorkflowSummary } from './schema';

/** A workflow with its companion action's words, without the definition. */
export interface WorkflowRow {
  id: number;
  tenantId: number;
  actionId: number;
  ref: string;
  packRef: string;
  label: string;
  description: string;
  tasks: number;
  published: number | null;
  hasChanges: boolean;
  draftVersion: number;
  draftUpdatedBy: number | null;
  draftUpdated: Date;
  updated: Date;
}

export interface DraftRow extends WorkflowRow {
  draft: Json;
  layout: Layout;
  pins: JsonObject;
}

// Both are kept as written; jsonb compares by meaning: the order of keys is no change, and positions are not part of the definition.
const summary = `w.id, w.tenant_id AS "tenantId", w.action_id AS "actionId", w.ref, a.pack_ref AS "packRef", a.label, a.description,
  CASE json_typeof(w.draft->'tasks') WHEN 'array' THEN json_array_length(w.draft->'tasks') ELSE 0 END AS tasks,
  w.published, (r.definition::jsonb IS DISTINCT FROM w.draft::jsonb) AS "hasChanges", w.draft_version AS "draftVersion",
  w.draft_updated_by AS "draftUpdatedBy", w.draft_updated AS "draftUpdated", greatest(w.draft_updated, a.updated) AS updated`;
const tables = `workflow w JOIN action a ON a.id = w.action_id
  LEFT JOIN workflow_revision r ON r.workflow_id = w.id AND r.number = w.published`;

type Counted = 'id' | 'tenantId' | 'actionId';
/** Prisma gives bigint columns of raw queries as BigInt. */
type Raw<Row extends WorkflowRow> = Omit<Row, Counted | 'draftUpdatedBy'> &
  Record<Counted, bigint> & { draftUpdatedBy: bigint | null };

function toNumbers<Row extends WorkflowRow>(row: Raw<Row>) {
  return {
    ...row,
    id: Number(row.id),
    tenantId: Number(row.tenantId),
    actionId: Number(row.actionId),
    draftUpdatedBy: row.draftUpdatedBy === null ? null : Number(row.draftUpdatedBy),
  };
}

/** Every workflow by ref. */
export async function listWorkflowRows(tx: ConfigurationTx, tenantId: number): Promise<WorkflowRow[]> {
  const rows = await tx.query<Raw<WorkflowRow>>(
    `SELECT ${summary} FROM ${tables} WHERE w.tenant_id IN ($1::bigint, $2::bigint) ORDER BY w.ref`,
    [tenantId, standardTenantId],
  );
  return rows.map((row) => toNumbers<WorkflowRow>(row));
}

/** The workflow with its draft; `lock` holds it until the end of the transaction. @throws DomainError not_found */
export async function getWorkflowRow(
  tx: ConfigurationTx,
  tenantId: number,
  ref: string,
  options: { lock: boolean } = { lock: false },
): Promise<DraftRow> {
  const [row] = await tx.query<Raw<DraftRow>>(
    `SELECT ${summary}, w.draft, w.layout, w.pins FROM ${tables}
     WHERE w.tenant_id IN ($1::bigint, $2::bigint) AND w.ref = $3::text ORDER BY (w.tenant_id = $1::bigint) DESC LIMIT 1`,
    [tenantId, standardTenantId, ref],
  );
  if (!row) throw notFound('workflow', ref);
  if (!options.lock) return toNumbers<DraftRow>(row);
  await tx.query('SELECT 1 FROM workflow WHERE id = $1::bigint AND tenant_id = $2::bigint FOR UPDATE', [
    Number(row.id),
    tenantId,
  ]);
  // Somebody may have saved between the look and the lock.
  return getWorkflowRow(tx, tenantId, ref);
}

export async function insertWorkflow(
  tx: ConfigurationTx,
  owner: { tenantId: number; packId: bigint; actionId: bigint; actorId: number | null },
  ref: string,
  draft: Definition,
  layout: Layout,
): Promise<void> {
  const { actorId, ...columns } = owner;
  await tx.prisma.workflow.create({
    data: { ...columns, ref, draft: toColumn(draft), layout, draftUpdatedBy: actorId },
  });
}

/** Replaces the draft if it still is at `version`; gives the new version, or null when somebody saved since. */
export async function saveDraftRow(
  tx: ConfigurationTx,
  row: { id: number; tenantId: number },
  version: number,
  draft: Definition,
  layout: Layout,
  actorId: number | null,
): Promise<number | null> {
  const { count } = await tx.prisma.workflow.updateMany({
    where: { id: row.id, tenantId: row.tenantId, draftVersion: version },
    data: {
      draft: toColumn(draft),
      layout,
      draftVersion: version + 1,
      draftUpdatedBy: actorId,
      draftUpdated: new Date(),
    },
  });
  return count === 0 ? null : version + 1;
}

export interface RevisionRow {
  number: number;
  name: string;
  note: string;
  createdBy: bigint | null;
  created: Date;
}

/** Newest first, without definitions. */
export async function listRevisionRows(tx: ConfigurationTx, workflowId: number): Promise<RevisionRow[]> {
  return tx.prisma.workflowRevision.findMany({
    where: { workflowId, number: { gt: 0 } },
    select: { number: true, name: true, note: true, createdBy: true, created: true },
    orderBy: { number: 'desc' },
  });
}

/** @throws DomainError not_found */
export async function getRevisionRow(
  tx: ConfigurationTx,
  workflow: { id: number; ref: string },
  number: number,
): Promise<RevisionRow & { definition: Definition; layout: Layout }> {
  const row = await tx.prisma.workflowRevision.findFirst({ where: { workflowId: workflow.id, number } });
  if (!row) throw notFound('revision', `${number} of ${workflow.ref}`);
  return { ...row, definition: row.definition as unknown as Definition, layout: row.layout as Layout };
}

/** Makes the next numbered revision and points the workflow at it. The caller holds the workflow's lock. */
export async function insertRevision(
  tx: ConfigurationTx,
  workflow: { id: number; tenantId: number },
  revision: { definition: Definition; layout: Layout; name: string; note: string; actorId: number | null },
): Promise<RevisionRow> {
  const newest = await tx.prisma.workflowRevision.aggregate({
    where: { workflowId: workflow.id, number: { gt: 0 } },
    _max: { number: true },
  });
  const row = await tx.prisma.workflowRevision.create({
    data: {
      tenantId: workflow.tenantId,
      workflowId: workflow.id,
      number: (newest._max.number ?? 0) + 1,
      definition: toColumn(revision.definition),
      layout: revision.layout,
      name: revision.name,
      note: revision.note,
      createdBy: revision.actorId,
    },
  });
  await tx.prisma.workflow.update({ where: { id: workflow.id }, data: { published: row.number } });
  return row;
}

/** How many snapshots of drafts are kept; the oldest go when no run needs them any more. */
const mostSnapshots = 200;

/**
 * Keeps what a draft is, for a run of it, and gives the snapshot's number: below 0, so that it is no published
 * revision. The same content is kept once. The caller holds the workflow's lock.
 */
export async function insertSnapshot(
  tx: ConfigurationTx,
  workflow: { id: number; tenantId: number; ref: string },
  { definition, layout, actorId }: { definition: Definition; layout: Layout; actorId: number | null },
): Promise<number> {
  const [newest] = await tx.query<{ number: number; isSame: boolean }>(
    `SELECT number, definition::text = $3::text
       AND COALESCE(layout -> 'breakpoints', '[]') = $4::jsonb AS "isSame" FROM workflow_revision
     WHERE tenant_id = $1::bigint AND workflow_id = $2::bigint AND number < 0 ORDER BY number LIMIT 1`,
    [workflow.tenantId, workflow.id, JSON.stringify(definition), JSON.stringify(layout.breakpoints ?? [])],
  );
  if (newest?.isSame) return newest.number;
  const number = (newest?.number ?? 0) - 1;
  await tx.query(
    `INSERT INTO workflow_revision (tenant_id, workflow_id, number, definition, layout, created_by)
     VALUES ($1::bigint, $2::bigint, $3::int, $4::json, $5::jsonb, $6::bigint)`,
    [workflow.tenantId, workflow.id, number, JSON.stringify(definition), JSON.stringify(layout), actorId],
  );
  await tx.query(
    `DELETE FROM workflow_revision r WHERE r.tenant_id = $1::bigint AND r.workflow_id = $2::bigint
       AND r.number BETWEEN $3::int AND -1
       AND NOT EXISTS (SELECT 1 FROM execution e WHERE e.tenant_id = $1::bigint AND e.action_ref = $4::text
         AND e.ended_at IS NULL AND e.revision = r.number)`,
    [workflow.tenantId, workflow.id, number + mostSnapshots, workflow.ref],
  );
  return number;
}

/** Runs that have not ended read their revision until they do. */
export async function hasOpenRuns(tx: ConfigurationTx, tenantId: number, ref: string): Promise<boolean> {
  const rows = await tx.query(
    'SELECT 1 FROM execution WHERE tenant_id = $1::bigint AND action_ref = $2::text AND ended_at IS NULL LIMIT 1',
    [tenantId, ref],
  );
  return rows.length > 0;
}

function toColumn(definition: Definition): object {
  return definition;
}

export function toWorkflowSummary(row: WorkflowRow): WorkflowSummary {
  return {
    id: row.id,
    ref: row.ref,
    packRef: row.packRef,
    label: row.label,
    description: row.description,
    tasks: row.tasks,
    published: row.published,
    hasChanges: row.hasChanges,
    updated: row.updated.toISOString(),
  };
}

export function toRevisionSummary(
  row: RevisionRow,
  published: number | null,
  names: ReadonlyMap<number, string>,
): RevisionSummary {
  return {
    number: row.number,
    name: row.name,
    note: row.note,
    createdBy: row.createdBy === null ? null : (names.get(Number(row.createdBy)) ?? null),
    created: row.created.toISOString(),
    isPublished: row.number === published,
  };
}
