import type { JsonObject } from '../records';
import { Refused } from '../trpc';
import { expect, scenario } from './scenario';

const task = (more: object, name = 'a') => ({ name, action: 'core.noop', ...more });

scenario.describe('no run hangs', () => {
  // A text that Postgres keeps in no column: NUL, and half of a surrogate pair.
  const unstorable = { NUL: "{{ 'a\\x00b' }}", 'half a character': "{{ '\\ud83d' }}" };
  for (const [what, text] of Object.entries(unstorable)) {
    const places: Record<string, object> = {
      'an input': { tasks: [task({ action: 'core.set', input: { text } })] },
      'a variable': {
        vars: { kept: '' },
        tasks: [task({ next: [{ publish: [{ kept: text }], do: ['b'] }] }), task({}, 'b')],
      },
      'an item': { tasks: [task({ action: 'core.set', with_items: [text], input: { text: '{{ item }}' } })] },
      'the output': { tasks: [task({})], output_map: { text } },
    };
    for (const [place, definition] of Object.entries(places)) {
      scenario(
        `T2.2 ${what} in ${place} is kept or told as an error, and never holds the run`,
        async ({ studio }) => {
          const id = await studio.run(await studio.publishWorkflow('unstorable', definition));
          const { state, error } = await studio.ended(id, 15);
          expect(state).toBe('failed');
          expect(error).toBeTruthy();
        },
      );
    }
  }

  scenario(
    'T2.2 what an action prints is kept as far as it can be, whatever bytes it holds',
    async ({ studio }) => {
      const action = await studio.createAction('bytes', {
        runtime: 'shell',
        code: String.raw`printf '{"text":"a\\u0000b \\ud83d"}'; printf 'a\000b\377' >&2`,
        outputFormat: 'json',
      });
      const ref = await studio.publishWorkflow('bytes', {
        tasks: [
          { name: 'a', action, next: [{ do: ['b'] }] },
          task({ action: 'core.set', input: { text: '{{ task.a.result.data.text }}' } }, 'b'),
        ],
        output_map: { text: '{{ task.b.result.data.text }}' },
      });
      const run = await studio.ended<{ text: string }>(await studio.run(ref), 15);
      expect(run.state).toBe('completed');
      expect(run.result.text).toMatch(/^a.?b /);
    },
  );

  scenario('T2.2 parameters that nothing could keep are refused where they come in', async ({ studio }) => {
    for (const text of ['a\u0000b', 'half a character \ud83d']) {
      const refusal = await studio.run('core.echo', { message: text }).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(Refused);
      expect(refusal).toMatchObject({ status: 400 });
    }
  });

  const longest: Record<string, { definition: object; state: string }> = {
    'a task’s time limit in weeks': {
      definition: { tasks: [task({ timeout: '9999w' })] },
      state: 'completed',
    },
    'a task’s time limit': { definition: { tasks: [task({ timeout: 1e15 })] }, state: 'completed' },
    'a run’s time limit': { definition: { timeout: 1e15, tasks: [task({})] }, state: 'completed' },
    'a delay': { definition: { tasks: [task({ delay: 1e15 })] }, state: 'delayed' },
    'a retry’s delay': {
      definition: {
        tasks: [task({ action: 'core.fail', retry: { count: 1, delay: 1e15, backoff: 'exponential' } })],
      },
      state: 'delayed',
    },
    'an inquiry’s time': {
      definition: { tasks: [task({ action: 'core.ask', input: asking(1e15) })] },
      state: 'waiting',
    },
  };
  for (const [what, { definition, state }] of Object.entries(longest)) {
    scenario(
      `T2.9 ${what} beyond all bounds is refused at publishing or kept to, and holds nothing up`,
      async ({ studio }) => {
        const ref = await studio.publishWorkflow('longest', definition).catch((error: unknown) => error);
        if (ref instanceof Refused) {
          expect(ref).toMatchObject({ status: 400, word: 'has_problems' });
          return;
        }
        const id = await studio.run(ref as string);
        await studio.untilTree(
          id,
          (tree) => tree.at(-1)?.taskName === 'a' && tree.at(-1)?.state === state,
          15,
        );
        if (state === 'completed') expect(await studio.ended(id)).toMatchObject({ state });
        else {
          await studio.cancel(id);
          expect(await studio.ended(id)).toMatchObject({ state: 'cancelled' });
        }
      },
    );
  }
});

function asking(timeout: number): JsonObject {
  return { prompt: 'Well?', assigned_to: ['user:nobody'], timeout };
}
