import { expect, scenario } from './scenario';
import { at, childrenOf, only, statesOf } from './spans';
import type { Execution, TreeNode } from '../records';
import type { Studio } from '../studio-api';

/**
 * Fails until its attempt `good`, and leaves a line for every time that its body ran: under the key that is the same
 * for all attempts.
 */
const flaky = {
  runtime: 'shell',
  code: `
file="$ATTUNE_ARTIFACTS_DIR/$ATTUNE_IDEMPOTENCY_KEY"
echo x >> "$file"
runs=$(wc -l < "$file")
[ "$ATTUNE_ATTEMPT" -ge "$good" ] || { echo "attempt $ATTUNE_ATTEMPT broke" >&2; exit "\${code:-1}"; }
printf '{"runs":%d,"attempt":%d}' "$runs" "$ATTUNE_ATTEMPT"
`,
  outputFormat: 'json',
  parameters: { good: { type: 'integer' }, code: { type: 'integer' } },
} as const;

async function play(studio: Studio, input: object, retry: object) {
  const action = await studio.createAction('flaky', flaky);
  const ref = await studio.publishWorkflow('retrying', {
    tasks: [
      {
        name: 'call',
        action,
        input,
        retry,
        next: [
          { when: '{{ succeeded() }}', do: ['fine'] },
          { when: '{{ failed() }}', do: ['broken'] },
        ],
      },
      { name: 'fine', action: 'core.set', input: { runs: '{{ task.call.result.data.runs }}' } },
      { name: 'broken', action: 'core.set', input: { error: '{{ task.call.result.error }}' } },
    ],
  });
  const id = await studio.run(ref);
  const run = await studio.ended(id);
  const tree = await studio.tree(id);
  const attempts = await Promise.all(childrenOf(tree, id, 'call').map((child) => studio.get(child.id)));
  return { run, tree, attempts, taskRuns: await studio.taskRuns(id) };
}

/** Milliseconds from the end of each attempt until the next one might begin, and until it did. */
function waitsOf(attempts: readonly Execution[]): { stored: number[]; real: number[] } {
  const pairs = attempts.slice(1).map((attempt, place) => [attempts[place] as Execution, attempt] as const);
  return {
    stored: pairs.map(([before, next]) => at(next.availableAt) - at(before.endedAt)),
    real: pairs.map(([before, next]) => at(next.startedAt) - at(before.endedAt)),
  };
}

