import { EvaluationFault } from './expression-error';
import type { Evaluator } from './evaluator';
import { callTextMethod, textMethods } from './text-methods';
import {
  Callable,
  Missing,
  Secret,
  getOwn,
  isEqual,
  isObject,
  typeName,
  type Json,
  type Value,
} from './value';

/** `object.key` and `object[key]`: own properties, list places, and the safe methods that Jinja has; else missing. */
export function member(object: Value, key: Json, isDotted: boolean, evaluator: Evaluator): Value | Secret {
  if (object instanceof Missing) return new Missing(`${object.path}.${String(key)}`);
  if (object === null) return new Missing(String(key));
  if (Array.isArray(object)) {
    const place = typeof key === 'string' && /^-?\d+$/.test(key) ? Number(key) : key;
    if (typeof place === 'number' && Number.isInteger(place)) {
      const item = object[place < 0 ? object.length + place : place];
      return item === undefined ? new Missing(`[${place}]`) : (item as Value);
    }
    return (isDotted ? listMethod(object as Value[], String(key)) : null) ?? new Missing(String(key));
  }
  if (typeof object === 'string') {
    if (typeof key === 'number') {
      const char = [...object].at(key);
      return char ?? new Missing(`[${key}]`);
    }
    const name = String(key);
    if (isDotted && textMethods.has(name))
      return new Callable(name, (positional, named) =>
        callTextMethod(object, name, positional, named, evaluator),
      );
    return new Missing(name);
  }
  if (isObject(object)) {
    const own = getOwn(object, String(key)) as Json | Secret | undefined;
    if (own !== undefined) return own;
    return (isDotted ? objectMethod(object, String(key)) : null) ?? new Missing(String(key));
  }
  return new Missing(String(key));
}

function objectMethod(object: { [key: string]: Json }, name: string): Callable | null {
  switch (name) {
    case 'items':
      return new Callable(name, () => Object.entries(object).map(([key, value]) => [key, value]));
    case 'keys':
      return new Callable(name, () => Object.keys(object));
    case 'values':
      return new Callable(name, () => Object.values(object));
    case 'get':
      return new Callable(name, ([key, fallback = null]) => getOwn(object, String(key)) ?? fallback);
    case 'copy':
      return new Callable(name, () => ({ ...object }));
    default:
      return null;
  }
}

function listMethod(list: Value[], name: string): Callable | null {
  switch (name) {
    case 'index':
      return new Callable(name, ([wanted = null]) => {
        const place = list.findIndex((item) => isEqual(item, wanted));
        if (place < 0)
          throw new EvaluationFault('type', 'The list does not hold this value.', 'Ask with "in" first.');
        return place;
      });
    case 'count':
      return new Callable(name, ([wanted = null]) => list.filter((item) => isEqual(item, wanted)).length);
    case 'copy':
      return new Callable(name, () => [...list]);
    default:
      return null;
  }
}

/** `value[start:stop:step]` of a list or text, with Python's rules. */
export function slice(value: Value, start: Json, stop: Json, step: Json): Value {
  if (value instanceof Missing) return value;
  if (typeof value !== 'string' && !Array.isArray(value))
    throw new EvaluationFault('type', `${typeName(value)} cannot be sliced.`);
  const items: Value[] = typeof value === 'string' ? [...value] : (value as Value[]);
  const by = bound(step) ?? 1;
  if (by === 0) throw new EvaluationFault('type', 'A slice cannot go in steps of 0.');
  const size = items.length;
  const clamp = (place: number, least: number, most: number) =>
    Math.min(Math.max(place < 0 ? place + size : place, least), most);
  const [least, most] = by > 0 ? [0, size] : [-1, size - 1];
  const from = bound(start);
  const to = bound(stop);
  const first = from === null ? (by > 0 ? 0 : size - 1) : clamp(from, least, most);
  const last = to === null ? (by > 0 ? size : -1) : clamp(to, least, most);
  const taken: Value[] = [];
  for (let place = first; by > 0 ? place < last : place > last; place += by)
    taken.push(items[place] as Value);
  return typeof value === 'string' ? taken.join('') : taken;
}

function bound(value: Json): number | null {
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw new EvaluationFault('type', 'The bounds of a slice are whole numbers.');
  return value;
}
