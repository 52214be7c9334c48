// `npm test`: everything, from a fresh clone. The last line is `N passed, N failed`, with `, N skipped` where some were.
//   --only=checks,unit,database,faults,journeys   runs some of the stages
//   --large                                       runs the scenarios at their full size too (T3.26 with 5,000 tasks)
//   --forbid-skips                                fails when a test is skipped (.ci/run)
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cache } from './paths.mjs';
import { bold, dim, endCommands, green, red, say, seconds, step, Trouble } from './progress.mjs';
import { enter } from './runtime.mjs';

const stageNames = ['checks', 'unit', 'database', 'faults', 'journeys'];
const only = process.argv
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');
const chosen = only ?? stageNames;
if (process.argv.includes('--large')) process.env['ATTUNE_TEST_LARGE'] = '1';
const mayNotSkip = process.argv.includes('--forbid-skips');

/** The Postgres that the stages share; stopped however this ends. */
let cluster = null;

async function sharedCluster() {
  const { startTestCluster } = await import('./test-database.mjs');
  cluster ??= await step('A Postgres for the tests', startTestCluster);
  return cluster;
}

async function testEnvironment() {
  const { adminUrl } = await sharedCluster();
  const { freePort } = await import('./postgres.mjs');
  return { ...process.env, ATTUNE_TEST_ADMIN_URL: adminUrl, ATTUNE_E2E_PORT: String(await freePort()) };
}

const stages = {
  checks: async () => {
    const { generateApiTypes, generateClient } = await import('./build.mjs');
    const { runChecks } = await import('./checks.mjs');
    await generateClient();
    await generateApiTypes();
    return runChecks();
  },
  unit: async () => (await import('./test-runners.mjs')).runVitest('unit'),
  database: async () => (await import('./test-runners.mjs')).runVitest('database', await testEnvironment()),
  faults: async () => (await import('./test-runners.mjs')).runVitest('faults', await testEnvironment()),
  journeys: async () => {
    const { buildAll } = await import('./build.mjs');
    await buildAll();
    return (await import('./test-runners.mjs')).runJourneys(await testEnvironment());
  },
};

const count = (results, status) => results.filter((result) => result.status === status).length;

function summary(results) {
  const skipped = count(results, 'skipped');
  return `${count(results, 'passed')} passed, ${count(results, 'failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

async function runStage(name) {
  say(bold(`\n── ${name} ──`));
  try {
    return await stages[name]();
  } catch (error) {
    // A stage that cannot run is one failure; the next ones still get their turn.
    say(`${red('✗')} ${error instanceof Trouble ? error.message : error.stack}`);
    return [{ name: `${name} could not run`, level: name, status: 'failed' }];
  }
}

async function runAll() {
  const unknown = chosen.filter((name) => !stageNames.includes(name));
  if (unknown.length > 0)
    throw new Trouble(`--only=${unknown.join(',')} names no stage. There are: ${stageNames.join(', ')}`);
  const { installTestTools } = await import('./browser.mjs');
  await installTestTools();
  const all = [];
  const lines = [];
  for (const name of stageNames.filter((stage) => chosen.includes(stage))) {
    const started = performance.now();
    const results = await runStage(name);
    all.push(...results);
    const mark = count(results, 'failed') > 0 ? red('✗') : green('✓');
    lines.push(`${mark} ${name}: ${summary(results)} ${dim(`(${seconds(performance.now() - started)})`)}`);
  }
  await cluster?.stop();
  cluster = null;
  await report(all);
  const failed = all.filter(({ status }) => status === 'failed');
  if (failed.length > 0)
    say(
      `\n${bold('Failed')}\n${failed.map(({ name, level, file }) => `  ${red('✗')} ${level}: ${name}${file ? dim(` (${file})`) : ''}`).join('\n')}`,
    );
  say(`\n${lines.join('\n')}`);
  if (all.length === 0) say('Nothing ran, which counts as a failure.');
  if (mayNotSkip && count(all, 'skipped') > 0) say('Tests were skipped, which counts as a failure here.');
  const isGood = all.length > 0 && failed.length === 0 && !(mayNotSkip && count(all, 'skipped') > 0);
  say(`\n${summary(all)}`);
  process.exit(isGood ? 0 : 1);
}

async function report(all) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(path.join(cache, 'test-report.json'), JSON.stringify(all, null, 2));
  // Half a run would say of half the scenarios that nobody tests them; CI must not change the tree.
  if (only || process.env['CI']) return;
  const { writeScenarios } = await import('./scenarios.mjs');
  writeScenarios(all);
}

async function giveUp() {
  endCommands();
  await cluster?.stop();
  process.exit(130);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void giveUp());
if (process.connected) process.on('disconnect', () => void giveUp());

await enter(runAll, { onTrouble: async () => cluster?.stop() });
