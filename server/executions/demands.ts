import { lackingFor } from '../actions/required-runtimes';
import { inTenant, prepare, querySystem } from '../db';
import { env } from '../env';
import { changeState, findInTree, lockRoot } from './store';

/** A worker counts as one that may come for this many leases after it was last heard of. */
const silentLeases = 3;
const listed = prepare(
  `SELECT DISTINCT runtime FROM execution WHERE state IN ('requested', 'scheduled') AND runtime LIKE '% %' LIMIT 1000`,
);

/** What executions that wait require of a worker beside their runtime (`toDemand`), at most 1,000. */
export async function listDemands(): Promise<string[]> {
  const rows = await querySystem<{ runtime: string }>(listed, []);
  return rows.map(({ runtime }) => runtime);
}

/**
 * Tells executions with these demands what they wait for, where no worker that lives has it. Gives the number told, at most
 * 100 for one demand; one that was told already is not told again.
 */
export async function explainDemands(demands: readonly string[]): Promise<number> {
  if (demands.length === 0) return 0;
  const workers = await querySystem<{ runtimes: Record<string, string> }>(
    `SELECT runtimes FROM worker WHERE tenant_id = 1 AND status <> 'offline'
       AND heartbeat_at > clock_timestamp() - make_interval(secs => $1) ORDER BY id DESC LIMIT 1000`,
    [env().ATTUNE_LEASE_SECONDS * silentLeases],
  );
  let told = 0;
  for (const demand of demands) {
    const lacking = workers.map(({ runtimes }) => lackingFor(demand, runtimes));
    if (lacking.some((names) => names.length === 0)) continue;
    // That of the worker that comes nearest.
    const [nearest] = lacking.sort((a, b) => a.length - b.length);
    const what = nearest ? nearest.join(' and ') : 'what it requires';
    told += await tell(demand, `No worker has ${what}; it starts as soon as one has.`);
  }
  return told;
}

async function tell(demand: string, stateReason: string): Promise<number> {
  const rows = await querySystem<{ tenantId: number; rootId: number; id: number }>(
    `SELECT tenant_id AS "tenantId", root_id AS "rootId", id FROM execution
     WHERE state IN ('requested', 'scheduled') AND runtime LIKE '% %' AND runtime = $1 AND state_reason IS DISTINCT FROM $2 LIMIT 100`,
    [demand, stateReason],
  );
  for (const { tenantId, rootId, id } of rows) {
    await inTenant(tenantId, async (tx) => {
      await lockRoot(tx, tenantId, rootId);
      const row = await findInTree(tx, tenantId, rootId, id);
      if (row?.state !== 'requested' && row?.state !== 'scheduled') return;
      await changeState(tx, row, { state: row.state, stateReason });
    });
  }
  return rows.length;
}
