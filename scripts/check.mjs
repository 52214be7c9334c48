// `npm run check`: format, types, lint, dependency rules, dead code, unit tests.
import { enter } from './runtime.mjs';
import { bold, say } from './progress.mjs';

await enter(async () => {
  const { generateApiTypes, generateClient } = await import('./build.mjs');
  const { runChecks } = await import('./checks.mjs');
  const { runVitest } = await import('./test-runners.mjs');
  await generateClient();
  await generateApiTypes();
  const results = [...(await runChecks()), ...(await runVitest('unit'))];
  const failed = results.filter(({ status }) => status === 'failed');
  say(
    bold(
      failed.length === 0
        ? 'All checks passed.'
        : `${failed.length} failed: ${failed.map(({ name }) => name).join('; ')}`,
    ),
  );
  process.exit(failed.length === 0 ? 0 : 1);
});
