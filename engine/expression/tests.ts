import { contains, isEqual, isOrdered, type Order } from './compare';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { filters } from './filters';
import { nearest } from './nearest';
import { calculate, isInteger, isNumeric, toFloat, toNumeric } from './number';
import { Callable, Missing, isObject, type Named, type Value } from './value';

interface Test {
  /** What the editor says of it. */
  help: string;
  /** How many arguments it takes. */
  takes: number;
  passes: (value: Value, argument: Value, evaluator: Evaluator) => boolean;
  /** What is missing is an input like any other. */
  acceptsMissing?: boolean;
}

const plain = (help: string, passes: (value: Value) => boolean): Test => ({ help, takes: 0, passes });
const about = (help: string, passes: (value: Value) => boolean): Test => ({
  ...plain(help, passes),
  acceptsMissing: true,
});
const order = (sign: Order): Test => ({
  help: `Whether the value is ${sign} the other.`,
  takes: 1,
  passes: (value, other, evaluator) => isOrdered(value, sign, other, evaluator),
});

const equal: Test = {
  help: 'Whether both are equal.',
  takes: 1,
  passes: (value, other, evaluator) => isEqual(value, other, evaluator),
};
const different: Test = {
  help: 'Whether they differ.',
  takes: 1,
  passes: (value, other, evaluator) => !isEqual(value, other, evaluator),
};

function rest(value: Value, by: Value, name: string): number {
  return toFloat(calculate('%', toNumeric(value, `"is ${name}"`), toNumeric(by, `"is ${name}"`)));
}

const holdsEntries = (value: Value): boolean =>
  typeof value === 'string' || Array.isArray(value) || isObject(value) || value instanceof Missing;

/** Jinja's tests: what may follow `is`. */
export const tests: Readonly<Record<string, Test>> = {
  defined: about('Whether there is such a value.', (value) => !(value instanceof Missing)),
  undefined: about('Whether there is no such value.', (value) => value instanceof Missing),
  none: about('Whether it is null or missing.', (value) => value === null || value instanceof Missing),
  null: about('Whether it is null or missing.', (value) => value === null || value instanceof Missing),
  boolean: plain('Whether it is true or false.', (value) => typeof value === 'boolean'),
  true: plain('Whether it is true itself.', (value) => value === true),
  false: plain('Whether it is false itself.', (value) => value === false),
  number: plain('Whether it is a number.', (value) => isNumeric(value) || typeof value === 'boolean'),
  integer: plain('Whether it is a whole number.', (value) => isNumeric(value) && isInteger(value)),
  float: plain('Whether it is a number that is not whole.', (value) => isNumeric(value) && !isInteger(value)),
  string: plain('Whether it is a text.', (value) => typeof value === 'string'),
  mapping: plain('Whether it is an object.', isObject),
  sequence: plain('Whether it has entries: a list, a text or an object.', holdsEntries),
  iterable: plain('Whether a loop can go through it.', holdsEntries),
  callable: plain('Whether it is a function.', (value) => value instanceof Callable),
  odd: plain('Whether it is an odd number.', (value) => rest(value, 2, 'odd') === 1),
  even: plain('Whether it is an even number.', (value) => rest(value, 2, 'even') === 0),
  divisibleby: {
    help: 'Whether it can be divided by the number.',
    takes: 1,
    passes: (value, by) => rest(value, by, 'divisibleby') === 0,
  },
  lower: plain(
    'Whether it is a text in small letters.',
    (value) => typeof value === 'string' && /\p{Ll}/u.test(value) && !/[\p{Lu}\p{Lt}]/u.test(value),
  ),
  upper: plain(
    'Whether it is a text in capitals.',
    (value) => typeof value === 'string' && /\p{Lu}/u.test(value) && !/[\p{Ll}\p{Lt}]/u.test(value),
  ),
  in: {
    help: 'Whether it is in the list, text or object.',
    takes: 1,
    passes: (value, holder, evaluator) => contains(holder, value, evaluator),
  },
  sameas: {
    help: 'Whether both are the very same value.',
    takes: 1,
    passes: (value, other) => value === other || (value instanceof Missing && other instanceof Missing),
  },
  escaped: plain('Whether it is marked as escaped: never.', () => false),
  filter: plain(
    'Whether there is a filter of this name.',
    (value) => typeof value === 'string' && Object.hasOwn(filters, value),
  ),
  test: plain(
    'Whether there is a test of this name.',
    (value) => typeof value === 'string' && Object.hasOwn(tests, value),
  ),
  eq: equal,
  equalto: equal,
  '==': equal,
  ne: different,
  '!=': different,
  lt: order('<'),
  lessthan: order('<'),
  '<': order('<'),
  le: order('<='),
  '<=': order('<='),
  gt: order('>'),
  greaterthan: order('>'),
  '>': order('>'),
  ge: order('>='),
  '>=': order('>='),
};

/** Signature and help of every test that has a word for a name, for completion and hover. */
export const testSignatures: Record<string, { signature: string; help: string }> = Object.fromEntries(
  Object.entries(tests)
    .filter(([name]) => /^\w+$/.test(name))
    .map(([name, { takes, help }]) => [
      name,
      { signature: takes === 0 ? `is ${name}` : `is ${name}(other)`, help },
    ]),
);

/** What to do about a test that does not exist. */
export function suggestTest(name: string): string | undefined {
  const near = nearest(name, Object.keys(tests));
  return near ? `Did you mean ${near}?` : undefined;
}

/** @throws EvaluationFault for a test that is unknown or whose arguments don't fit */
export function applyTest(
  name: string,
  input: Value,
  positional: readonly Value[],
  named: Named,
  evaluator: Evaluator,
): boolean {
  const test = Object.hasOwn(tests, name) ? tests[name] : undefined;
  if (!test)
    throw new EvaluationFault(
      'unknown_test',
      'There is no such test.',
      suggestTest(name),
      `There is no test ${name}.`,
    );
  const given = [...positional, ...named.values()];
  if (given.length !== test.takes)
    throw new EvaluationFault(
      'type',
      `The test ${name} takes ${test.takes} argument${test.takes === 1 ? '' : 's'}, and got ${given.length}.`,
    );
  if (input instanceof Missing && test.acceptsMissing !== true) evaluator.warn(input);
  if (typeof input === 'string') evaluator.spend(input.length / 512);
  return test.passes(input, given[0] ?? null, evaluator);
}
