import { expect, scenario } from './scenario';
import { at, only, statesOf } from './spans';
import type { Studio } from '../studio-api';

/** Runs a definition to its end. */
async function play(studio: Studio, definition: string | object) {
  const id = await studio.run(await studio.publishWorkflow('failing', definition));
  const run = await studio.ended(id);
  return { run, tree: await studio.tree(id), taskRuns: await studio.taskRuns(id) };
}

const broken = 'action: core.fail, input: { message: no such disk }';

scenario.describe('failure handling', () => {
  scenario(
    'T2.2 an unhandled failure stops its own branch only, and the run fails at the end',
    async ({ studio }) => {
      const { run, tree } = await play(
        studio,
        `
tasks:
  - { name: a, ${broken}, on_success: never }
  - { name: never, action: core.noop }
  - { name: b, action: core.sleep, input: { seconds: 0.6 }, on_success: b2 }
  - { name: b2, action: core.noop, on_success: b3 }
  - { name: b3, action: core.noop }
`,
      );
      expect(statesOf(tree)).toEqual({
        root: 'failed',
        a: 'failed',
        b: 'completed',
        b2: 'completed',
        b3: 'completed',
      });
      expect(run.error).toBe('a: no such disk');
      expect(run.result).toMatchObject({
        succeeded: false,
        errors: [{ task: 'a', visit: 1, status: 'failed', error: 'no such disk' }],
      });
      // The failure was first; what stands beside it began after it and was left alone.
      expect(at(only(tree, 'b2').startedAt)).toBeGreaterThan(at(only(tree, 'a').endedAt));
      expect(at(run.endedAt)).toBeGreaterThanOrEqual(at(only(tree, 'b3').endedAt));
    },
  );

  scenario('T2.2 abort lets what runs finish, starts nothing new, and the run fails', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
on_failure: abort
tasks:
  - { name: a, ${broken} }
  - { name: b, action: core.sleep, input: { seconds: 0.6 }, on_success: never }
  - { name: never, action: core.noop }
`,
    );
    expect(statesOf(tree)).toEqual({ root: 'failed', a: 'failed', b: 'completed' });
    expect(run.error).toContain('no such disk');
  });

  scenario(
    'T2.2 abort can be said of one task: the failure of another does not stop anything',
    async ({ studio }) => {
      const tasks = (aborts: 'a' | 'b') => `
tasks:
  - { name: a, ${broken}${aborts === 'a' ? ', on_failure: abort' : ''} }
  - { name: b, action: core.sleep, input: { seconds: 0.6 }, on_success: then${aborts === 'b' ? ', on_failure: abort' : ''} }
  - { name: then, action: core.noop }
`;
      const [own, other] = await Promise.all([play(studio, tasks('a')), play(studio, tasks('b'))]);
      expect(statesOf(own.tree)).toEqual({ root: 'failed', a: 'failed', b: 'completed' });
      expect(statesOf(other.tree)).toEqual({
        root: 'failed',
        a: 'failed',
        b: 'completed',
        then: 'completed',
      });
    },
  );

  scenario('T2.2 continue completes the run and lists every error in its result', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
on_failure: continue
tasks:
  - { name: a, ${broken} }
  - { name: b, action: core.fail, input: { message: no such host } }
  - { name: c, action: core.set, input: { fine: true } }
output_map: { fine: "{{ task.c.result.data.fine }}" }
`,
    );
    expect(statesOf(tree)).toEqual({ root: 'completed', a: 'failed', b: 'failed', c: 'completed' });
    expect(run.error).toBeNull();
    expect(run.result).toMatchObject({ fine: true });
    // Side by side: either may have ended first.
    expect(errorsOf(run.result).toSorted()).toEqual([
      ['a', 'failed', 'no such disk'],
      ['b', 'failed', 'no such host'],
    ]);
  });

  scenario(
    'T2.2 continue can be said of one task: another unhandled failure still fails the run',
    async ({ studio }) => {
      const { run } = await play(
        studio,
        `
tasks:
  - { name: a, ${broken}, on_failure: continue }
  - { name: b, action: core.fail, input: { message: no such host } }
`,
      );
      expect(run).toMatchObject({ state: 'failed', error: 'b: no such host' });
      // What failed the run stands before what was tolerated.
      expect(errorsOf(run.result)).toEqual([
        ['b', 'failed', 'no such host'],
        ['a', 'failed', 'no such disk'],
      ]);
    },
  );

  scenario('T2.2 several failures are all told, the first in the error', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
tasks:
  - { name: a, ${broken} }
  - { name: b, action: core.sleep, input: { seconds: 0.5 }, on_success: b2 }
  - { name: b2, action: core.fail, input: { message: no such host } }
  - { name: c, action: core.sleep, input: { seconds: 1 }, on_success: c2 }
  - { name: c2, action: core.noop }
`,
    );
    expect(statesOf(tree)).toMatchObject({ root: 'failed', b2: 'failed', c2: 'completed' });
    expect(run.error).toBe('a: no such disk (and 1 more)');
    expect(errorsOf(run.result)).toEqual([
      ['a', 'failed', 'no such disk'],
      ['b2', 'failed', 'no such host'],
    ]);
  });

  scenario(
    'T2.2 failed() routes to a repair that sees the reason, and the run completes',
    async ({ studio }) => {
      const { run, tree, taskRuns } = await play(
        studio,
        `
vars: { reason: none }
tasks:
  - name: a
    ${broken.replace(', input', '\n    input')}
    next:
      - { when: "{{ succeeded() }}", do: [go_on] }
      - { when: "{{ failed() }}", publish: [ { reason: "{{ result().error }}" } ], do: [repair] }
  - { name: go_on, action: core.noop }
  - { name: repair, action: core.set, input: { saw: "{{ task.a.result.error }}", status: "{{ task.a.status }}" }, on_success: go_on_after }
  - { name: go_on_after, action: core.noop }
output_map: { reason: "{{ workflow.reason }}", saw: "{{ task.repair.result.data }}" }
`,
      );
      expect(statesOf(tree)).toEqual({
        root: 'completed',
        a: 'failed',
        repair: 'completed',
        go_on_after: 'completed',
      });
      expect(run).toMatchObject({
        state: 'completed',
        error: null,
        result: { reason: 'no such disk', saw: { saw: 'no such disk', status: 'failed' } },
      });
      // Of two opposite conditions exactly one fired.
      expect(taskRuns.find(({ task }) => task === 'a')?.transitions).toMatchObject([
        { index: 0, fired: false, to: [] },
        { index: 1, fired: true, to: ['repair'] },
      ]);
    },
  );

  scenario('T2.2 a repair that fails itself is a failure of the run', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
tasks:
  - { name: a, ${broken}, on_failure: repair }
  - { name: repair, action: core.fail, input: { message: no spare disk } }
`,
    );
    expect(statesOf(tree)).toEqual({ root: 'failed', a: 'failed', repair: 'failed' });
    expect(run.error).toBe('repair: no spare disk');
  });

  scenario('T2.2 $fail fails the run with a message and stops the other branches', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
tasks:
  - name: check
    action: core.set
    input: { ok: false }
    next:
      - { when: "{{ result().ok }}", do: [deploy] }
      - { otherwise: true, label: not allowed, do: [$fail] }
  - { name: deploy, action: core.noop }
  - { name: beside, action: core.sleep, input: { seconds: 30 } }
`,
    );
    expect(run).toMatchObject({ state: 'failed', error: 'check led to $fail (not allowed).' });
    expect(statesOf(tree)).toEqual({ root: 'failed', check: 'completed', beside: 'cancelled' });
  });

  scenario('T2.2 parameters that do not fit an action are a failure like any other', async ({ studio }) => {
    const { run, tree } = await play(
      studio,
      `
tasks:
  - { name: a, action: core.sleep, input: { seconds: "{{ 'so' + 'on' }}" }, on_failure: repair }
  - { name: repair, action: core.set, input: { why: "{{ task.a.result.error }}" } }
output_map: { why: "{{ task.repair.result.data.why }}" }
`,
    );
    expect(run.state).toBe('completed');
    expect(run.result).toMatchObject({
      why: 'The parameters do not fit core.sleep: seconds must be a number.',
    });
    expect(only(tree, 'a')).toMatchObject({ state: 'failed', startedAt: null });
  });
});

function errorsOf(result: unknown): unknown[] {
  const { errors } = result as { errors: { task: string; status: string; error: string }[] };
  return errors.map(({ task, status, error }) => [task, status, error]);
}
