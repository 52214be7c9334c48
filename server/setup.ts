import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { closeDatabase } from './db';
import { env, packsFolder } from './env';
import { install } from './install';
import { stopLive } from './live';
import { reasonOf } from './log';
import { stopBoss } from './queue';

/** `dist/setup.mjs`: installs into DATABASE_URL and prints one line of JSON; everything else goes to stderr. */
async function main(): Promise<void> {
  const { DATABASE_URL, ATTUNE_ADMIN_LOGIN, ATTUNE_ADMIN_PASSWORD } = env();
  const packs = packsFolder();
  const installed = await install({
    databaseUrl: DATABASE_URL,
    migrationsFolder: join(process.cwd(), 'prisma', 'migrations'),
    packsFolder: existsSync(packs) ? packs : null,
    admin: { login: ATTUNE_ADMIN_LOGIN, password: ATTUNE_ADMIN_PASSWORD },
  });
  process.stdout.write(`${JSON.stringify(installed)}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
} finally {
  await Promise.allSettled([stopBoss(), stopLive()]);
  await closeDatabase();
}
