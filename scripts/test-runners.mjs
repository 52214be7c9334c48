import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readRecord } from './lock.mjs';
import { cache, root } from './paths.mjs';
import { tryCommand } from './progress.mjs';

const reports = path.join(cache, 'reports');
const bin = (name) => path.join(root, 'node_modules/.bin', name);

/** @typedef {{ name: string, level: string, status: 'passed' | 'failed' | 'skipped', file?: string }} TestResult */

function reportFile(level) {
  mkdirSync(reports, { recursive: true });
  const file = path.join(reports, `${level}.json`);
  rmSync(file, { force: true });
  return file;
}

/** A runner that ended badly although each test passed (an error outside of any test, no report) is one failure more. */
function withRunner(results, level, code) {
  const isExplained = code === 0 || results.some(({ status }) => status === 'failed');
  return isExplained
    ? results
    : [...results, { name: `the ${level} runner ended with code ${code}`, level, status: 'failed' }];
}

/** Runs one project of vitest.config.ts, shown as it goes. @returns {Promise<TestResult[]>} */
export async function runVitest(level, env = process.env) {
  const file = reportFile(level);
  const args = [
    'run',
    '--project',
    level,
    '--passWithNoTests',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ];
  const { code } = await tryCommand(bin('vitest'), args, { cwd: root, env, echo: true });
  const suites = readRecord(file)?.testResults ?? [];
  const results = suites.flatMap((suite) => {
    const place = path.relative(root, suite.name);
    const tests = suite.assertionResults.map((test) => ({
      name: test.fullName,
      level,
      status: test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped',
      file: place,
    }));
    if (suite.status !== 'failed' || tests.some(({ status }) => status === 'failed')) return tests;
    return [
      ...tests,
      { name: `${place} could not be loaded or prepared`, level, status: 'failed', file: place },
    ];
  });
  return withRunner(results, level, code);
}

/** Runs the scenarios and the journeys, against one studio. @returns {Promise<TestResult[]>} */
export async function runJourneys(env) {
  const file = reportFile('journeys');
  const { code } = await tryCommand(bin('playwright'), ['test', '--pass-with-no-tests'], {
    cwd: root,
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file },
    echo: true,
  });
  const results = [];
  const walk = (suite, titles) => {
    for (const spec of suite.specs ?? []) {
      for (const test of spec.tests) {
        const status =
          test.status === 'expected' ? 'passed' : test.status === 'skipped' ? 'skipped' : 'failed';
        results.push({
          name: [...titles, spec.title].join(' '),
          level: test.projectName.startsWith('scenarios') ? 'scenarios' : 'journeys',
          status,
          file: path.join('e2e', spec.file),
        });
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, [...titles, inner.title]);
  };
  for (const suite of readRecord(file)?.suites ?? []) walk(suite, []);
  return withRunner(results, 'journeys', code);
}
