import type { Graph } from '@/engine/definition/graph';
import { conflict } from '@/engine/errors';
import { initialState } from '@/engine/execution/advance';
import { planRerun, type PastRun, type PastTaskRun } from '@/engine/execution/rerun';
import { isEnded } from '@/engine/execution/status';
import type { Sql, Tx } from '../db';
import type { JsonObject } from '../fields';
import { loadRevision, type Revision } from './revisions';
import { taskResult } from './run-results';
import type { ExecutionRow } from './store';

/** What a new run takes over of the one that it goes on from. */
export interface TakeOver {
  old: ExecutionRow;
  revision: Revision;
  past: PastRun;
  plan: ReturnType<typeof planRerun>;
}

/**
 * How a run that has ended goes on anew from one of its tasks, on a revision that may be another one. Reads only.
 * @throws DomainError conflict: it has not ended, has not begun, or the task cannot be begun from
 */
export async function planTakeOver(
  sql: Sql,
  old: ExecutionRow,
  revision: Revision,
  from: { task: string; visit: number | null },
): Promise<TakeOver> {
  if (!isEnded(old.state)) {
    const hint = 'Wait for its end or cancel it; the whole run can be run again at any time.';
    throw conflict(
      'not_ended',
      `Execution ${old.id} is ${old.state}: it can go on from a task once it has ended. ${hint}`,
    );
  }
  const { before, past } = await readPast(sql, old);
  return { old, revision, past, plan: planRerun(before, past, revision.graph, from) };
}

/** Stores the run of a new execution as one that begins where the plan says, with what it keeps. */
export async function storeTakeOver(
  tx: Tx,
  run: { tenantId: number; rootId: number; id: number },
  { old, revision, past, plan }: TakeOver,
): Promise<void> {
  const { head, joins, tokens } = initialState(revision.graph, plan.options).toJson();
  const { variables, ...rest } = head;
  const place = [run.tenantId, run.rootId, run.id];
  await tx.query(
    `INSERT INTO workflow_run (tenant_id, root_id, execution_id, workflow_id, revision, head, variables, vars)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      ...place,
      revision.workflowId,
      revision.number,
      ...[rest, variables, past.vars].map((value) => JSON.stringify(value)),
    ],
  );
  await tx.query(
    `INSERT INTO task_run (tenant_id, root_id, execution_id, task, visit, status, result, error, transitions, began, routed, published,
       leaf_order, failure_order, failure_error, is_tolerated, kept_from, created, ended_at)
     SELECT $1::bigint, $2::bigint, $3::bigint, t.task, t.visit, t.status, ${taskResult}, t.error, t.transitions, k.began, k.routed, t.published,
       k.leaf, k."failureOrder", t.failure_error, t.is_tolerated, COALESCE(t.kept_from, t.execution_id), t.created, t.ended_at
     FROM json_to_recordset($6::json) AS k(task text, visit int, began int, routed int, leaf int, "failureOrder" int)
     JOIN task_run t ON t.tenant_id = $1 AND t.root_id = $4 AND t.execution_id = $5 AND t.task = k.task AND t.visit = k.visit`,
    [
      ...place,
      old.rootId,
      old.id,
      JSON.stringify(
        plan.kept.map(({ task, visit, began, routed, leaf, failure }) => ({
          ...{ task, visit, began, routed, leaf },
          failureOrder: failure?.order ?? null,
        })),
      ),
    ],
  );
  await tx.query(
    `INSERT INTO run_join (tenant_id, root_id, execution_id, task, state)
     SELECT $1::bigint, $2::bigint, $3::bigint, j.task, j.join FROM json_to_recordset($4::json) AS j(task text, "join" json)`,
    [...place, JSON.stringify(joins)],
  );
  await tx.query(
    `INSERT INTO run_token (tenant_id, root_id, execution_id, task, source, count)
     SELECT $1::bigint, $2::bigint, $3::bigint, t.join, t.source, t.count
     FROM json_to_recordset($4::json) AS t("join" text, source text, count int)`,
    [...place, JSON.stringify(tokens)],
  );
}

interface PastRow extends Omit<PastTaskRun, 'began' | 'failure'> {
  began: number | null;
  failureOrder: number | null;
  failureError: string | null;
  isTolerated: boolean;
}

async function readPast(sql: Sql, old: ExecutionRow): Promise<{ before: Graph; past: PastRun }> {
  const place = [old.tenantId, old.rootId, old.id];
  const [run] = await sql.query<{ workflowId: number; revision: number; vars: JsonObject }>(
    `SELECT workflow_id AS "workflowId", revision, vars FROM workflow_run
     WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3`,
    place,
  );
  if (!run) {
    const hint =
      old.kind === 'workflow' ? 'It ended before it began' : 'It runs an action, which has no tasks';
    throw conflict('no_tasks_ran', `Execution ${old.id} cannot go on from a task. ${hint}: run it whole.`);
  }
  const rows = await sql.query<PastRow>(
    `SELECT task, visit, status, error, began, routed, published, leaf_order AS leaf, failure_order AS "failureOrder",
       failure_error AS "failureError", is_tolerated AS "isTolerated",
       ARRAY(SELECT target FROM jsonb_array_elements(transitions) t, jsonb_array_elements_text(t -> 'to') target
             WHERE (t ->> 'fired')::boolean) AS "to"
     FROM task_run WHERE tenant_id = $1 AND root_id = $2 AND execution_id = $3`,
    place,
  );
  const taskRuns = rows.flatMap(({ began, failureOrder: order, failureError, isTolerated, ...row }) =>
    began === null
      ? []
      : [
          {
            ...row,
            began,
            failure: order === null ? null : { order, error: failureError ?? '', isTolerated },
          },
        ],
  );
  if (taskRuns.length < rows.length) {
    throw conflict('no_tasks_ran', `Execution ${old.id} is older than reruns from a task: run it whole.`);
  }
  const { graph } = await loadRevision(sql, run.workflowId, run.revision);
  return { before: graph, past: { vars: run.vars, taskRuns } };
}
