import { contains, isEqual, isOrdered, type Order } from './compare';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { filters } from './filters';
import { nearest } from './nearest';
import { calculate, isInteger, isNumeric, toFloat, toNumeric } from './number';
import { Callable, Missing, isObject, type Named, type Value } from './value';

interface Test {
  /** How many arguments it takes. */
  takes: number;
  passes: (value: Value, argument: Value, evaluator: Evaluator) => boolean;
  /** What is missing is an input like any other. */
  acceptsMissing?: boolean;
}

const plain = (passes: (value: Value) => boolean): Test => ({ takes: 0, passes });
const about = (passes: (value: Value) => boolean): Test => ({ takes: 0, passes, acceptsMissing: true });
const order = (sign: Order): Test => ({
  takes: 1,
  passes: (value, other, evaluator) => isOrdered(value, sign, other, evaluator),
});

const equal: Test = { takes: 1, passes: (value, other, evaluator) => isEqual(value, other, evaluator) };
const different: Test = { takes: 1, passes: (value, other, evaluator) => !isEqual(value, other, evaluator) };

function rest(value: Value, by: Value, name: string): number {
  return toFloat(calculate('%', toNumeric(value, `"is ${name}"`), toNumeric(by, `"is ${name}"`)));
}

const holdsEntries = (value: Value): boolean =>
  typeof value === 'string' || Array.isArray(value) || isObject(value) || value instanceof Missing;

/** Jinja's tests: what may follow `is`. */
export const tests: Readonly<Record<string, Test>> = {
  defined: about((value) => !(value instanceof Missing)),
  undefined: about((value) => value instanceof Missing),
  none: about((value) => value === null || value instanceof Missing),
  null: about((value) => value === null || value instanceof Missing),
  boolean: plain((value) => typeof value === 'boolean'),
  true: plain((value) => value === true),
  false: plain((value) => value === false),
  number: plain((value) => isNumeric(value) || typeof value === 'boolean'),
  integer: plain((value) => isNumeric(value) && isInteger(value)),
  float: plain((value) => isNumeric(value) && !isInteger(value)),
  string: plain((value) => typeof value === 'string'),
  mapping: plain(isObject),
  sequence: plain(holdsEntries),
  iterable: plain(holdsEntries),
  callable: plain((value) => value instanceof Callable),
  odd: plain((value) => rest(value, 2, 'odd') === 1),
  even: plain((value) => rest(value, 2, 'even') === 0),
  divisibleby: { takes: 1, passes: (value, by) => rest(value, by, 'divisibleby') === 0 },
  lower: plain(
    (value) => typeof value === 'string' && /\p{Ll}/u.test(value) && !/[\p{Lu}\p{Lt}]/u.test(value),
  ),
  upper: plain(
    (value) => typeof value === 'string' && /\p{Lu}/u.test(value) && !/[\p{Ll}\p{Lt}]/u.test(value),
  ),
  in: { takes: 1, passes: (value, holder, evaluator) => contains(holder, value, evaluator) },
  sameas: {
    takes: 1,
    passes: (value, other) => value === other || (value instanceof Missing && other instanceof Missing),
  },
  escaped: plain(() => false),
  filter: plain((value) => typeof value === 'string' && Object.hasOwn(filters, value)),
  test: plain((value) => typeof value === 'string' && Object.hasOwn(tests, value)),
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
