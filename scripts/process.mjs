// `npm run web`, `npm run worker`: one more process of that kind, beside what `npm start` runs or on a machine of its own.
import path from 'node:path';
import { home } from './paths.mjs';
import { say, step, Trouble } from './progress.mjs';
import { enter } from './runtime.mjs';

const kind = process.argv[2];

await enter(async () => {
  if (kind !== 'web' && kind !== 'worker')
    throw new Trouble('Say which process: node scripts/process.mjs web|worker');
  const { buildAll } = await import('./build.mjs');
  const { runningDatabase } = await import('./database.mjs');
  const { freePort } = await import('./postgres.mjs');
  const { studioEnvironment, webProcess, workerProcess } = await import('./studio.mjs');
  await buildAll();
  const env = studioEnvironment({ databaseUrl: await runningDatabase(), home });
  const name = `${kind}-${process.pid}`;
  const folders = { logFolder: path.join(home, 'logs'), runFolder: path.join(home, 'run') };
  const port = process.env['PORT'] ? Number(process.env['PORT']) : await freePort();
  const child =
    kind === 'web'
      ? webProcess({ env, host: process.env['HOST'] ?? '127.0.0.1', port, name, ...folders })
      : workerProcess({ env, name, ...folders });
  let stoppingSince = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (stoppingSince !== null) {
        // One Ctrl-C may arrive twice: from the terminal and from npm.
        if (Date.now() - stoppingSince > 700) child.kill();
        return;
      }
      stoppingSince = Date.now();
      say('Stopping …');
      void child.stop().then(() => process.exit(0));
    });
  }
  if (process.connected) process.on('disconnect', () => void child.stop().then(() => process.exit(0)));
  await step(`One more ${kind} process`, () => child.start());
  say(`${child.address ? `It answers at ${child.address}. ` : ''}Log: ${child.logFile}. Ctrl-C stops it.`);
});
