import { Hono } from 'hono';
import { querySystem } from '../db';
import { env } from '../env';
import type { HttpEnv } from './bindings';

/** What the process knows of itself beside the database. */
export interface Readiness {
  pages: boolean;
  stopping: boolean;
}

/** How many workers have given a sign of life lately; null while the database does not answer. */
async function countWorkers(): Promise<number | null> {
  const asked = querySystem<{ alive: number }>(
    `SELECT count(*)::int AS alive FROM worker
     WHERE status <> 'offline' AND heartbeat_at > now() - make_interval(secs => $1)`,
    [env().ATTUNE_LEASE_SECONDS],
  ).then(
    ([row]) => row?.alive ?? 0,
    () => null,
  );
  // A probe waits less than a page may.
  let timer: NodeJS.Timeout | undefined;
  const impatience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), 2_000);
  });
  return Promise.race([asked, impatience]).finally(() => clearTimeout(timer));
}

/** Whether the database answers. */
export async function isDatabaseThere(): Promise<boolean> {
  return (await countWorkers()) !== null;
}

/** `/health*`: bare bodies, no token. */
export function createHealth(readiness: Readiness): Hono<HttpEnv> {
  const health = new Hono<HttpEnv>();
  health.get('/', (c) => c.json({ status: 'ok' }));
  health.get('/live', (c) => c.json({ status: 'ok' }));
  health.get('/ready', async (c) => {
    const database = await isDatabaseThere();
    if (readiness.pages && database && !readiness.stopping) return c.json({ status: 'ready' });
    const reason = readiness.stopping
      ? 'stopping'
      : !database
        ? 'the database does not answer'
        : 'the pages are not ready yet';
    return c.json({ status: 'unavailable', reason }, 503, { 'retry-after': '1' });
  });
  health.get('/detailed', async (c) => {
    const version = env().ATTUNE_VERSION;
    const workers = await countWorkers();
    return workers === null
      ? c.json({ status: 'unavailable', database: 'disconnected', version }, 503, { 'retry-after': '3' })
      : c.json({ status: 'ok', database: 'connected', version, workers });
  });
  return health;
}
