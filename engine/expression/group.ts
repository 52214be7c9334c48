import type { Evaluator } from './evaluator';
import { member } from './members';
import { Missing, isObject, type Value } from './value';

/** The attribute at a dotted path: `address.city`, `0.name`. */
export function reachIn(value: Value, path: Value, evaluator: Evaluator): Value {
  let here = value;
  for (const part of typeof path === 'string' ? path.split('.') : [path]) {
    const key = typeof part === 'string' && /^\d+$/.test(part) && !isObject(here) ? Number(part) : part;
    const found = member(here, key, evaluator);
    if (found === undefined) return new Missing('the attribute');
    here = found;
  }
  return here;
}
