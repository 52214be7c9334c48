import { expect, scenario } from './scenario';
import { at, only, peak, statesOf } from './spans';
import type { Studio } from '../studio-api';

async function play(studio: Studio, definition: string) {
  const id = await studio.run(await studio.publishWorkflow('order', definition));
  const run = await studio.ended(id);
  return { run, tree: await studio.tree(id), taskRuns: await studio.taskRuns(id) };
}

scenario.describe('dependencies', () => {
  scenario('T2.11 a chain runs in order, each task after the one before it has ended', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
tasks:
  - { name: a, action: core.sleep, input: { seconds: 0.2 }, on_success: b }
  - { name: b, action: core.sleep, input: { seconds: 0.2 }, on_success: c }
  - { name: c, action: core.sleep, input: { seconds: 0.2 }, on_success: d }
  - { name: d, action: core.noop }
`,
    );
    expect(run.state).toBe('completed');
    const line = ['a', 'b', 'c', 'd'].map((task) => only(tree, task));
    expect(peak(line)).toBe(1);
    for (const [place, node] of line.entries()) {
      const before = line[place - 1];
      // Asked for when the one before it ended, not earlier.
      if (before) expect(at(node.created)).toBeGreaterThanOrEqual(at(before.endedAt));
      expect(at(node.startedAt)).toBeGreaterThanOrEqual(at(node.created));
    }
  });

  scenario(
    'T2.11 a diamond: the two sides run side by side, and what joins them runs once, after both',
    async ({ studio }) => {
      const { run, tree, taskRuns } = await play(
        studio,
        `
tasks:
  - { name: a, action: core.noop, on_success: [b, c] }
  - { name: b, action: core.sleep, input: { seconds: 1.5 }, on_success: d }
  - { name: c, action: core.sleep, input: { seconds: 2.5 }, on_success: d }
  - { name: d, action: core.set, join: all, input: { saw: [ "{{ task.b.status }}", "{{ task.c.status }}" ] } }
output_map: { saw: "{{ task.d.result.data.saw }}" }
`,
      );
      expect(run).toMatchObject({ state: 'completed', result: { saw: ['completed', 'completed'] } });
      expect(peak([only(tree, 'b'), only(tree, 'c')])).toBe(2);
      expect(at(only(tree, 'd').startedAt)).toBeGreaterThanOrEqual(at(only(tree, 'b').endedAt));
      expect(at(only(tree, 'd').startedAt)).toBeGreaterThanOrEqual(at(only(tree, 'c').endedAt));
      expect(taskRuns.filter(({ task }) => task === 'd')).toHaveLength(1);
    },
  );

  scenario(
    'T2.11 depends_on says the same from behind, in whatever order the tasks are written',
    async ({ studio }) => {
      const { run, tree, taskRuns } = await play(
        studio,
        `
tasks:
  report: { action: core.set, depends_on: [test, lint], input: { built: "{{ task.build.result.data.image }}" } }
  test: { action: core.sleep, depends_on: build, input: { seconds: 1 } }
  lint: { action: core.sleep, depends_on: [build], input: { seconds: 0.2 } }
  build: { action: core.set, input: { image: "app:1" } }
output_map: { built: "{{ task.report.result.data.built }}" }
`,
      );
      expect(run).toMatchObject({ state: 'completed', result: { built: 'app:1' } });
      const [build, test, lint, report] = ['build', 'test', 'lint', 'report'].map((task) => only(tree, task));
      for (const node of [test, lint]) expect(at(node?.startedAt)).toBeGreaterThanOrEqual(at(build?.endedAt));
      for (const node of [test, lint])
        expect(at(report?.startedAt)).toBeGreaterThanOrEqual(at(node?.endedAt));
      expect(taskRuns.map(({ task }) => task).sort()).toEqual(['build', 'lint', 'report', 'test']);
    },
  );

  scenario('T2.11 a failure stops what lies behind it, however far, and nothing else', async ({ studio }) => {
    const { run, tree, taskRuns } = await play(
      studio,
      `
tasks:
  fetch: { action: core.fail, input: { message: no network } }
  build: { action: core.noop, depends_on: fetch }
  test: { action: core.noop, depends_on: build }
  deploy: { action: core.noop, depends_on: [build, test] }
  beside: { action: core.sleep, input: { seconds: 0.5 } }
  after_beside: { action: core.noop, depends_on: beside }
`,
    );
    expect(run).toMatchObject({ state: 'failed', error: 'fetch: no network' });
    const states = { fetch: 'failed', beside: 'completed', after_beside: 'completed' };
    expect(statesOf(tree)).toEqual({ root: 'failed', ...states });
    expect(Object.fromEntries(taskRuns.map(({ task, status }) => [task, status]))).toEqual(states);
  });

  scenario(
    'T2.11 a diamond with a failed side: the join goes on with what came, and the run still fails',
    async ({ studio }) => {
      // Rule 4: all waits for every source that can still fire; rule 5: the failure is not forgotten.
      const { run, tree } = await play(
        studio,
        `
tasks:
  - { name: a, action: core.noop, on_success: [b, c] }
  - { name: b, action: core.fail, input: { message: one side broke }, on_success: d }
  - { name: c, action: core.sleep, input: { seconds: 0.5 }, on_success: d }
  - { name: d, action: core.set, join: all, input: { saw: [ "{{ task.b.status }}", "{{ task.c.status }}" ] } }
`,
      );
      expect(run).toMatchObject({ state: 'failed', error: 'b: one side broke' });
      expect(statesOf(tree)).toEqual({
        root: 'failed',
        a: 'completed',
        b: 'failed',
        c: 'completed',
        d: 'completed',
      });
      expect(await studio.get(only(tree, 'd').id)).toMatchObject({
        parameters: { saw: ['failed', 'completed'] },
      });
      expect(at(only(tree, 'd').startedAt)).toBeGreaterThanOrEqual(at(only(tree, 'c').endedAt));
    },
  );

  scenario('T2.11 both sides failed: what joins them does not run', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
tasks:
  - { name: a, action: core.fail, input: { message: left } }
  - { name: b, action: core.fail, input: { message: right } }
  - { name: c, action: core.noop, depends_on: [a, b] }
`,
    );
    expect(run).toMatchObject({ state: 'failed' });
    expect(statesOf(tree)).toEqual({ root: 'failed', a: 'failed', b: 'failed' });
  });
});
