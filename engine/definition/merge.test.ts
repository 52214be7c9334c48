import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSame, mergeDefinitions, partId } from './merge';
import type { Definition, Task } from './schema';

const task = (name: string, more: Partial<Task> = {}): Task => ({
  name,
  action: 'core.echo',
  next: [],
  ...more,
});
const of = (...tasks: Task[]): Definition => ({ tasks });
const base = of(task('a', { next: [{ do: ['b'] }] }), task('b'));

/** Small definitions over few names, so that sides often change the same. */
const definitions = fc
  .record({
    tasks: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        action: fc.constantFrom('x.one', 'x.two'),
        next: fc.array(
          fc.record({ do: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', '$end'), { maxLength: 2 }) }),
          { maxLength: 2 },
        ),
      }),
      { selector: ({ name }) => name, maxLength: 4 },
    ),
    vars: fc.option(fc.dictionary(fc.constantFrom('x', 'y'), fc.integer({ max: 2 })), { nil: undefined }),
  })
  .map(({ tasks, vars }): Definition => ({ ...(vars ? { vars } : {}), tasks: closed(tasks) }));

/** Without transitions to tasks that are not there. */
function closed(tasks: Task[]): Task[] {
  const names = new Set([...tasks.map(({ name }) => name), '$end']);
  return tasks.map((one) => ({
    ...one,
    next: one.next
      .map((transition) => ({ ...transition, do: transition.do.filter((target) => names.has(target)) }))
      .filter((transition) => transition.do.length > 0),
  }));
}
const asSet = ({ tasks, ...rest }: Definition) => ({
  ...rest,
  tasks: [...tasks].sort((x, y) => (x.name < y.name ? -1 : 1)),
});

describe('merging', () => {
  test('takes what each side alone changed', () => {
    const mine = of(task('a', { next: [{ do: ['b'] }], timeout: 5 }), task('b'));
    const theirs = of(task('a', { next: [{ do: ['b'] }] }), task('b', { delay: 1 }), task('c'));
    const { definition, parts } = mergeDefinitions(base, mine, theirs);
    expect(definition).toEqual(
      of(task('a', { next: [{ do: ['b'] }], timeout: 5 }), task('b', { delay: 1 }), task('c')),
    );
    expect(
      parts.map(({ key, mine: ours, theirs: others, isConflict }) => [key, ours, others, isConflict]),
    ).toEqual([
      ['a', 'changed', 'same', false],
      ['b', 'same', 'changed', false],
      ['c', 'same', 'added', false],
    ]);
  });

  test('leaves to people what both sides changed', () => {
    const mine = of(task('a', { timeout: 1 }), task('b'));
    const theirs = of(task('a', { timeout: 2 }), task('b'));
    const merged = mergeDefinitions(base, mine, theirs);
    expect(merged.parts).toMatchObject([{ key: 'a', isConflict: true }]);
    expect(merged.definition.tasks[0]?.timeout).toBe(1);
    const chosen = mergeDefinitions(base, mine, theirs, { [partId({ kind: 'task', key: 'a' })]: 'theirs' });
    expect(chosen.definition.tasks[0]?.timeout).toBe(2);
  });

  test('a task that one removed and the other changed is a conflict', () => {
    const mine = of(task('a', { next: [] }));
    const theirs = of(task('a', { next: [{ do: ['b'] }] }), task('b', { timeout: 3 }));
    const { parts, definition } = mergeDefinitions(base, mine, theirs);
    expect(parts.find(({ key }) => key === 'b')).toMatchObject({
      mine: 'removed',
      theirs: 'changed',
      isConflict: true,
    });
    expect(definition.tasks.map(({ name }) => name)).toEqual(['a']);
  });

  test('takes transitions away that would lead to a task that is gone', () => {
    const mine = of(task('a', { next: [{ do: ['b'] }], timeout: 1 }), task('b'));
    const theirs = of(task('a'));
    const { definition } = mergeDefinitions(base, mine, theirs);
    expect(definition).toEqual(of(task('a', { timeout: 1 })));
  });

  test('merges settings one by one', () => {
    const { definition } = mergeDefinitions(
      { ...base, vars: { x: 1 } },
      { ...base, vars: { x: 1 }, timeout: 60 },
      { ...base, vars: { x: 2 } },
    );
    expect(definition).toMatchObject({ timeout: 60, vars: { x: 2 } });
  });

  test('is the other side where one changed nothing, whichever that is', () => {
    fc.assert(
      fc.property(definitions, definitions, (before, after) => {
        expect(asSet(mergeDefinitions(before, before, after).definition)).toEqual(asSet(after));
        expect(asSet(mergeDefinitions(before, after, before).definition)).toEqual(asSet(after));
        expect(mergeDefinitions(before, before, after).parts.some(({ isConflict }) => isConflict)).toBe(
          false,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('is what both made of it where both made the same, without a conflict', () => {
    fc.assert(
      fc.property(definitions, definitions, (before, after) => {
        const { definition, parts } = mergeDefinitions(before, after, after);
        expect(asSet(definition)).toEqual(asSet(after));
        expect(parts.some(({ isConflict }) => isConflict)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('is the same from either side, apart from order, when the other choice is made', () => {
    fc.assert(
      fc.property(definitions, definitions, definitions, (before, mine, theirs) => {
        const { definition, parts } = mergeDefinitions(before, mine, theirs);
        const swapped = mergeDefinitions(
          before,
          theirs,
          mine,
          Object.fromEntries(parts.map((part) => [partId(part), 'theirs'])),
        );
        expect(asSet(swapped.definition)).toEqual(asSet(definition));
      }),
      { numRuns: 500 },
    );
  });

  test('loses nothing: every part is that of one of the sides, and no transition leads nowhere', () => {
    fc.assert(
      fc.property(definitions, definitions, definitions, (before, mine, theirs) => {
        const { definition } = mergeDefinitions(before, mine, theirs);
        const names = new Set([...definition.tasks.map(({ name }) => name), '$end']);
        for (const merged of definition.tasks) {
          expect(merged.next.every((transition) => transition.do.every((target) => names.has(target)))).toBe(
            true,
          );
          const sides = [mine, theirs].flatMap(({ tasks }) =>
            tasks.filter(({ name }) => name === merged.name),
          );
          expect(sides.some(({ action }) => action === merged.action)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('equality', () => {
  test('does not mind the order of keys, but that of lists', () => {
    expect(isSame({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 })).toBe(true);
    expect(isSame([1, 2], [2, 1])).toBe(false);
    expect(isSame({ a: 1 }, { a: 1, b: null })).toBe(false);
  });
});
