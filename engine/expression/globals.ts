import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { toCount } from './number';
import { Callable, Slots, isObject, setOwn, type Named, type Value, type ValueObject } from './value';

/** `range(stop)` or `range(start, stop, step)`, as a list that is counted before it is made. */
function range(positional: Value[], evaluator: Evaluator): Value {
  if (positional.length === 0 || positional.length > 3)
    throw new EvaluationFault('type', 'range takes one to three numbers.');
  const [a = 0, b, step = 1] = positional.map((value) => toCount(value, 'range'));
  const [start, stop] = b === undefined ? [0, a] : [a, b];
  if (step === 0) throw new EvaluationFault('type', 'range cannot go in steps of 0.');
  const count = Math.max(0, Math.ceil((stop - start) / step));
  evaluator.allow(count);
  return Array.from({ length: count }, (_, place) => start + place * step);
}

/** `dict(a=1)`, `dict(other, a=1)` or `dict(pairs)`. */
function dict(positional: Value[], named: Named, evaluator: Evaluator): Value {
  if (positional.length > 1)
    throw new EvaluationFault('type', 'dict takes one object or list of pairs, and names.');
  const object: ValueObject = {};
  const [first] = positional;
  if (first !== undefined && isObject(first)) {
    for (const key of evaluator.iterate(first))
      setOwn(object, String(key), evaluator.open(first[String(key)]));
  } else if (first !== undefined) {
    for (const pair of evaluator.iterate(first)) {
      const [key, value, ...more] = evaluator.iterate(pair);
      if (key === undefined || value === undefined || more.length > 0)
        throw new EvaluationFault('type', 'dict needs pairs of a key and a value.');
      setOwn(object, evaluator.key(key), value);
    }
  }
  for (const [key, value] of named) setOwn(object, key, value);
  return object;
}

/** The functions that every expression has, beside those of its scope. */
export const globals: ReadonlyMap<string, (evaluator: Evaluator) => Callable> = new Map([
  [
    'range',
    (evaluator: Evaluator) =>
      new Callable('range', (positional, named) => {
        if (named.size > 0) throw new EvaluationFault('type', 'range takes no names.');
        return range(positional, evaluator);
      }),
  ],
  [
    'dict',
    (evaluator: Evaluator) => new Callable('dict', (positional, named) => dict(positional, named, evaluator)),
  ],
  [
    'namespace',
    (evaluator: Evaluator) =>
      new Callable('namespace', (positional, named) => {
        const start = dict(positional, named, evaluator);
        return new Slots('namespace', new Map(isObject(start) ? Object.entries(start) : []));
      }),
  ],
]);

/** Signature and help of the functions that every expression has, for completion and hover. */
export const globalSignatures: Readonly<Record<string, { signature: string; help: string }>> = {
  range: {
    signature: 'range(start = 0, stop, step = 1)',
    help: 'The whole numbers from start to before stop.',
  },
  dict: { signature: 'dict(other, name = value)', help: 'An object of another one, of pairs, and of names.' },
  namespace: { signature: 'namespace(name = value)', help: 'An object whose members {% set %} may change.' },
};
