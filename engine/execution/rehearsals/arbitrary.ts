import fc from 'fast-check';
import type { Definition, Task, Transition } from '../../definition/schema';

const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const conditions = [
  ...Array<string>(8).fill('{{ succeeded() }}'),
  '{{ failed() }}',
  '{{ timed_out() }}',
  '{{ cancelled() }}',
  '{{ succeeded() and result().x }}',
  '{{ succeeded() and not result().x }}',
  '{{ workflow.n < 3 }}',
  '{{ result().x > 1 }}',
  '{{ task.a.result.x }}',
  '{{ 1 + [] }}',
];

/** Where a transition of the task at a place leads: mostly onward, now and then back or to an end. */
function targetFrom(place: number): fc.Arbitrary<string> {
  const onward = names.slice(place + 1);
  const back = fc.constantFrom(...names.slice(1));
  return onward.length === 0
    ? back
    : fc.oneof(
        { weight: 12, arbitrary: fc.constantFrom(...onward) },
        { weight: 2, arbitrary: back },
        { weight: 1, arbitrary: fc.constantFrom('$end', '$end', '$fail') },
      );
}

function transitionFrom(place: number): fc.Arbitrary<Transition> {
  return fc.record(
    {
      when: fc.constantFrom(...conditions),
      otherwise: fc.constantFrom(true, false, false, false),
      publish: fc.constantFrom<NonNullable<Transition['publish']>[]>(
        [{ n: '{{ workflow.n + 1 }}' }],
        [{ n: '{{ workflow.n + 1 }}' }, { x: '{{ result() }}' }],
        [{ x: '{{ result() }}' }, { y: 0 }],
        [{ n: 0 }],
        [{ z: 1 }],
        [{ bad: '{{ [] + 1 }}' }],
      ),
      do: fc.array(targetFrom(place), { minLength: place % 3 === 0 ? 2 : 0, maxLength: 4 }),
    },
    { requiredKeys: ['do'] },
  );
}

const items = fc.record(
  {
    items: fc.constantFrom<(string | number[])[]>('{{ parameters.list }}', [1, 2, 3], [], '{{ workflow.n }}'),
    concurrency: fc.integer({ min: 1, max: 2 }),
    allow_failures: fc.constantFrom<(number | string)[]>(0, 1, '50%'),
    on_item_failure: fc.constantFrom('continue', 'stop'),
  },
  { requiredKeys: ['items'] },
);

function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

function taskAt(place: number): fc.Arbitrary<Task> {
  return fc
    .record({
      input: rarely(
        fc.constantFrom<Record<string, string>[]>(
          {},
          { x: '{{ workflow.n }}' },
          { y: '{{ task.b.result }}' },
          { z: '{{ 1 + workflow.n }}' },
        ),
      ),
      retry: rarely(fc.record({ count: fc.integer({ min: 1, max: 2 }), delay: fc.constantFrom(0, 3) })),
      with_items: rarely(items),
      join: rarely(fc.constantFrom<('all' | 'any' | number)[]>('all', 'all', 'all', 'any', 1, 2, 3)),
      on_failure: rarely(rarely(fc.constantFrom('continue', 'abort'))),
      next: fc.array(transitionFrom(place), { minLength: place < 6 ? 1 : 0, maxLength: 3, size: 'max' }),
    })
    .map((task) => {
      const given = Object.entries(task).filter(([, value]) => value !== undefined);
      return { name: names[place] ?? '', action: 'x.y', ...Object.fromEntries(given) } as Task;
    });
}

/** Small workflows of every kind, sound or not: loops, joins, items, retries, reserved targets, broken expressions. */
export const anyDefinition: fc.Arbitrary<Definition> = fc
  .tuple(
    fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(6, 7, 8)),
    fc.tuple(...names.map((_, place) => taskAt(place))),
    fc.constantFrom(undefined, undefined, undefined, 'continue' as const, 'abort' as const),
    fc.boolean(),
  )
  .map(([count, tasks, on_failure, hasOutput]) => ({
    vars: { n: 0 },
    max_task_runs: 25,
    ...(on_failure ? { on_failure } : {}),
    tasks: tasks.slice(0, count),
    ...(hasOutput ? { output_map: { n: '{{ workflow.n }}', a: '{{ task.a.result }}' } } : {}),
  }));

const branchings: readonly (readonly string[])[] = [
  ['{{ succeeded() }}'],
  ['{{ succeeded() }}', '{{ failed() }}'],
  ['{{ result().x }}', '{{ not result().x }}'],
  ['{{ workflow.n < 9 }}', ''],
];

/**
 * Workflows of some dozens of tasks in layers: many branches at once, wide joins, long ways, now and then a way back.
 * Large enough that looking at everything and looking at what matters are not the same.
 */
export const anyLayeredDefinition: fc.Arbitrary<Definition> = fc
  .array(fc.constantFrom(1, 2, 3, 6, 20), { minLength: 2, maxLength: 6 })
  .chain((widths) => {
    const layers = widths.map((width, layer) =>
      Array.from({ length: width }, (_, place) => `l${layer}_${place}`),
    );
    const taskIn = (name: string, layer: number): fc.Arbitrary<Task> => {
      const next = layers[layer + 1] ?? ['$end'];
      const beyond = layers[layer + 2] ?? next;
      const target = fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(...next) },
        { weight: 4, arbitrary: fc.constantFrom(...beyond) },
        { weight: 1, arbitrary: fc.constantFrom(...(layers[Math.max(layer - 1, 1)] ?? next)) },
      );
      return fc
        .record({
          join: fc.constantFrom<(Task['join'] | null)[]>('all', 'all', 'all', 'all', 'any', 2, null),
          branching: fc.constantFrom(...branchings),
          targets: fc.array(
            fc.array(target, { minLength: 1, maxLength: layer === 0 ? 20 : 3, size: 'max' }),
            {
              minLength: 2,
              maxLength: 2,
            },
          ),
        })
        .map(({ join, branching, targets }) => ({
          name,
          action: 'x.y',
          ...(join && layer > 0 ? { join } : {}),
          next: branching.map((when, index) => ({
            ...(when === '' ? { otherwise: true } : { when }),
            do: [...new Set(targets[index] ?? [])],
          })),
        }));
    };
    return fc.tuple(...layers.flatMap((names, layer) => names.map((name) => taskIn(name, layer))));
  })
  .map((tasks) => ({ vars: { n: 0 }, max_task_runs: 150, tasks }));
