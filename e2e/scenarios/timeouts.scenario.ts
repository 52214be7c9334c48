import { findProcesses, stubbornFamily } from './processes';
import { expect, scenario } from './scenario';
import { at, childrenOf, only, ranMs, statesOf } from './spans';
import type { Studio } from '../studio-api';

interface Result {
  succeeded: boolean;
  exit_code: number | null;
  signal?: string;
  stdout: string;
  error: string;
}

const napping = 91_001;

/** Nothing of an attempt is left on this machine. */
async function expectGone(seconds: number, id: number): Promise<void> {
  await expect.poll(() => findProcesses(`sleep ${seconds}.${id}`), { timeout: 5_000 }).toEqual([]);
}

/** The worker that did this carries out the next thing as if nothing had been. */
async function expectFine(studio: Studio, workerName: string | null): Promise<void> {
  const echo = await studio.createAction('fine', { runtime: 'shell', code: 'echo fine' });
  const after = await studio.ended<Result>(await studio.run(echo));
  expect(after).toMatchObject({ state: 'completed', workerName, result: { stdout: 'fine\n', exit_code: 0 } });
}

scenario.describe('execution timeouts', () => {
  scenario(
    'T2.9 the whole process tree of a timed-out action is gone: TERM first, then KILL',
    async ({ studio }) => {
      const action = await studio.createAction('stubborn', {
        runtime: 'shell',
        code: `trap 'echo asked to end' TERM\n${stubbornFamily(napping)}while :; do sleep 0.1; done`,
        timeoutSeconds: 2,
      });
      const id = await studio.run(action);
      await studio.untilPrinted(id, 'begun');
      expect(findProcesses(`sleep ${napping}.${id}`).length).toBeGreaterThanOrEqual(4);

      const ended = await studio.ended<Result>(id);
      expect(ended).toMatchObject({
        state: 'timeout',
        error: 'The action timed out after 2 s.',
        result: { succeeded: false, signal: 'SIGKILL', error: 'The action timed out after 2 s.' },
      });
      // What it wrote is kept, also what it wrote when it was asked to end.
      expect(ended.result.stdout).toContain('begun\nasked to end\n');
      expect((await studio.log(id)).stdout).toBe(ended.result.stdout);
      // The time limit and the grace of one second; the rest is for a busy machine.
      expect(ranMs(ended)).toBeGreaterThanOrEqual(3_000);
      expect(ranMs(ended)).toBeLessThan(8_000);
      await expectGone(napping, id);
      await expectFine(studio, ended.workerName);
    },
  );

  scenario(
    'T2.9 an action that ends on TERM is still a timeout, told apart from a failure',
    async ({ studio }) => {
      const [polite, failing] = await Promise.all([
        studio.createAction('polite', {
          runtime: 'shell',
          code: 'trap "echo tidied up; exit 0" TERM; echo begun; sleep 100 & wait',
          timeoutSeconds: 1,
        }),
        studio.createAction('failing', {
          runtime: 'shell',
          code: 'echo broken >&2; exit 1',
          timeoutSeconds: 1,
        }),
      ]);
      const [timedOut, failed] = await Promise.all(
        [polite, failing].map(async (action) => studio.ended<Result>(await studio.run(action))),
      );
      expect(timedOut).toMatchObject({
        state: 'timeout',
        result: { stdout: 'begun\ntidied up\n', succeeded: false, exit_code: 0 },
      });
      expect(failed).toMatchObject({ state: 'failed', result: { exit_code: 1 } });
      expect(failed?.error).toBe('exited with code 1: broken');
    },
  );

  scenario('T2.9 timed_out() is true of a timeout only, failed() of both', async ({ studio }) => {
    const next = [
      { when: '{{ timed_out() }}', do: ['slow'] },
      { when: '{{ failed() }}', do: ['bad'] },
      { when: '{{ failed() and not timed_out() }}', do: ['broken'] },
      { when: '{{ succeeded() }}', do: ['fine'] },
    ];
    const after = ['slow', 'bad', 'broken', 'fine'].map((name) => ({ name, action: 'core.noop' }));
    const outcomeOf = async (task: object) => {
      const id = await studio.run(
        await studio.publishWorkflow('routes', { tasks: [{ name: 'a', next, ...task }, ...after] }),
      );
      await studio.ended(id);
      const { root: _, ...states } = statesOf(await studio.tree(id));
      return states;
    };
    const [timeout, failure] = await Promise.all([
      outcomeOf({ action: 'core.sleep', input: { seconds: 60 }, timeout: 1 }),
      outcomeOf({ action: 'core.fail', timeout: 1 }),
    ]);
    expect(timeout).toEqual({ a: 'timeout', slow: 'completed', bad: 'completed' });
    expect(failure).toEqual({ a: 'failed', bad: 'completed', broken: 'completed' });
  });

  for (const timeout of ['500ms', 1.5, '1s 250ms']) {
    scenario(`T2.9 a time limit may be a fraction of a second: ${timeout}`, async ({ studio }) => {
      const ref = await studio.publishWorkflow('fraction', {
        tasks: [{ name: 'a', action: 'core.sleep', input: { seconds: 60 }, timeout }],
      });
      const id = await studio.run(ref);
      expect(await studio.ended(id, 15)).toMatchObject({ state: 'failed' });
      const ended = only(await studio.tree(id), 'a');
      expect(ended.state).toBe('timeout');
      const limitMs = timeout === '500ms' ? 500 : timeout === 1.5 ? 1_500 : 1_250;
      expect(ranMs(ended)).toBeGreaterThanOrEqual(limitMs);
      expect(ranMs(ended)).toBeLessThan(limitMs + 5_000);
    });
  }

  scenario('T2.9 the limit is per attempt, and a timeout is tried again', async ({ studio }) => {
    const ref = await studio.publishWorkflow('again', {
      tasks: [
        {
          name: 'a',
          action: 'core.sleep',
          input: { seconds: 60 },
          timeout: 1,
          retry: { count: 2, delay: 0.1 },
        },
      ],
    });
    const id = await studio.run(ref);
    expect(await studio.ended(id)).toMatchObject({
      state: 'failed',
      error: 'a: The action timed out after 1 s.',
    });
    const attempts = childrenOf(await studio.tree(id), id, 'a');
    expect(attempts.map(({ state }) => state)).toEqual(['timeout', 'timeout', 'timeout']);
    for (const attempt of attempts) expect(ranMs(attempt)).toBeGreaterThanOrEqual(1_000);
  });

  scenario('T2.9 the limit of a run stops all that it runs, and starts nothing more', async ({ studio }) => {
    const action = await studio.createAction('family', {
      runtime: 'shell',
      code: `${stubbornFamily(napping)}wait`,
    });
    const ref = await studio.publishWorkflow('limited', {
      timeout: 3,
      tasks: [
        { name: 'first', action: 'core.noop', next: [{ do: ['family', 'later', 'asks'] }] },
        { name: 'family', action, next: [{ do: ['never'] }] },
        { name: 'later', action: 'core.noop', delay: '1h' },
        { name: 'asks', action: 'core.ask', input: { prompt: 'Well?', assigned_to: ['user:nobody'] } },
        { name: 'never', action: 'core.noop' },
      ],
    });
    const id = await studio.run(ref);
    const { id: familyId } = await studio.untilTask(id, 'family', ({ state }) => state === 'running');
    await studio.untilPrinted(familyId, 'begun');
    const asked = await studio.untilAsked(id, 'asks');
    expect(findProcesses(`sleep ${napping}.${familyId}`).length).toBeGreaterThanOrEqual(4);

    const run = await studio.ended(id);
    expect(run).toMatchObject({ state: 'timeout', error: 'The run timed out after 3 s.' });
    expect(statesOf(await studio.tree(id))).toEqual({
      root: 'timeout',
      first: 'completed',
      family: 'cancelled',
      later: 'cancelled',
      asks: 'cancelled',
    });
    expect(ranMs(run)).toBeGreaterThanOrEqual(3_000);
    expect((await studio.inquiry(asked.id)).status).toBe('cancelled');
    await expectGone(napping, familyId);
    await expectFine(studio, (await studio.get(familyId)).workerName);
  });

  scenario(
    'T2.9 a limit on a nested workflow is enforced inside it, and routed outside',
    async ({ studio }) => {
      const action = await studio.createAction('family', {
        runtime: 'shell',
        code: `${stubbornFamily(napping)}wait`,
      });
      const inner = await studio.publishWorkflow('inner', { tasks: [{ name: 'work', action }] });
      const ref = await studio.publishWorkflow('outer', {
        tasks: [
          {
            name: 'call',
            action: inner,
            timeout: 3,
            next: [
              { when: '{{ timed_out() }}', do: ['notify_slow'] },
              { otherwise: true, do: ['$fail'] },
            ],
          },
          { name: 'notify_slow', action: 'core.set', input: { error: '{{ task.call.result.error }}' } },
        ],
      });
      const id = await studio.run(ref);
      const work = await studio.untilTask(id, 'work', ({ state }) => state === 'running');
      await studio.untilPrinted(work.id, 'begun');
      expect(await studio.ended(id)).toMatchObject({ state: 'completed' });
      const tree = await studio.tree(id);
      expect(statesOf(tree)).toEqual({
        root: 'completed',
        call: 'timeout',
        work: 'cancelled',
        notify_slow: 'completed',
      });
      expect(ranMs(only(tree, 'call'))).toBeGreaterThanOrEqual(3_000);
      expect(at(only(tree, 'call').endedAt)).toBeGreaterThanOrEqual(at(only(tree, 'work').endedAt));
      await expectGone(napping, work.id);
    },
  );
});
