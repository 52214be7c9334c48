import { parseSignature, type Args, type Parameters } from './arguments';
import { isEqual } from './compare';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import type { Value, ValueObject } from './value';

/** A method of a text, list or object. */
export interface Method {
  signature: string;
  parameters: Parameters;
  call: (object: Value, args: Args, evaluator: Evaluator) => Value;
}

export function method<T extends Value>(
  signature: string,
  call: (object: T, args: Args, evaluator: Evaluator) => Value,
): Method {
  // Each table is only asked for values of its own type.
  return { signature, parameters: parseSignature(signature), call: call as Method['call'] };
}

/** The pairs of an object, values opened. */
export function entriesOf(object: ValueObject, evaluator: Evaluator): [string, Value][] {
  const keys = Object.keys(object);
  evaluator.spend(keys.length / 4);
  return keys.map((key) => [key, evaluator.open(object[key])]);
}

export const objectMethods: Record<string, Method> = {
  items: method<ValueObject>('', (object, _, evaluator) => entriesOf(object, evaluator)),
  keys: method<ValueObject>('', (object, _, evaluator) => [...evaluator.iterate(object)]),
  values: method<ValueObject>('', (object, _, evaluator) =>
    entriesOf(object, evaluator).map(([, value]) => value),
  ),
  get: method<ValueObject>('(key, default=none)', (object, args, evaluator) => {
    const key = evaluator.key(args.value(0));
    return Object.hasOwn(object, key) ? evaluator.open(object[key]) : args.value(1);
  }),
  copy: method<ValueObject>('', (object) => object),
};

export const listMethods: Record<string, Method> = {
  index: method<Value[]>('(value, start=0)', (list, args, evaluator) => {
    const items = evaluator.iterate(list);
    const start = args.count(1, 0);
    for (let place = Math.max(0, start < 0 ? start + items.length : start); place < items.length; place += 1)
      if (isEqual(items[place] ?? null, args.value(0), evaluator)) return place;
    throw new EvaluationFault('type', 'The list does not hold this value.', 'Ask with "in" first.');
  }),
  count: method<Value[]>(
    '(value)',
    (list, args, evaluator) =>
      evaluator.iterate(list).filter((item) => isEqual(item, args.value(0), evaluator)).length,
  ),
  copy: method<Value[]>('', (list) => list),
};
