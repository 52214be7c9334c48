import type pg from 'pg';

const settings = { autovacuum: 'off', checkpoint_timeout: "'1d'" };
const lookMs = 50;

/**
 * Keeps a cluster of tests or measurements from work of its own: autovacuum comes when it likes, also to databases of
 * others, and after a checkpoint every page is written whole once more (full_page_writes off does not help where only
 * hint bits change). Resolves when autovacuum has left and a last checkpoint is done. Gives what sets it back.
 */
export async function quietCluster(superuser: pg.Client): Promise<() => Promise<void>> {
  const names = Object.entries(settings);
  for (const [name, value] of names) await superuser.query(`ALTER SYSTEM SET ${name} = ${value}`);
  await superuser.query('SELECT pg_reload_conf()');
  for (;;) {
    const { rowCount } = await superuser.query(
      `SELECT FROM pg_stat_activity WHERE backend_type LIKE 'autovacuum%'`,
    );
    if (rowCount === 0) break;
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
  await superuser.query('CHECKPOINT');
  return async () => {
    for (const [name] of names) await superuser.query(`ALTER SYSTEM RESET ${name}`);
    await superuser.query('SELECT pg_reload_conf()');
  };
}
