import type { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import type { ActionLimits } from '../actions/limits';
import type { RequiredRuntimes } from '../actions/required-runtimes';
import { toJsonSchema } from '@/engine/definition/parameters';
import type { Definition } from '@/engine/definition/schema';
import { conflict } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { prepare, type Sql } from '../db';
import type { JsonObject } from '../fields';

/** What an execution needs to know of its action. */
export interface ResolvedAction {
  id: number;
  tenantId: number;
  ref: string;
  packRef: string;
  packPath: string | null;
  packConfig: JsonObject;
  runtime: string;
  /** As it was asked for, where there is no such runtime. */
  runtimeRef: string | null;
  /** The program that runs it, with its first arguments, where a pack's runtime does. */
  interpreter: string[] | null;
  entrypoint: string;
  code: string | null;
  paramSchema: JsonObject;
  outSchema: JsonObject | null;
  outputFormat: string;
  parameterDelivery: string;
  parameterFormat: string;
  timeoutSeconds: number;
  idempotent: boolean;
  concurrency: ConcurrencyPolicy | null;
  limits: ActionLimits;
  requiredRuntimes: RequiredRuntimes;
  defaultPermissionSetRefs: readonly string[];
  revision: number;
  workflowId: number | null;
  /** The published revision of a workflow; null when it has none, or for an action. */
  published: number | null;
}

const actionOfRef = prepare(
  `SELECT a.id, a.tenant_id AS "tenantId", a.ref, a.pack_ref AS "packRef", p.path AS "packPath", p.config AS "packConfig",
     CASE WHEN o.id IS NULL THEN a.runtime ELSE 'shell' END AS runtime, a.runtime_ref AS "runtimeRef", o.interpreter,
     a.entrypoint, a.code, a.param_schema AS "paramSchema", a.out_schema AS "outSchema", a.output_format AS "outputFormat",
     a.parameter_delivery AS "parameterDelivery", a.parameter_format AS "parameterFormat",
     a.timeout_seconds AS "timeoutSeconds", a.default_permission_set_refs AS "defaultPermissionSetRefs", a.idempotent, a.concurrency, a.limits,
     a.required_worker_runtimes AS "requiredRuntimes", a.revision, w.id AS "workflowId", w.published
   FROM action a JOIN pack p ON p.id = a.pack_id LEFT JOIN workflow w ON w.action_id = a.id
     LEFT JOIN LATERAL (SELECT r.id, r.interpreter FROM runtime r WHERE a.runtime = 'unknown' AND r.ref = a.runtime_ref
       AND r.tenant_id IN (a.tenant_id, 1) ORDER BY r.tenant_id DESC LIMIT 1) o ON true
   WHERE a.tenant_id IN ($1, 1) AND a.ref = $2 ORDER BY (a.tenant_id = $1) DESC LIMIT 1`,
);

/** The tenant's action of this ref, else the standard one, else null. */
export async function resolveAction(sql: Sql, tenantId: number, ref: string): Promise<ResolvedAction | null> {
  const [row] = await sql.query<ResolvedAction>(actionOfRef, [tenantId, ref]);
  return row ?? null;
}

/** The action as a revision of its workflow has it. @throws DomainError conflict where there is no such revision */
export async function atRevision(
  sql: Sql,
  action: ResolvedAction,
  revision: number,
): Promise<ResolvedAction> {
  if (revision === (action.workflowId === null ? action.revision : action.published)) return action;
  const [row] = await sql.query<{ definition: Definition }>(
    'SELECT definition FROM workflow_revision WHERE tenant_id = $1 AND workflow_id = $2 AND number = $3',
    [action.tenantId, action.workflowId, revision],
  );
  if (!row) {
    const newest = `${action.ref} is at revision ${String(action.published ?? action.revision)} now`;
    throw conflict(
      'revision_gone',
      `Revision ${revision} cannot run again: ${newest}, and only a workflow keeps its old ones. Run the newest.`,
    );
  }
  return { ...action, published: revision, paramSchema: toJsonSchema(row.definition.parameters ?? {}) };
}

/** The refs nearest to one that is unknown, for a repair hint. */
export async function nearestActions(sql: Sql, tenantId: number, ref: string): Promise<string[]> {
  const name = ref.slice(ref.lastIndexOf('.') + 1);
  const rows = await sql.query<{ ref: string }>(
    `SELECT ref FROM action WHERE tenant_id IN ($1, 1) AND (ref ILIKE '%' || $2 || '%' OR split_part(ref, '.', 1) = split_part($3, '.', 1))
     ORDER BY (ref ILIKE '%' || $2 || '%') DESC, ref LIMIT 3`,
    [tenantId, name.replaceAll(/[%_\\]/g, ''), ref],
  );
  return rows.map((row) => row.ref);
}

export function toErrorResult(error: string): { [key: string]: Json } {
  return { succeeded: false, error };
}
