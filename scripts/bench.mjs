// `npm run bench -- engine`, `-- actions`, `-- events` or `-- canvas`: what the product costs, as ratios to a floor measured in the same run.
//   --only=chain,fan-out   some of the suite's cases
//   --rounds=5             how often each is measured
//   --seconds=240          no further round of a case begins after this time
//   --workers=1            worker processes
//   --json                 one JSON document on stdout, the progress on stderr
//   --strict               ends with code 1 when a goal is missed
import { fork } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine, printCase, printSummary } from './bench-report.mjs';
import { root } from './paths.mjs';
import { bold, endCommands, red, say, step, Trouble } from './progress.mjs';
import { enter } from './runtime.mjs';

const program = path.join(root, 'dist/bench.mjs');

/** The Postgres and the process that measures; both end with this one. */
let cluster = null;
let child = null;
let isStopping = false;

/** Runs the bench program. Gives what it said, by kind. */
function run(args, env) {
  return new Promise((resolve, reject) => {
    const news = {};
    child = fork(program, args, {
      cwd: root,
      env: { ...process.env, ...env },
      execArgv: ['--enable-source-maps'],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    child.on('message', (said) => (news[said.kind] = said));
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      child = null;
      if (isStopping) return;
      if (Object.keys(news).length === 0)
        news.failure = { error: `the measurement ended with ${signal ?? `code ${code}`} and without a word` };
      resolve(news);
    });
  });
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        only: { type: 'string', default: '' },
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '240' },
        workers: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
      },
    });
    for (const name of ['rounds', 'seconds', 'workers'])
      if (!/^[1-9]\d{0,4}$/.test(values[name])) throw new Trouble(`--${name} is a number from 1 on.`);
    return { ...values, suite: positionals[0] };
  } catch (error) {
    throw error instanceof Trouble ? error : new Trouble(error.message);
  }
}

/** The cases of a suite whose names begin with one of those asked for; all when none is. */
async function chooseCases(suite, only, env) {
  const { suites, cases, failure } = await run(suite ? [suite] : [], env);
  if (failure) throw new Trouble(failure.error);
  if (suites)
    throw new Trouble(`Say what to measure: npm run bench -- ${[...suites.names, 'canvas'].join(' | ')}`);
  const asked = only.split(',').filter(Boolean);
  const unknown = asked.filter((name) => !cases.cases.some((each) => each.name.startsWith(name)));
  if (unknown.length > 0) {
    const names = cases.cases.map(({ name }) => name).join(', ');
    throw new Trouble(`${suite} has no case ${unknown.join(', ')}. There are: ${names}`);
  }
  return cases.cases.filter(
    ({ name }) => asked.length === 0 || asked.some((start) => name.startsWith(start)),
  );
}

async function measureAll() {
  const options = readArguments();
  // With --json stdout is the document's alone.
  if (options.json) process.stdout.write = process.stderr.write.bind(process.stderr);
  // The only suite that is measured in a browser.
  if (options.suite === 'canvas') {
    const { measureCanvas } = await import('./bench-canvas.mjs');
    const { document, isAllMet } = await measureCanvas({ ...options, rounds: Number(options.rounds) });
    delete process.stdout.write;
    const text = document ? `${JSON.stringify(document, null, 2)}\n` : '';
    process.stdout.write(text, () => process.exit(options.strict && !isAllMet ? 1 : 0));
    return;
  }
  const { bundleBench, bundlePrograms } = await import('./build.mjs');
  const { withLock } = await import('./lock.mjs');
  const { ensureDatabase } = await import('./postgres.mjs');
  const { setUp, studioEnvironment } = await import('./studio.mjs');
  const { cloneDatabase, startPassingCluster, testAdmin } = await import('./test-database.mjs');
  await withLock('build', async () => {
    await bundlePrograms();
    await bundleBench();
  });
  // The program reads its settings as it starts, also to list what it can measure.
  const nowhere = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' };
  const cases = await chooseCases(options.suite, options.only, nowhere);
  cluster = await step('A Postgres of its own, with the settings of npm start', () => startPassingCluster());
  const home = path.join(cluster.folder, 'home');
  mkdirSync(path.join(home, 'run'), { recursive: true });
  // Actions that run as other users pass through it.
  chmodSync(home, 0o711);
  const template = 'attune_bench';
  const address = (name) => Object.assign(new URL(cluster.adminUrl), { pathname: `/${name}` }).href;
  await ensureDatabase(cluster.adminUrl, template);
  await setUp({
    ...studioEnvironment({ databaseUrl: address(template), home }),
    ATTUNE_ADMIN_PASSWORD: testAdmin.password,
  });
  const machine = await describeMachine(cluster.adminUrl);
  say(`${bold(machine.title)}\n`);
  const results = [];
  for (const { name, title } of cases) {
    const env = {
      ...studioEnvironment({
        databaseUrl: await cloneDatabase(cluster.adminUrl, template, 'attune_bench'),
        home,
      }),
      ATTUNE_LOG_LEVEL: process.env['ATTUNE_LOG_LEVEL'] ?? 'error',
    };
    const args = [options.suite, name, options.rounds, options.seconds, options.workers];
    const { rows, failure } = await step(title, () => run(args, env), { slow: true });
    const result = { name, title, rows: rows?.rows ?? [], failure: failure?.error ?? null };
    results.push(result);
    printCase(result);
  }
  await cluster.stop();
  cluster = null;
  const isAllMet = printSummary(results);
  delete process.stdout.write;
  const document = `${JSON.stringify({ suite: options.suite, machine, cases: results }, null, 2)}\n`;
  process.stdout.write(options.json ? document : '', () => process.exit(options.strict && !isAllMet ? 1 : 0));
}

async function giveUp() {
  isStopping = true;
  endCommands();
  if (child) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill();
    await ended;
  }
  await cluster?.stop();
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    say(red('Stopped before the end.'));
    void giveUp().finally(() => process.exit(130));
  });
}
if (process.connected) process.on('disconnect', () => void giveUp().finally(() => process.exit(130)));

await enter(measureAll, { onTrouble: giveUp });
