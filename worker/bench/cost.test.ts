import { chmod } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { env } from '@/server/env';
import type { Actor } from '@/server/identities/actor';
import { createPack } from '@/server/packs/service';
import { makePerson, makeTenant } from '@/server/packs/test-people';
import { CountedCost, perTask, type Cost } from './counted-cost';
import { publishWorkflow } from './publish-workflow';
import { toChain, toFanOut, toWide, type Shape } from './shapes';

// What the engine costs, counted instead of timed: by Postgres itself, of real runs in a real worker process.

const mostTransactions = 4;
const mostGrowth = 1.1;
/** Reading depends a little on where rows happen to lie. */
const mostReading = 1.5;

let ada: Actor;
let counting: CountedCost;

beforeAll(async () => {
  await chmod(env().ATTUNE_HOME, 0o711);
  ada = await makePerson(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '1.0.0' });
  counting = await CountedCost.open();
});
afterAll(() => counting.close());

async function runOnce(ref: string, { tasks, more, parameters, children }: Shape): Promise<Cost> {
  await publishWorkflow(ada, ref, tasks, more);
  return perTask(await counting.ofRun(ada, ref, parameters, children), children);
}

const tell = (what: string, { transactions, rows, walBytes, blocks }: Cost) =>
  process.stdout.write(
    `${what}, per task: ${transactions.toFixed(2)} transactions, ${rows.toFixed(2)} rows, ${walBytes.toFixed(0)} bytes of WAL, ${blocks.toFixed(0)} blocks looked at\n`,
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
    await runOnce(`${ref}_first`, toShape(100));
    small = await runOnce(`${ref}_100`, toShape(100));
    large = await runOnce(`${ref}_1000`, toShape(1_000));
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

// core.echo, since a backlog of core.noop is carried out without being claimed.
describe('a backlog of one-task executions', () => {
  const drain = async (count: number, isAnalysed: boolean) => {
    const cost = perTask(await counting.ofBacklog(ada, 'core.echo', count, isAnalysed), count);
    tell(`backlog of ${count}, ${isAnalysed ? 'analysed' : 'stale statistics'}`, cost);
    return cost;
  };
  let small: Cost;
  let large: Cost;
  let stale: Cost;

  beforeAll(async () => {
    await drain(500, true);
    // First, while the index of what waits has hardly been used: that is when it looks cheapest.
    stale = await drain(4_000, false);
    large = await drain(2_000, true);
    small = await drain(200, true);
  }, 600_000);

  test('is claimed without looking at more of it the more there is', () => {
    expect(large.blocks / small.blocks).toBeLessThanOrEqual(mostReading);
  });

  test('is claimed by the same ways when the planner has not heard of it yet', () => {
    expect(stale.blocks / large.blocks).toBeLessThanOrEqual(mostReading);
  });

  test('costs at most four transactions an execution, its request aside', () => {
    expect(large.transactions).toBeLessThanOrEqual(mostTransactions);
  });
});
