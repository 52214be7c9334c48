import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { stopBoss } from '../queue';
import { promotionsSettled } from './concurrency';
import { getTree } from './service';
import { breakCircles } from './slot-circles';
import { ask, end, limited, republish, somebody, standOf, workAll } from './test-limits';
import { run, work, workflow } from './test-worker';

let ada: Actor;

beforeAll(async () => {
  ada = await somebody();
});
afterAll(async () => {
  await promotionsSettled();
  await stopBoss();
  await stopLive();
  await closeDatabase();
});

describe('limited workflows', () => {
  it('hold their slot from their start until their end', async () => {
    const ref = await workflow(ada, [{ name: 'a', action: 'core.echo' }], { concurrency: 1 });
    const ids = [await run(ada, ref), await run(ada, ref)];
    const [claim] = await work(() => null);
    expect(await standOf(ada, ids)).toEqual(['running', 'queued 1']);
    await end(claim);
    await workAll();
    expect(await standOf(ada, ids)).toEqual(['completed', 'completed']);
  });

  it('that would wait for themselves, directly or through others, fail with a sentence', async () => {
    const inner = await workflow(ada, [{ name: 'up', action: 'core.echo' }]);
    const outer = await workflow(ada, [{ name: 'down', action: inner }], { concurrency: 1 });
    await republish(ada, inner, { tasks: [{ name: 'up', action: outer }] });
    const id = await run(ada, outer);
    await workAll();
    const tree = await getTree(ada, id);
    expect(tree.map(({ actionRef, state }) => [actionRef, state])).toEqual([
      [outer, 'failed'],
      [inner, 'failed'],
      [outer, 'failed'],
    ]);
    expect(tree[2]?.error).toBe(
      `${outer} would wait for itself: execution ${id}, which it is a part of, holds a slot of it until this ends (1 of 1 run). Raise the limit of ${outer}, or do not start it from inside itself.`,
    );
  });

  it('may be inside themselves while there is room', async () => {
    const inner = await workflow(ada, [{ name: 'up', action: 'core.echo' }]);
    const nest = { when: '{{ parameters.nest }}', do: ['down'] };
    const outer = await workflow(
      ada,
      [
        { name: 'first', action: 'core.echo', next: [nest] },
        { name: 'down', action: inner },
      ],
      { concurrency: 2, parameters: { nest: { type: 'boolean', default: false } } },
    );
    await republish(ada, inner, { tasks: [{ name: 'up', action: outer }] });
    const id = await run(ada, outer, { nest: true });
    await workAll();
    expect((await getTree(ada, id)).map(({ state }) => state)).toEqual(Array(5).fill('completed'));
  });

  it('that wait for each other in a circle: the youngest fails, and the rest goes on', async () => {
    const nests = { concurrency: 1, parameters: { nest: { type: 'boolean', default: false } } };
    const tasks = (other: string) => [
      { name: 'first', action: 'core.echo', next: [{ when: '{{ parameters.nest }}', do: ['second'] }] },
      { name: 'second', action: other, input: { nest: false } },
    ];
    const one = await workflow(ada, [{ name: 'first', action: 'core.echo' }], nests);
    const two = await workflow(ada, tasks(one), nests);
    await republish(ada, one, { tasks: tasks(two), ...nests });
    const ids = [await run(ada, one, { nest: true }), await run(ada, two, { nest: true })];
    await workAll();
    expect(await standOf(ada, ids)).toEqual(['running', 'running']);
    expect(await breakCircles()).toBe(1);
    await workAll();
    expect(await standOf(ada, ids)).toEqual(['completed', 'failed']);
    const [, second] = (await getTree(ada, ids[1] ?? 0)).slice(1);
    expect(second?.error).toContain(
      `It could never get a slot of ${one}: those who hold them wait, in a circle, for a slot of ${two}, which execution ${ids[1]} above it holds.`,
    );
    expect(await breakCircles()).toBe(0);
  });

  it('that only wait long are left alone', async () => {
    const ref = await limited(ada, { limit: 1 });
    await ask(ada, ref, 1);
    const flow = await workflow(ada, [{ name: 'a', action: ref }], { concurrency: 1 });
    const ids = [await run(ada, flow), await run(ada, flow)];
    const [claim] = await work(() => null);
    expect(await breakCircles()).toBe(0);
    await end(claim);
    await workAll();
    expect(await standOf(ada, ids)).toEqual(['completed', 'completed']);
  });
});
