import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGraph } from '../../definition/graph';
import type { Definition } from '../../definition/schema';
import { rehearse, type Rehearsal, type RehearseOptions, type Script } from '../rehearse';
import { planRerun, type PastRun, type PastTaskRun } from '../rerun';
import type { Outcome } from '../state';
import { anyDefinition } from './arbitrary';
import { define, tasksRun } from './define';

/** A rehearsed run as a store would tell it; of a rerun, with what it had kept. */
function pastOf(run: Rehearsal, kept: readonly PastTaskRun[] = [], vars?: PastRun['vars']): PastRun {
  const taskRuns = new Map<string, PastTaskRun>(kept.map((each) => [`${each.task} ${each.visit}`, each]));
  for (const { delta } of run.steps) {
    for (const { task, visit, status, error, began, routed, published } of delta.taskRuns) {
      const key = `${task} ${visit}`;
      const isIt = (each: { task: string; visit: number }) => each.task === task && each.visit === visit;
      taskRuns.set(key, {
        ...{ task, visit, error, routed, published },
        status: status as Outcome,
        began: began ?? taskRuns.get(key)?.began ?? 0,
        to: delta.transitions.filter((each) => isIt(each) && each.fired).flatMap(({ to }) => to),
        leaf: delta.leaves.find(isIt)?.order ?? null,
        failure: delta.failures.find(isIt) ?? null,
      });
    }
  }
  const first = run.steps.find(({ delta }) => delta.vars !== null)?.delta.vars ?? {};
  return { vars: vars ?? first, taskRuns: [...taskRuns.values()] };
}

/** Runs a rehearsed run again from a task. */
function rerun(
  definition: Definition,
  before: Rehearsal,
  task: string,
  script: Script = {},
  more: RehearseOptions & { definition?: Definition; visit?: number } = {},
) {
  const { definition: newest = definition, visit, ...others } = more;
  const past = pastOf(before);
  const plan = planRerun(compileGraph(definition), past, compileGraph(newest), {
    task,
    ...(visit === undefined ? {} : { visit }),
  });
  const results = Object.fromEntries(
    plan.kept.map(({ task: name, visit: which }) => {
      const { result, status } = before.taskRuns.find(
        (each) => each.task === name && each.visit === which,
      ) ?? {
        result: null,
        status: 'failed',
      };
      return [name, { result, status }];
    }),
  );
  const run = rehearse(newest, script, { ...others, ...plan.options, results });
  return { plan, run, kept: plan.kept.map(({ task: name }) => name) };
}

