import { messageOf } from '../message-of';
import { actions } from './actions';
import { api } from './api';
import { engine } from './engine';
import { events } from './events';
import { Ground } from './ground';
import { isMet, type Limits, type Row, type Suite } from './suite';

// Started by scripts/bench.mjs, once to list a suite's cases and once per case, and talks to it over the channel.
const suites: readonly Suite[] = [engine, actions, events, api];

/** What this process says. */
export type News =
  | { kind: 'cases'; cases: { name: string; title: string }[] }
  | { kind: 'suites'; names: string[] }
  | { kind: 'rows'; rows: (Row & { isMet: boolean | null })[] }
  | { kind: 'failure'; error: string };

function tell(news: News): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!process.send) throw new Error('npm run bench starts this program');
    process.send(news, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}

async function measure(suite: Suite, caseName: string, limits: Limits, workers: number): Promise<void> {
  const chosen = suite.cases.find(({ name }) => name === caseName);
  if (!chosen) return tell({ kind: 'failure', error: `the suite ${suite.name} has no case ${caseName}` });
  try {
    const ground = await Ground.open(workers);
    const rows = await chosen.measure(ground, limits);
    await tell({ kind: 'rows', rows: rows.map((row) => ({ ...row, isMet: isMet(row) })) });
    await ground.close();
  } catch (error) {
    await tell({ kind: 'failure', error: messageOf(error) });
  }
}

process.once('disconnect', () => process.exit(1));
const [suiteName, caseName, rounds, seconds, workers] = process.argv.slice(2);
const suite = suites.find(({ name }) => name === suiteName);
if (!suite) await tell({ kind: 'suites', names: suites.map(({ name }) => name) });
else if (caseName === undefined)
  await tell({ kind: 'cases', cases: suite.cases.map(({ name, title }) => ({ name, title })) });
else await measure(suite, caseName, { rounds: Number(rounds), seconds: Number(seconds) }, Number(workers));
process.exit(0);
