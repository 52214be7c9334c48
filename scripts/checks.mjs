import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { dim, green, red, say, seconds, tryCommand } from './progress.mjs';

const places = ['app', 'components', 'engine', 'server', 'worker', 'client', 'cli', 'e2e'].filter((place) =>
  existsSync(path.join(root, place)),
);

/** What `npm run check` runs beside the unit tests: standard tools, each with its own configuration file. */
const checks = [
  { name: 'types', tool: 'tsc', args: ['--noEmit'] },
  {
    name: 'lint',
    tool: 'eslint',
    args: ['.', '--max-warnings', '0', '--cache', '--cache-location', '.attune/eslint.json'],
  },
  { name: 'format', tool: 'prettier', args: ['--check', '--log-level', 'warn', '.'] },
  { name: 'dependency rules', tool: 'depcruise', args: [...places, '--config', '.dependency-cruiser.cjs'] },
  { name: 'dead code', tool: 'knip', args: ['--no-progress'] },
];

/** Runs every check, two at a time, and shows what failed. Gives back one verdict per check. */
export async function runChecks() {
  const results = [];
  const waiting = [...checks];
  const lane = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const started = performance.now();
      const { code, output } = await tryCommand(
        path.join(root, 'node_modules/.bin', check.tool),
        check.args,
        { cwd: root },
      );
      if (code !== 0) say(output.trimEnd());
      say(
        `${code === 0 ? green('✓') : red('✗')} ${check.name} ${dim(`(${seconds(performance.now() - started)})`)}`,
      );
      results.push({ name: check.name, level: 'check', status: code === 0 ? 'passed' : 'failed' });
    }
  };
  // Next's types of the routes as they are now: a fresh clone has none, an old build has those of former routes.
  await tryCommand(path.join(root, 'node_modules/.bin/next'), ['typegen'], {
    cwd: root,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' },
  });
  await Promise.all([lane(), lane()]);
  return results;
}
