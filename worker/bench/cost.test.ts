import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { env } from '@/server/env';
import type { Actor } from '@/server/identities/actor';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { CountedCost, type Cost } from './counted-cost';
import { publishWorkflow } from './publish-workflow';
import { toChain, toFanOut, toWide, type Shape } from './shapes';

// What the engine costs, counted instead of timed: by Postgres itself, of real runs in a real worker process.

const mostTransactions = 4;
const mostGrowth = 1.1;

let ada: Actor;
let counting: CountedCost;

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  counting = await CountedCost.open();
});
afterAll(() => counting.close());

async function perTask(ref: string, { tasks, more, parameters, children }: Shape): Promise<Cost> {
  await publishWorkflow(ada, ref, tasks, more);
  const { transactions, rows, walBytes } = await counting.ofRun(ada, ref, parameters, children);
  return {
    transactions: transactions / children,
    rows: rows / children,
    walBytes: walBytes / children,
  };
}

const tell = (what: string, { transactions, rows, walBytes }: Cost) =>
  process.stdout.write(
    `${what}, per task: ${transactions.toFixed(2)} transactions, ${rows.toFixed(2)} rows, ${walBytes.toFixed(0)} bytes of WAL\n`,
  );

describe.each([
  ['chain', toChain],
  ['fan-out', toFanOut],
  ['wide workflow into one join', toWide],
] as const)('a %s', (name, toShape) => {
  let small: Cost;
  let large: Cost;

  beforeAll(async () => {
    const ref = `ops.${name.replaceAll(/\W/g, '_')}`;
    // The first run of a kind writes pages that later ones find.
    await perTask(`${ref}_first`, toShape(100));
    small = await perTask(`${ref}_100`, toShape(100));
    large = await perTask(`${ref}_1000`, toShape(1_000));
    tell(`${name} of 100`, small);
    tell(`${name} of 1,000`, large);
  }, 600_000);

  test('costs at most four transactions a task, at 100 tasks and at 1,000', () => {
    expect(small.transactions).toBeLessThanOrEqual(mostTransactions);
    expect(large.transactions).toBeLessThanOrEqual(mostTransactions);
  });

  test('writes no more rows a task at 1,000 tasks than at 100', () => {
    expect(large.rows / small.rows).toBeLessThanOrEqual(mostGrowth);
  });

  test('writes no more bytes of WAL a task at 1,000 tasks than at 100', () => {
    expect(large.walBytes / small.walBytes).toBeLessThanOrEqual(mostGrowth);
  });
});
