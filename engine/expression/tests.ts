import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { filters } from './filters';
import { Callable, Missing, isObject, typeName, type Value } from './value';

type Test = (value: Value, args: Value[], evaluator: Evaluator) => boolean;

function whole(value: Value, test: string): number {
  if (typeof value === 'number') return value;
  throw new EvaluationFault('type', `"is ${test}" needs a number, and got ${typeName(value)}.`);
}

const compareBy =
  (operator: string): Test =>
  (value, [other = null], evaluator) =>
    evaluator.holds(value, operator, other);

/** Jinja's tests: what may follow `is`. */
export const tests: Record<string, Test> = {
  defined: (value) => !(value instanceof Missing),
  undefined: (value) => value instanceof Missing,
  none: (value) => value === null,
  null: (value) => value === null || value instanceof Missing,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  number: (value) => typeof value === 'number' || typeof value === 'boolean',
  integer: (value) => typeof value === 'number' && Number.isInteger(value),
  float: (value) => typeof value === 'number' && !Number.isInteger(value),
  string: (value) => typeof value === 'string',
  mapping: (value) => isObject(value),
  sequence: (value) => typeof value === 'string' || Array.isArray(value) || isObject(value),
  iterable: (value) => typeof value === 'string' || Array.isArray(value) || isObject(value),
  callable: (value) => value instanceof Callable,
  odd: (value) => Math.abs(whole(value, 'odd') % 2) === 1,
  even: (value) => whole(value, 'even') % 2 === 0,
  divisibleby: (value, [by = 0]) => {
    const divisor = whole(by, 'divisibleby');
    if (divisor === 0) throw new EvaluationFault('type', 'Division by zero.');
    return whole(value, 'divisibleby') % divisor === 0;
  },
  lower: (value) =>
    typeof value === 'string' && value === value.toLowerCase() && value !== value.toUpperCase(),
  upper: (value) =>
    typeof value === 'string' && value === value.toUpperCase() && value !== value.toLowerCase(),
  in: (value, [holder = null], evaluator) => evaluator.holds(value, 'in', holder),
  sameas: (value, [other = null]) => value === other,
  escaped: () => false,
  filter: (value) => typeof value === 'string' && Object.hasOwn(filters, value),
  test: (value) => typeof value === 'string' && Object.hasOwn(tests, value),
  eq: compareBy('=='),
  equalto: compareBy('=='),
  '==': compareBy('=='),
  ne: compareBy('!='),
  '!=': compareBy('!='),
  lt: compareBy('<'),
  lessthan: compareBy('<'),
  '<': compareBy('<'),
  le: compareBy('<='),
  '<=': compareBy('<='),
  gt: compareBy('>'),
  greaterthan: compareBy('>'),
  '>': compareBy('>'),
  ge: compareBy('>='),
  '>=': compareBy('>='),
};
