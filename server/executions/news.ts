import type { RunEvent } from '@/engine/execution/state';
import { inTenant, type Tx } from '../db';
import { enqueue, type JobData } from '../queue';
import { toStorable } from './step-writes';
import { takeStep } from './steps';
import { lockRoot, type ExecutionRow } from './store';
import type { Ending, News } from './tree-step';

/**
 * Stores what a run is to hear of, for a worker: processes that serve people do not evaluate a run's expressions. The
 * bell rings with the commit; a reconciler finds news whose bell was lost.
 */
export async function leaveNews(
  tx: Tx,
  run: { tenantId: number; rootId: number; id: number },
  event: RunEvent,
): Promise<void> {
  await tx.query('INSERT INTO run_news (tenant_id, root_id, execution_id, event) VALUES ($1, $2, $3, $4)', [
    run.tenantId,
    run.rootId,
    run.id,
    toStorable(event),
  ]);
  await enqueue(tx, 'news', [{ tenantId: run.tenantId, rootId: run.rootId, id: run.id }]);
}

/** Takes the steps that the news of a tree ask for, in order, once. False when there was no news. */
export async function takeNews(job: JobData): Promise<boolean> {
  return inTenant(job.tenantId, async (tx) => {
    await lockRoot(tx, job.tenantId, job.rootId);
    const news = await tx.query<{ id: number; runId: number; event: RunEvent }>(
      `DELETE FROM run_news WHERE tenant_id = $1 AND root_id = $2 RETURNING id, execution_id AS "runId", event`,
      [job.tenantId, job.rootId],
    );
    if (news.length === 0) return false;
    await takeStep(tx, job, (step) => {
      for (const { runId, event } of news.sort((a, b) => a.id - b.id)) step.tell(runId, event);
    });
    return true;
  });
}

/** Like `endExecution`, with the run's own step left to a worker. The caller holds the root's lock. */
export async function endAndLeaveNews(tx: Tx, row: ExecutionRow, ending: Ending): Promise<void> {
  let left: News[] = [];
  await takeStep(tx, row, (step) => {
    step.end(row, ending);
    left = step.takeBackNews();
  });
  for (const { runId, event } of left) await leaveNews(tx, { ...row, id: runId }, event);
}
