// `npm run prisma -- migrate dev --name …`: Prisma's command line on the database of this folder's studio.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root } from './paths.mjs';
import { enter } from './runtime.mjs';

await enter(async () => {
  const { prismaEnvironment } = await import('./build.mjs');
  const { runningDatabase } = await import('./database.mjs');
  const args = process.argv.slice(2);
  const needsDatabase = ['migrate', 'db', 'studio'].includes(args[0]);
  const env = prismaEnvironment(needsDatabase ? await runningDatabase() : undefined);
  const cli = path.join(root, 'node_modules/prisma/build/index.js');
  const child = spawn(process.execPath, [cli, ...args], { cwd: root, env, stdio: 'inherit' });
  child.on('exit', (code) => process.exit(code ?? 1));
});
