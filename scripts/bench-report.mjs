// How `npm run bench` says what it measured.
import { cpus, loadavg } from 'node:os';
import { bold, dim, green, red, say } from './progress.mjs';

/** What the figures were taken on. The load is part of it: on a busy machine only the ratios say something. */
export async function describeMachine(databaseUrl) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const { rows } = await client.query('SHOW server_version');
  await client.end();
  const machine = {
    postgres: rows[0].server_version,
    node: process.versions.node,
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    load: Number(loadavg()[0].toFixed(2)),
    measuredAt: new Date().toISOString(),
  };
  const { postgres, node, cores, processor, load } = machine;
  return {
    ...machine,
    title: `PostgreSQL ${postgres}, Node ${node}, ${cores} × ${processor}, load ${load} at the start`,
  };
}

const places = (value) => (Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : 2);
const number = (value) =>
  Number.isFinite(value)
    ? value.toLocaleString('en', {
        minimumFractionDigits: places(value),
        maximumFractionDigits: places(value),
      })
    : '–';
const range = ({ least, most }) => `${number(least)}–${number(most)}`;
const spread = (value, unit) => `${number(value.p50)} ${unit} (${range(value)})`;

function goalOf({ goal, isMet }) {
  if (goal === null) return dim('no goal');
  const text = 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return `${text} ${isMet ? green('✓') : red('✗')}`;
}

/** One line per row: the ratio, its goal and its spread first; the times that it is made of stand behind. */
export function printCase({ title, rows, failure }) {
  if (failure) say(`  ${red('✗')} ${title} could not be measured: ${failure}`);
  for (const row of rows) {
    const { what, ratio, measured, beside, unit, rounds } = row;
    say(`  ${bold(`${number(ratio.p50)}×`)} ${goalOf(row)}  ${what}`);
    say(
      dim(
        `        ratio ${range(ratio)} in ${rounds} rounds; ${spread(measured, unit)} beside ${beside.what} ${spread(beside, unit)}`,
      ),
    );
  }
  say('');
}

/** From here on the floor's own times lie too far apart to compare anything with them. */
const noisy = 2.5;

/** Says that the machine had other things to do, where it had. */
function printNoise(rows) {
  const floors = rows.filter(({ beside }) => beside.what.startsWith('floor'));
  const apart = Math.max(...floors.map(({ beside }) => beside.most / beside.least));
  if (apart > noisy)
    say(
      `The machine was busy with other things: the floor's own times lie ${apart.toFixed(1)}-fold apart. Measure again when it is quiet.`,
    );
}

/** How many goals were met. Gives back whether all were. */
export function printSummary(results) {
  const all = results.flatMap((result) => result.rows);
  printNoise(all);
  const rows = all.filter(({ goal }) => goal !== null);
  const missed = rows.filter(({ isMet }) => !isMet);
  const broken = results.filter(({ failure }) => failure !== null);
  const unmeasured = broken.length > 0 ? `, ${broken.length} cases not measured` : '';
  say(`${rows.length - missed.length} of ${rows.length} goals met${unmeasured}`);
  return missed.length === 0 && broken.length === 0;
}
