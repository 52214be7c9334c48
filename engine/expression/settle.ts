import { EvaluationFault } from './expression-error';
import { isInteger } from './number';
import { Callable, Missing, Slots, Whole, setOwn, type Json, type Meter, type Value } from './value';

/** JSON, and how many characters and entries of it were counted. */
export interface Settled {
  json: Json;
  size: number;
}

/**
 * A value as JSON: what is missing is null, secrets are opened. Parts that are JSON already are not copied. With a
 * `size` of null the value was there before, and how large it is does not matter.
 * @throws EvaluationFault for functions, for numbers that JSON cannot hold exactly, and beyond `size`
 */
export function settle(value: Value, meter: Meter, size: number | null): Settled {
  let total = 0;
  const grow = (by: number): void => {
    if (size === null) return;
    total += by;
    meter.spend(by / 64);
    if (total > size)
      throw new EvaluationFault('limit', `The result would be larger than ${size} characters or entries.`);
  };
  const walk = (part: Value, depth: number): Json => {
    if (typeof part === 'string') {
      grow(part.length);
      return part;
    }
    if (typeof part !== 'object' || part === null) return scalar(part);
    if (part instanceof Missing) return null;
    if (part instanceof Whole) return part.value;
    if (part instanceof Callable)
      throw new EvaluationFault('not_a_value', `${part.name} is a function.`, `Call it: ${part.name}().`);
    if (part instanceof Slots)
      throw new EvaluationFault('not_a_value', `A ${part.kind} is no value.`, 'Name one of its members.');
    meter.deepen(depth);
    grow(1);
    return Array.isArray(part) ? list(part, depth) : object(part, depth);
  };
  const list = (items: Value[], depth: number): Json => {
    grow(items.length);
    let copy: Json[] | null = null;
    for (let place = 0; place < items.length; place += 1) {
      const raw = items[place];
      const item = walk(meter.open(raw), depth + 1);
      if (copy === null && item !== raw) copy = items.slice(0, place) as Json[];
      copy?.push(item);
    }
    return copy ?? (items as Json[]);
  };
  const object = (entries: { [key: string]: Value }, depth: number): Json => {
    const keys = Object.keys(entries);
    let copy: { [key: string]: Json } | null = null;
    for (const [place, key] of keys.entries()) {
      grow(key.length + 1);
      const raw = entries[key];
      const item = walk(meter.open(raw), depth + 1);
      if (copy === null && item !== raw) {
        copy = {};
        for (const before of keys.slice(0, place)) setOwn(copy, before, entries[before] as Json);
      }
      if (copy) setOwn(copy, key, item);
    }
    return copy ?? (entries as { [key: string]: Json });
  };
  return { json: walk(value, 0), size: total };
}

function scalar(value: null | boolean | number | bigint): Json {
  if (typeof value === 'bigint')
    throw new EvaluationFault(
      'limit',
      'The number is beyond 2^53, where JSON loses digits.',
      'Keep it as text: | string.',
    );
  if (typeof value === 'number' && !isInteger(value) && !Number.isFinite(value))
    throw new EvaluationFault('limit', 'The number is too large for JSON.');
  return value;
}
