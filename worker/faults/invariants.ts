import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { querySystem } from '@/server/db';
import { env } from '@/server/env';
import { waitingPrefix } from '../runners/warm/waiting';
import { findTagged } from '../sandbox/tree';
import { markOf, runDisks, runFolderVariable } from '../sandbox/run-disks';

const queries: Record<string, string> = {
  'running without a lease': `SELECT count(*) AS n FROM execution WHERE kind = 'action' AND state = 'running' AND lease_until IS NULL`,
  'ended without exactly one terminal event': `SELECT count(*) AS n FROM execution e WHERE ended_at IS NOT NULL AND
     (SELECT count(*) FROM change_feed f WHERE f.tenant_id = e.tenant_id AND f.root_id = e.root_id AND f.entity_id = e.id
        AND f.entity_type = 'execution' AND f.terminal) <> 1`,
  'a parent that ended before its child': `SELECT count(*) AS n FROM execution c JOIN execution p
     ON p.tenant_id = c.tenant_id AND p.root_id = c.root_id AND p.id = c.parent_id
     WHERE p.ended_at IS NOT NULL AND c.ended_at IS NULL`,
  'a gap in the feed of a tree': `SELECT count(*) AS n FROM (SELECT seq - lag(seq) OVER (PARTITION BY tenant_id, root_id ORDER BY seq) AS step
     FROM change_feed WHERE root_id > 0) s WHERE step <> 1`,
  'a failure without a reason': `SELECT count(*) AS n FROM execution WHERE state IN ('failed', 'timeout', 'abandoned') AND coalesce(error, '') = ''`,
};

/** What must never be, with how often it is: empty when all is well. To be asked when nothing runs any more. */
export async function findViolations(): Promise<string[]> {
  const found: string[] = [];
  for (const [what, query] of Object.entries(queries)) {
    const [row] = await querySystem<{ n: number }>(query);
    if (row && row.n > 0) found.push(`${what}: ${row.n}`);
  }
  const runs = join(env().ATTUNE_HOME, 'work', 'run');
  const mark = markOf(env().ATTUNE_HOME);
  const strays = findTagged(
    (entry) =>
      [`${runs}/`, `${runDisks}/${mark}-`].some((place) =>
        entry.startsWith(`${runFolderVariable}=${place}`),
      ) && !isWaiting(entry),
  );
  if (strays.length > 0) found.push(`processes without an attempt: ${strays.join(', ')}`);
  const disks = (await readdir(runDisks).catch(() => [])).filter((owner) => owner.startsWith(`${mark}-`));
  const owners = [
    ...(await readdir(runs).catch(() => [])).map((owner) => join(runs, owner)),
    ...(await Promise.all(disks.map((owner) => listFolders(join(runDisks, owner))))).flat(),
  ];
  for (const owner of owners) {
    const left = (await readdir(owner)).filter((name) => !isWaiting(name));
    if (left.length > 0) found.push(`run folders without an attempt: ${left.join(', ')}`);
  }
  return found;
}

/** A worker that lives may have processes wait for the next execution, each in a run folder. */
function isWaiting(path: string): boolean {
  return basename(path).startsWith(waitingPrefix);
}

async function listFolders(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
}
