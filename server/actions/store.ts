import type { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import type { Json } from '@/engine/expression/expression';
import { notFound } from '@/engine/errors';
import type { ConfigurationTx } from '../db';
import { Prisma, type Action as ActionRow } from '../generated/prisma/client';
import { may, type Actor } from '../identities/actor';
import { visibleTo } from '../packs/refs';
import type { ActionLimits } from './limits';
import type { RequiredRuntimes } from './required-runtimes';
import type { Action, ActionSummary, CatalogEntry, Runtime } from './schema';

/** What a save writes. */
export interface ActionSpec {
  label: string;
  description: string;
  runtime: Runtime;
  /** As it was asked for, where there is no such runtime. */
  runtimeRef: string | null;
  entrypoint: string;
  code: string | null;
  paramSchema: { [key: string]: Json };
  outSchema: { [key: string]: Json } | null;
  outputFormat: string;
  parameterDelivery: string;
  parameterFormat: string;
  timeoutSeconds: number;
  idempotent: boolean;
  concurrency: ConcurrencyPolicy | null;
  limits: ActionLimits;
  requiredRuntimes: RequiredRuntimes;
  defaultPermissionSetRefs: string[];
}

const catalogFields = {
  id: true,
  ref: true,
  packRef: true,
  label: true,
  description: true,
  runtime: true,
  paramSchema: true,
  outSchema: true,
} as const;

/** Every action that is no workflow, by ref. */
export async function listActionRows(tx: ConfigurationTx, tenantId: number): Promise<ActionRow[]> {
  return tx.prisma.action.findMany({
    where: { ...visibleTo(tenantId), runtime: { not: 'workflow' } },
    orderBy: { ref: 'asc' },
  });
}

/** Every action, workflows too, by ref. */
export async function listCatalogRows(
  tx: ConfigurationTx,
  tenantId: number,
): Promise<(CatalogEntry & { id: number })[]> {
  const rows = await tx.prisma.action.findMany({
    where: visibleTo(tenantId),
    select: catalogFields,
    orderBy: { ref: 'asc' },
  });
  return rows.map((row) => ({
    ...row,
    id: Number(row.id),
    runtime: row.runtime as Runtime,
    paramSchema: row.paramSchema as CatalogEntry['paramSchema'],
    outSchema: row.outSchema as CatalogEntry['outSchema'],
  }));
}

export async function findAction(
  tx: ConfigurationTx,
  tenantId: number,
  ref: string,
): Promise<ActionRow | null> {
  return tx.prisma.action.findFirst({
    where: { ref, ...visibleTo(tenantId) },
    orderBy: { tenantId: 'desc' },
  });
}

/** @throws DomainError not_found */
export async function getActionRow(tx: ConfigurationTx, tenantId: number, ref: string): Promise<ActionRow> {
  const row = await findAction(tx, tenantId, ref);
  if (!row) throw notFound('action', ref);
  return row;
}

function toColumns(spec: ActionSpec) {
  return {
    ...spec,
    outSchema: spec.outSchema ?? Prisma.DbNull,
    concurrency: (spec.concurrency as Prisma.InputJsonObject | null) ?? Prisma.DbNull,
    limits: { ...spec.limits },
    requiredRuntimes: { ...spec.requiredRuntimes },
  };
}

async function insertRevision(
  tx: ConfigurationTx,
  row: ActionRow,
  spec: ActionSpec,
  actorId: number | null,
): Promise<void> {
  await tx.prisma.actionRevision.create({
    data: {
      tenantId: row.tenantId,
      actionId: row.id,
      number: row.revision,
      spec: { ...spec } as Prisma.InputJsonObject,
      createdBy: actorId,
    },
  });
}

export async function insertAction(
  tx: ConfigurationTx,
  owner: { tenantId: number; packId: bigint; packRef: string; actorId: number | null; isAdhoc: boolean },
  ref: string,
  spec: ActionSpec,
): Promise<ActionRow> {
  const { actorId, ...columns } = owner;
  const row = await tx.prisma.action.create({
    data: { ...columns, ref, createdBy: actorId, updatedBy: actorId, ...toColumns(spec) },
  });
  await insertRevision(tx, row, spec, actorId);
  return row;
}

/** Saves `spec` as the next revision of `row`; null when another save came first. */
export async function saveAction(
  tx: ConfigurationTx,
  row: ActionRow,
  spec: ActionSpec,
  actorId: number | null,
): Promise<ActionRow | null> {
  const { count } = await tx.prisma.action.updateMany({
    where: { tenantId: row.tenantId, id: row.id, revision: row.revision },
    data: {
      ...toColumns(spec),
      revision: row.revision + 1,
      updatedBy: actorId,
      updated: new Date(),
    },
  });
  if (count === 0) return null;
  const saved = await tx.prisma.action.findUniqueOrThrow({ where: { id: row.id } });
  await insertRevision(tx, saved, spec, actorId);
  return saved;
}

/** Where this tenant names an action: workflows (in the draft or the published revision) and rules, by ref. */
export async function listUsersOfAction(
  tx: ConfigurationTx,
  tenantId: number,
  ref: string,
): Promise<string[]> {
  const rows = await tx.query<{ name: string }>(
    `SELECT 'the workflow ' || w.ref AS name
       FROM workflow w LEFT JOIN workflow_revision r ON r.workflow_id = w.id AND r.number = w.published
      WHERE w.tenant_id = $1::bigint AND w.ref <> $2::text
        AND (jsonb_path_exists(w.draft::jsonb, '$.tasks[*].action ? (@ == $ref)', jsonb_build_object('ref', $2::text))
          OR jsonb_path_exists(r.definition::jsonb, '$.tasks[*].action ? (@ == $ref)', jsonb_build_object('ref', $2::text)))
     UNION ALL
     SELECT 'the rule ' || ref FROM rule WHERE tenant_id = $1::bigint AND action_ref = $2::text
     UNION ALL
     SELECT 'the queue ' || ref FROM work_queue WHERE tenant_id = $1::bigint AND dispatch_action_ref = $2::text
     ORDER BY name LIMIT 20`,
    [tenantId, ref],
  );
  return rows.map((row) => row.name);
}

/** What an action says, as a save writes it. */
export function specOf(row: ActionRow): ActionSpec {
  return {
    label: row.label,
    description: row.description,
    runtime: row.runtime as ActionSpec['runtime'],
    runtimeRef: row.runtimeRef,
    entrypoint: row.entrypoint,
    code: row.code,
    paramSchema: row.paramSchema as ActionSpec['paramSchema'],
    outSchema: row.outSchema as ActionSpec['outSchema'],
    outputFormat: row.outputFormat,
    parameterDelivery: row.parameterDelivery,
    parameterFormat: row.parameterFormat,
    timeoutSeconds: row.timeoutSeconds,
    idempotent: row.idempotent,
    concurrency: row.concurrency as ActionSpec['concurrency'],
    limits: row.limits as ActionSpec['limits'],
    requiredRuntimes: row.requiredRuntimes as ActionSpec['requiredRuntimes'],
    defaultPermissionSetRefs: row.defaultPermissionSetRefs,
  };
}

export function toActionSummary(row: ActionRow): ActionSummary {
  return {
    id: Number(row.id),
    ref: row.ref,
    packRef: row.packRef,
    label: row.label,
    description: row.description,
    runtime: row.runtime as Runtime,
    isAdhoc: row.isAdhoc,
    updated: row.updated.toISOString(),
  };
}

export function toAction(row: ActionRow, actor: Actor): Action {
  const target = { id: Number(row.id), ref: row.ref, packRef: row.packRef };
  return {
    ...toActionSummary(row),
    entrypoint: row.entrypoint,
    code: row.code,
    paramSchema: row.paramSchema as Action['paramSchema'],
    outSchema: row.outSchema as Action['outSchema'],
    outputFormat: row.outputFormat as Action['outputFormat'],
    parameterDelivery: row.parameterDelivery as Action['parameterDelivery'],
    parameterFormat: row.parameterFormat as Action['parameterFormat'],
    timeoutSeconds: row.timeoutSeconds,
    idempotent: row.idempotent,
    concurrency: row.concurrency as Action['concurrency'],
    limits: row.limits as ActionLimits,
    requiredRuntimes: row.requiredRuntimes as RequiredRuntimes,
    defaultPermissionSetRefs: row.defaultPermissionSetRefs,
    revision: row.revision,
    mayEdit: Number(row.tenantId) === actor.tenantId && may(actor, 'update', 'actions', target),
    created: row.created.toISOString(),
  };
}