describe('rule 16: a rerun from a task', () => {
  it('rule 16: keeps what lies before it: results, variables, and nothing runs twice', () => {
    // build ──► test ──► deploy
    const definition = define(
      {
        build: { next: [{ publish: [{ image: '{{ result().data.image }}' }], do: ['test'] }] },
        test: { next: [{ when: '{{ succeeded() }}', do: ['deploy'] }] },
        deploy: { input: { image: '{{ workflow.image }}', by: '{{ task.build.result.data.image }}' } },
      },
      { vars: { image: 'none', n: 1 }, output_map: { image: '{{ workflow.image }}', n: '{{ workflow.n }}' } },
    );
    const before = rehearse(definition, { build: { data: { image: 'v7' } }, test: { outcome: 'failed' } });
    expect(before.end.state).toBe('failed');
    const { run, kept } = rerun(definition, before, 'test');
    expect(kept).toEqual(['build']);
    expect(tasksRun(run)).toEqual(['test', 'deploy']);
    expect(run.attempts.at(-1)?.input).toEqual({ image: 'v7', by: 'v7' });
    expect(run.end).toMatchObject({ state: 'completed', output: { image: 'v7', n: 1 } });
  });

  it('rule 16: forgets what the task and those after it published', () => {
    // count ──► more ──► last
    const definition = define(
      {
        count: { next: [{ publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['more'] }] },
        more: { next: [{ publish: [{ n: '{{ workflow.n + 10 }}' }], do: ['last'] }] },
        last: {},
      },
      { vars: { n: 0 }, output_map: { n: '{{ workflow.n }}' } },
    );
    const before = rehearse(definition);
    expect(before.end.output).toEqual({ n: 11 });
    expect(rerun(definition, before, 'more').run.end.output).toEqual({ n: 11 });
    expect(rerun(definition, before, 'count').run.end.output).toEqual({ n: 11 });
  });

  it('rule 16: a join behind it has the tokens of the branches that are not run again', () => {
    // a ──► x ──┐
    //   └─► b ──┴─► c (all)
    const definition = define({
      a: { next: [{ do: ['x', 'b'] }] },
      x: { next: [{ when: '{{ succeeded() }}', do: ['c'] }] },
      b: { next: [{ do: ['c'] }] },
      c: { join: 'all', input: { b: '{{ task.b.result.data }}' } },
    });
    const before = rehearse(definition, { x: { outcome: 'failed' }, b: { data: 7 } });
    // It came without x, which had failed; the run failed for it.
    expect(tasksRun(before)).toEqual(['a', 'x', 'b', 'c']);
    const { run, kept } = rerun(definition, before, 'x');
    expect(kept).toEqual(['a', 'b']);
    expect(tasksRun(run)).toEqual(['x', 'c']);
    expect(run.attempts.at(-1)?.input).toEqual({ b: 7 });
    expect(run.end.state).toBe('completed');
  });

  it('rule 16: a join of a number or of any that another branch had filled is not run again', () => {
    // x ──┐
    // b ──┴─► c (any) ──► d
    const definition = define({
      x: { next: [{ when: '{{ succeeded() }}', do: ['c'] }] },
      b: { next: [{ do: ['c'] }] },
      c: { join: 'any', next: [{ do: ['d'] }] },
      d: {},
    });
    const before = rehearse(definition, { x: { outcome: 'failed' } });
    const { run, kept } = rerun(definition, before, 'x');
    expect(kept).toEqual(['b', 'c', 'd']);
    expect(tasksRun(run)).toEqual(['x']);
    expect(run.end.state).toBe('completed');
  });

  it('rule 16: a join of a number waits for the task that runs again', () => {
    // x ──┐
    // b ──┼─► d (2)
    // c ──┘
    const definition = define({
      x: { next: [{ do: ['d'] }] },
      b: { next: [{ do: ['d'] }] },
      c: { next: [{ do: ['d'] }] },
      d: { join: 2 },
    });
    const before = rehearse(definition, { b: { seconds: 2 }, c: { seconds: 9 } });
    const { run, kept, plan } = rerun(definition, before, 'x', { x: { seconds: 5 } });
    expect(kept).toEqual(['b', 'c']);
    expect(plan.options.arrived).toEqual({ d: ['b'] });
    expect(run.attempts.map(({ task, startedSeconds }) => [task, startedSeconds])).toEqual([
      ['x', 0],
      ['d', 5],
    ]);
  });

  it('rule 16: in a loop it goes on from the visit that is asked for, the latest by default', () => {
    //  ┌──────────┐
    //  ▼          │ n < 3
    // step ──► check ──► done
    const definition = define(
      {
        start: { next: [{ do: ['step'] }] },
        step: { next: [{ publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['check'] }] },
        check: {
          next: [
            { when: '{{ workflow.n < 3 }}', do: ['step'] },
            { otherwise: true, do: ['done'] },
          ],
        },
        done: {},
      },
      { vars: { n: 0 }, output_map: { n: '{{ workflow.n }}' } },
    );
    const before = rehearse(definition);
    const visits = (run: Rehearsal) => run.taskRuns.map(({ task, visit }) => `${task} ${visit}`);
    const latest = rerun(definition, before, 'step');
    expect(visits(latest.run)).toEqual(['step 3', 'check 3', 'done 1']);
    expect(latest.run.end.output).toEqual({ n: 3 });
    const second = rerun(definition, before, 'step', {}, { visit: 2 });
    expect(second.plan.options.variables).toEqual({ n: 1 });
    expect(visits(second.run)).toEqual(['step 2', 'check 2', 'step 3', 'check 3', 'done 1']);
  });

  it('rule 16: a failure of another branch stays one, a tolerated one too', () => {
    const failing = define({ x: {}, y: {} });
    const before = rehearse(failing, {
      x: { outcome: 'failed' },
      y: { outcome: 'failed', error: 'no disk' },
    });
    expect(rerun(failing, before, 'x').run.end).toMatchObject({ state: 'failed', error: 'y: no disk' });
    const tolerant = define({ x: {}, y: { on_failure: 'continue' } });
    const twice = rehearse(tolerant, { x: { outcome: 'failed' }, y: { outcome: 'failed' } });
    expect(rerun(tolerant, twice, 'x').run.end).toMatchObject({
      state: 'completed',
      output: { errors: [{ task: 'y' }] },
    });
  });

  it('rule 16: what the end of the old run cut off is taken up, and what had ended is not done again', () => {
    // x (fails and aborts)    y (may finish) ──► z
    const definition = define({
      x: { on_failure: 'abort' },
      y: { next: [{ publish: [{ y: '{{ result().data }}' }], do: ['z'] }] },
      z: { input: { y: '{{ workflow.y }}' } },
    });
    const before = rehearse(definition, { x: { outcome: 'failed' }, y: { seconds: 5, data: 7 } });
    expect(before.end.state).toBe('failed');
    expect(tasksRun(before)).toEqual(['x', 'y']);
    const { run, plan } = rerun(definition, before, 'x');
    expect(plan.options.startAt).toEqual(['x']);
    expect(run.attempts.map(({ task, input }) => [task, input])).toEqual([
      ['x', {}],
      ['z', { y: 7 }],
    ]);
    expect(run.end.state).toBe('completed');
  });

  it('rule 16: after a cancel, what was stopped begins again beside the chosen task', () => {
    const definition = define({
      a: { next: [{ do: ['b'] }] },
      b: {},
      c: { next: [{ do: ['d'] }] },
      d: {},
    });
    const before = rehearse(
      definition,
      { b: { seconds: 20 }, c: { seconds: 20 } },
      { at: [{ seconds: 5, event: { type: 'cancel', reason: 'enough' } }] },
    );
    const { run, kept } = rerun(definition, before, 'b');
    expect(kept).toEqual(['a']);
    expect(tasksRun(run).sort()).toEqual(['b', 'c', 'd']);
    expect(run.end.state).toBe('completed');
  });

  it('rule 16: from a join, without asking for its tokens again', () => {
    const definition = define({
      a: { next: [{ do: ['c'] }] },
      b: { next: [{ do: ['c'] }] },
      c: { join: 'all' },
    });
    const before = rehearse(definition, { c: { outcome: 'failed' } });
    const { run, kept } = rerun(definition, before, 'c');
    expect(kept).toEqual(['a', 'b']);
    expect(tasksRun(run)).toEqual(['c']);
    expect(run.end.state).toBe('completed');
  });

  it('rule 16: on another revision, as long as it has the task', () => {
    const old = define({ a: { next: [{ do: ['b'] }] }, b: { next: [{ do: ['c'] }] }, c: {} });
    const before = rehearse(old, { b: { outcome: 'failed' } });
    const newest = define({ a: { next: [{ do: ['b'] }] }, b: { next: [{ do: ['d'] }] }, d: {} });
    expect(tasksRun(rerun(old, before, 'b', {}, { definition: newest }).run)).toEqual(['b', 'd']);
    expect(() => rerun(old, before, 'c', {}, { definition: newest })).toThrow(
      'There is no task c in this revision. Its tasks are a, b, d.',
    );
  });

  it('rule 16: on another revision, where two tasks that are to begin now follow each other, the second waits', () => {
    const old = define({ x: {}, y: {} });
    const before = rehearse(
      old,
      { x: { seconds: 9 }, y: { seconds: 9 } },
      { at: [{ seconds: 5, event: { type: 'cancel', reason: 'enough' } }] },
    );
    const newest = define({ x: { next: [{ do: ['y'] }] }, y: {} });
    const { run, plan } = rerun(old, before, 'x', {}, { definition: newest });
    expect(plan.options.startAt).toEqual(['x']);
    expect(tasksRun(run)).toEqual(['x', 'y']);
  });

  it('rule 16: refuses a task that never ran, and a visit that there was not', () => {
    const definition = define({ a: { next: [{ when: '{{ failed() }}', do: ['b'] }] }, b: {} });
    const before = rehearse(definition);
    expect(() => rerun(definition, before, 'b')).toThrow('The task b did not run there');
    expect(() => rerun(definition, before, 'a', {}, { visit: 4 })).toThrow('it has no visit 4');
  });

  it('rule 16: a rerun of a rerun keeps what both kept, and what it does not keep it forgets', () => {
    const definition = define(
      {
        a: { next: [{ publish: [{ n: '{{ workflow.n + 1 }}' }], do: ['b'] }] },
        b: { next: [{ publish: [{ n: '{{ workflow.n + 1 }}', by: 'b' }], do: ['c'] }] },
        c: { next: [{ when: '{{ succeeded() }}', do: ['d'] }] },
        d: {},
      },
      { vars: { n: 0, by: 'nobody' }, output_map: { n: '{{ workflow.n }}', by: '{{ workflow.by }}' } },
    );
    const graph = compileGraph(definition);
    const first = rehearse(definition, { c: { outcome: 'failed' } });
    const past = pastOf(first);
    const one = planRerun(graph, past, graph, { task: 'c' });
    expect(one.options.variables).toEqual({ n: 2, by: 'b' });
    const second = rehearse(definition, { c: { outcome: 'failed' } }, one.options);
    const again = pastOf(second, one.kept, past.vars);
    const two = planRerun(graph, again, graph, { task: 'c' });
    expect(two.kept.map(({ task }) => task)).toEqual(['a', 'b']);
    expect(rehearse(definition, {}, two.options).end).toMatchObject({
      ...{ state: 'completed', output: { n: 2, by: 'b' } },
    });
    const three = planRerun(graph, again, graph, { task: 'b' });
    expect(three.kept.map(({ task }) => task)).toEqual(['a']);
    expect(three.options.variables).toEqual({ n: 1, by: 'nobody' });
  });
});

