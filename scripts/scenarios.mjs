// Writes docs/scenarios.md: every scenario that must work, with the tests that name it and how they ended.
// `node scripts/scenarios.mjs --write` does it from the report of the last `npm test`.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRecord } from './lock.mjs';
import { cache, root } from './paths.mjs';

/** Ids and titles; `journey` marks those that a browser journey must show too. */
const scenarios = [
  { part: 'Core automation' },
  { id: 'T1.1', title: 'Interval timer → rule → action' },
  { id: 'T1.2', title: 'Date timer' },
  { id: 'T1.3', title: 'Cron timer' },
  { id: 'T1.4', title: 'Webhook with payload', journey: true },
  { id: 'T1.5', title: 'With-items' },
  { id: 'T1.6', title: 'Action reads the datastore' },
  { id: 'T1.7', title: 'Tenants' },
  { id: 'T1.8', title: 'Failing action', journey: true },
  { part: 'Orchestration and data' },
  { id: 'T2.1', title: 'Nested workflows', journey: true },
  { id: 'T2.2', title: 'Failure handling' },
  { id: 'T2.3', title: 'Datastore writes' },
  { id: 'T2.4', title: 'Parameter templating' },
  { id: 'T2.5', title: 'Rule criteria', journey: true },
  { id: 'T2.6', title: 'Approvals', journey: true },
  { id: 'T2.7', title: 'Approval timeouts' },
  { id: 'T2.8', title: 'Retries' },
  { id: 'T2.9', title: 'Execution timeouts' },
  { id: 'T2.10', title: 'Parallel' },
  { id: 'T2.11', title: 'Dependencies' },
  { id: 'T2.12', title: 'Python with packages' },
  { id: 'T2.13', title: 'Node.js with packages' },
  { part: 'Advanced' },
  { id: 'T3.1', title: 'Timers: past date' },
  { id: 'T3.2', title: 'Timers: disabling stops, enabling resumes' },
  { id: 'T3.3', title: 'Timers: several at once without drift' },
  { id: 'T3.4', title: 'One webhook, several rules' },
  { id: 'T3.5', title: 'One webhook, several rules, each with its own criteria' },
  { id: 'T3.6', title: 'Custom sensor' },
  { id: 'T3.7', title: 'The whole loop', journey: true },
  { id: 'T3.8', title: 'Chained webhooks' },
  { id: 'T3.9', title: 'Several approvals in one run', journey: true },
  { id: 'T3.10', title: 'Roles' },
  { id: 'T3.11', title: 'Standard packs' },
  { id: 'T3.12', title: 'Worker crash' },
  { id: 'T3.13', title: 'Invalid parameters' },
  { id: 'T3.14', title: 'Live notifications of executions' },
  { id: 'T3.15', title: 'Live notifications of inquiries' },
  { id: 'T3.16', title: 'Live notifications of rules' },
  { id: 'T3.17', title: 'Container runner' },
  { id: 'T3.18', title: 'HTTP runner' },
  { id: 'T3.19', title: 'Conflicting dependencies in two packs' },
  { id: 'T3.20', title: 'Secrets' },
  { id: 'T3.21', title: 'Output limits' },
  { id: 'T3.22', title: 'History paging' },
  { id: 'T3.23', title: 'Cancellation', journey: true },
  { id: 'T3.24', title: 'Token login for integrations' },
  { id: 'T3.25', title: 'High-frequency triggers' },
  { id: 'T3.26', title: 'Large workflows' },
  { id: 'T3.27', title: 'Graceful shutdown' },
];

/** The scenarios that a test names: `T2.7 …`, also written `T2.07`. */
function scenariosOf(testName) {
  return [...testName.matchAll(/\bT([123])\.0?(\d{1,2})\b/g)].map(([, part, number]) => `T${part}.${number}`);
}

const marks = { passed: '✓', failed: '✗', skipped: '–' };
const escape = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function rowOf({ id, title, journey }, results) {
  const tests = results
    .filter(({ name }) => scenariosOf(name).includes(id))
    .sort((a, b) => a.level.localeCompare(b.level) || a.name.localeCompare(b.name));
  const verdict =
    tests.length === 0
      ? 'no test yet'
      : tests.some(({ status }) => status === 'failed')
        ? '✗'
        : tests.some(({ status }) => status === 'passed')
          ? '✓'
          : '–';
  const lacksJourney = journey && tests.length > 0 && !tests.some(({ level }) => level === 'journeys');
  const list = tests.map(({ name, level, status }) => `${marks[status]} ${level}: ${escape(name)}`);
  if (lacksJourney) list.push('*its journey is missing*');
  return `| ${id}${journey ? ' ⌂' : ''} | ${title} | ${verdict} | ${list.join('<br>')} |`;
}

/** Writes the table from the results of a whole run. */
export function writeScenarios(results) {
  const head = ['', '| id | scenario | | tests |', '|---|---|---|---|'];
  const lines = [
    '# Scenarios',
    '',
    'Written by `npm test` from the names of the tests that ran: a test names the scenarios that it proves. ⌂ wants a browser journey too.',
  ];
  for (const entry of scenarios) {
    if (entry.part) lines.push('', `## ${entry.part}`, ...head);
    else lines.push(rowOf(entry, results));
  }
  mkdirSync(path.join(root, 'docs'), { recursive: true });
  writeFileSync(path.join(root, 'docs/scenarios.md'), `${lines.join('\n')}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href && process.argv.includes('--write')) {
  writeScenarios(readRecord(path.join(cache, 'test-report.json')) ?? []);
}
