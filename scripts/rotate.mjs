// `npm run keys:rotate`: seals every secret at rest anew with the newest master key (docs/adr/0015). It may be stopped and
// run again at any time.
import path from 'node:path';
import { home, root } from './paths.mjs';
import { lastLines, say, step, Trouble, tryCommand } from './progress.mjs';
import { enter } from './runtime.mjs';

await enter(async () => {
  const { buildAll } = await import('./build.mjs');
  const { runningDatabase } = await import('./database.mjs');
  const { studioEnvironment } = await import('./studio.mjs');
  await buildAll();
  const env = studioEnvironment({ databaseUrl: await runningDatabase(), home });
  const { code, stdout, output } = await step(
    'Sealing what lies at rest anew',
    () =>
      tryCommand(process.execPath, ['--enable-source-maps', path.join(root, 'dist/rotate.mjs')], {
        cwd: root,
        env: { ...process.env, ...env },
      }),
    { slow: true },
  );
  const line = stdout.split('\n').findLast((text) => text.startsWith('{'));
  if (!line) throw new Trouble(`The rotation ended with code ${code}:\n${lastLines(output, 15)}`);
  const { rewrapped, broken, retired } = JSON.parse(line);
  for (const [table, count] of Object.entries(rewrapped)) say(`${table}: ${count} sealed anew`);
  if (broken.length > 0) throw new Trouble(`These cannot be opened:\n  ${broken.join('\n  ')}`);
  say(
    retired.length > 0
      ? `Nothing is sealed with ${retired.join(', ')} any more. When every process has been started again with the new key, run this ` +
          'once more for what they sealed meanwhile; then take the old one out of ATTUNE_MASTER_KEY_PREVIOUS or the key file.'
      : 'No older master key was left to retire.',
  );
});