scenario.describe('retries', () => {
  scenario(
    'T2.8 success on the third try: the failures before it are kept, and only the last is routed',
    async ({ studio }) => {
      const { run, tree, attempts, taskRuns } = await play(studio, { good: 3 }, { count: 5, delay: 0.1 });
      expect(statesOf(tree)).toEqual({
        root: 'completed',
        call: 'failed',
        'call#2': 'failed',
        'call#3': 'completed',
        fine: 'completed',
      });
      expect(run.result).toMatchObject({ fine: { data: { runs: 3 } } });
      expect(attempts.map(({ attempt, maxRetries, error }) => [attempt, maxRetries, error])).toEqual([
        [1, 5, 'exited with code 1: attempt 1 broke'],
        [2, 5, 'exited with code 1: attempt 2 broke'],
        [3, 5, null],
      ]);
      expect(attempts.map(({ originalId }) => originalId)).toEqual([null, attempts[0]?.id, attempts[0]?.id]);
      expect(taskRuns.map(({ task, visit, status }) => [task, visit, status])).toEqual([
        ['call', 1, 'completed'],
        ['fine', 1, 'completed'],
      ]);
    },
  );

  scenario('T2.8 exhaustion: after the last attempt the failure is routed once', async ({ studio }) => {
    const { run, tree, attempts } = await play(studio, { good: 99 }, { count: 2, delay: 0.1 });
    expect(statesOf(tree)).toEqual({
      root: 'completed',
      call: 'failed',
      'call#2': 'failed',
      'call#3': 'failed',
      broken: 'completed',
    });
    expect(run.result).toMatchObject({ broken: { data: { error: 'exited with code 1: attempt 3 broke' } } });
    expect(attempts).toHaveLength(3);
  });

  scenario('T2.8 nobody handles it: the run fails after the last attempt, not before', async ({ studio }) => {
    const action = await studio.createAction('flaky', flaky);
    const ref = await studio.publishWorkflow('exhausted', {
      tasks: [{ name: 'call', action, input: { good: 99 }, retry: { count: 1, delay: 0.1 } }],
    });
    const id = await studio.run(ref);
    const run = await studio.ended(id);
    expect(run).toMatchObject({ state: 'failed', error: 'call: exited with code 1: attempt 2 broke' });
    const attempts = childrenOf(await studio.tree(id), id, 'call');
    expect(attempts.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
    ]);
    expect(at(run.endedAt)).toBeGreaterThanOrEqual(at(attempts[1]?.endedAt));
  });

  scenario('T2.8 no retry after a success', async ({ studio }) => {
    const { run, tree, attempts } = await play(studio, { good: 1 }, { count: 3, delay: 0 });
    expect(attempts.map(({ attempt, state, maxRetries }) => [attempt, state, maxRetries])).toEqual([
      [1, 'completed', 3],
    ]);
    expect(run.result).toMatchObject({ fine: { data: { runs: 1 } } });
    expect(tree).toHaveLength(3);
  });

  const backoffs = [
    { backoff: 'exponential', delay: 0.4, expected: [400, 800, 1600] },
    { backoff: 'exponential', delay: 0.4, max_delay: 0.6, expected: [400, 600, 600] },
    { backoff: 'linear', delay: 0.3, expected: [300, 600, 900] },
    { backoff: 'constant', delay: 0.5, expected: [500, 500, 500] },
  ];
  for (const { expected, ...retry } of backoffs) {
    const written = `${retry.backoff}${retry.max_delay === undefined ? '' : ', capped'}`;
    scenario(`T2.8 the waits between attempts are as declared: ${written}`, async ({ studio }) => {
      const { attempts } = await play(studio, { good: 4 }, { count: 3, ...retry });
      expect(attempts).toHaveLength(4);
      const { stored, real } = waitsOf(attempts);
      for (const [place, wait] of expected.entries()) {
        // Never shorter than declared; 2 ms for the rounding of both times.
        expect(stored[place]).toBeGreaterThanOrEqual(wait - 2);
        expect(stored[place]).toBeLessThan(wait + 250);
        expect(real[place]).toBeGreaterThanOrEqual(wait - 2);
      }
      expect(attempts.slice(1).every(({ startedAt, availableAt }) => at(startedAt) >= at(availableAt))).toBe(
        true,
      );
    });
  }

  scenario('T2.8 jitter spreads the wait within its part', async ({ studio }) => {
    const { attempts } = await play(studio, { good: 4 }, { count: 3, delay: 1, jitter: 0.5 });
    const { stored } = waitsOf(attempts);
    for (const wait of stored) {
      expect(wait).toBeGreaterThanOrEqual(495);
      expect(wait).toBeLessThan(1_750);
    }
    expect(new Set(stored).size).toBeGreaterThan(1);
  });

  scenario('T2.8 the wait is a stored state that holds no worker', async ({ studio }) => {
    const ref = await studio.publishWorkflow('waiting', {
      tasks: [{ name: 'call', action: 'core.fail', retry: { count: 1, delay: '1h' } }],
    });
    const id = await studio.run(ref);
    const waiting = await studio.untilTask(id, 'call', ({ attempt }) => attempt === 2);
    expect(waiting).toMatchObject({ state: 'delayed', startedAt: null });
    const { availableAt } = await studio.get(waiting.id);
    expect(at(availableAt) - at(waiting.created)).toBeGreaterThan(3_595_000);
    await studio.cancel(id);
    await studio.ended(id);
    expect(statesOf(await studio.tree(id))).toEqual({
      root: 'cancelled',
      call: 'failed',
      'call#2': 'cancelled',
    });
  });

  scenario('T2.8 on and when choose what is tried again', async ({ studio }) => {
    const exit2 = { good: 99, code: 2 };
    const [otherOutcome, whenFalse, whenTrue] = await Promise.all([
      play(studio, exit2, { count: 2, on: ['timeout'] }),
      play(studio, exit2, { count: 2, when: '{{ result().exit_code != 2 }}' }),
      play(studio, exit2, { count: 2, when: '{{ result().exit_code == 2 }}' }),
    ]);
    expect(otherOutcome.attempts).toHaveLength(1);
    expect(whenFalse.attempts).toHaveLength(1);
    expect(whenTrue.attempts).toHaveLength(3);
  });

  scenario('T2.8 each item is tried again by itself', async ({ studio }) => {
    const action = await studio.createAction('flaky', flaky);
    const ref = await studio.publishWorkflow('items', {
      tasks: [
        {
          name: 'each',
          action,
          with_items: [1, 3, 2],
          input: { good: '{{ item }}' },
          retry: { count: 2, delay: 0.1 },
        },
      ],
      output_map: { runs: "{{ task.each.result | map(attribute='data.runs') | list }}" },
    });
    const id = await studio.run(ref);
    expect(await studio.ended(id)).toMatchObject({ state: 'completed', result: { runs: [1, 3, 2] } });
    const attempts = childrenOf(await studio.tree(id), id, 'each');
    const countOf = (item: number) => attempts.filter(({ itemIndex }: TreeNode) => itemIndex === item).length;
    expect([0, 1, 2].map(countOf)).toEqual([1, 3, 2]);
  });

  scenario('T2.8 a nested workflow is tried again as a whole', async ({ studio }) => {
    const inner = await studio.publishWorkflow('inner', {
      tasks: [
        { name: 'first', action: 'core.noop', next: [{ do: ['second'] }] },
        { name: 'second', action: 'core.fail', input: { message: 'inside' } },
      ],
    });
    const ref = await studio.publishWorkflow('outer', {
      tasks: [{ name: 'call', action: inner, retry: { count: 1, delay: 0.1 } }],
    });
    const id = await studio.run(ref);
    expect(await studio.ended(id)).toMatchObject({ state: 'failed' });
    const tree = await studio.tree(id);
    const calls = childrenOf(tree, id, 'call');
    expect(calls.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'failed'],
      [2, 'failed'],
    ]);
    for (const call of calls) {
      const own = tree.filter(({ parentId }) => parentId === call.id);
      expect(only(own, 'first').state).toBe('completed');
      expect(only(own, 'second').state).toBe('failed');
    }
  });
});