describe('properties of all reruns', () => {
  // What each attempt answers follows from the task alone, so that two runs can be compared.
  const script = (seed: number): Script => {
    const outcomes: Outcome[] = ['completed', 'completed', 'completed', 'failed', 'timeout'];
    return Object.fromEntries(
      [...'abcdefgh'].map((name, place) => {
        const roll = ((seed >>> place) ^ (seed * (place + 3))) >>> 0;
        return [
          name,
          { outcome: outcomes[roll % 5] ?? 'completed', data: { x: roll % 3 }, seconds: 1 + (roll % 4) },
        ];
      }),
    );
  };

  it('rule 16: every run can go on from each of its task runs, and ends', () => {
    fc.assert(
      fc.property(anyDefinition, fc.nat(), fc.nat(), (definition, seed, place) => {
        const parameters = { list: [1, 2] };
        const before = rehearse(definition, script(seed), { parameters });
        const past = pastOf(before);
        const chosen = past.taskRuns[place % Math.max(1, past.taskRuns.length)];
        if (!chosen) return;
        const { run, plan } = rerun(definition, before, chosen.task, script(seed), {
          visit: chosen.visit,
          parameters,
        });
        const kept = new Set(plan.kept.map(({ task, visit }) => `${task} ${visit}`));
        expect(kept.has(`${chosen.task} ${chosen.visit}`)).toBe(false);
        // Nothing that is kept begins again.
        const begun = run.steps.flatMap(({ delta }) => delta.taskRuns.filter(({ began }) => began !== null));
        for (const { task, visit } of begun) expect(kept.has(`${task} ${visit}`)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  }, 60_000);

  it('rule 16: on any other revision that has the task, it ends too', () => {
    fc.assert(
      fc.property(anyDefinition, anyDefinition, fc.nat(), fc.nat(), (definition, newest, seed, place) => {
        const parameters = { list: [1, 2] };
        const before = rehearse(definition, script(seed), { parameters });
        const { taskRuns } = pastOf(before);
        const chosen = taskRuns[place % Math.max(1, taskRuns.length)];
        if (!chosen || !newest.tasks.some(({ name }) => name === chosen.task)) return;
        const { visit } = chosen;
        const { run } = rerun(definition, before, chosen.task, script(seed), {
          ...{ definition: newest, visit, parameters },
        });
        expect(run.state.openNames()).toEqual([]);
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('rule 16: where nothing depends on who is first, a rerun with the same answers ends as the run did', () => {
    const isCalm = ({ tasks, on_failure }: Definition) => {
      const graph = compileGraph({ tasks });
      return tasks.every(
        ({ name, join, on_failure: own, next }) =>
          (join === undefined || join === 'all') &&
          (own ?? on_failure) !== 'abort' &&
          !graph.isInLoop(name) &&
          next.every(({ publish, do: to }) => !publish && !to.includes('$fail')),
      );
    };
    fc.assert(
      fc.property(anyDefinition.filter(isCalm), fc.nat(), fc.nat(), (definition, seed, place) => {
        const parameters = { list: [1, 2] };
        const before = rehearse(definition, script(seed), { parameters });
        const past = pastOf(before);
        const chosen = past.taskRuns[place % Math.max(1, past.taskRuns.length)];
        if (!chosen) return;
        const { run, plan } = rerun(definition, before, chosen.task, script(seed), {
          visit: chosen.visit,
          parameters,
        });
        const ends = (all: readonly { task: string; status: string }[]) =>
          all.map(({ task, status }) => `${task} ${status}`).sort();
        expect(ends([...plan.kept, ...run.taskRuns])).toEqual(ends(before.taskRuns));
        expect(run.end.state).toBe(before.end.state);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
