import { Args } from './arguments';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { isGroup } from './group-pair';
import { listMethods, objectMethods, type Method } from './methods';
import { nearest } from './nearest';
import { toCount } from './number';
import { characterAt, characters } from './text';
import { textMethods } from './text-methods';
import { Missing, Slots, isObject, typeName, type Meter, type Named, type Value } from './value';

/** `object.key` and `object[key]`: own properties and list places, nothing else; undefined where there is none. */
export function member(object: Value, key: Value, meter: Meter): Value | undefined {
  if (typeof object !== 'object' && typeof object !== 'string') return undefined;
  if (object === null || object instanceof Missing) return undefined;
  if (Array.isArray(object)) {
    const place = placeOf(key);
    if (place !== null) return at(object, place < 0 ? object.length + place : place, meter);
    if (isGroup(object)) return key === 'grouper' ? object[0] : key === 'list' ? object[1] : undefined;
    return undefined;
  }
  if (typeof object === 'string') {
    const place = placeOf(key);
    return place === null ? undefined : characterAt(object, place, meter);
  }
  if (object instanceof Slots) return typeof key === 'string' ? object.slots.get(key) : undefined;
  if (!isObject(object)) return undefined;
  const name = typeof key === 'string' ? key : typeof key === 'number' ? String(key) : null;
  return name !== null && Object.hasOwn(object, name) ? meter.open(object[name]) : undefined;
}

function at(list: Value[], place: number, meter: Meter): Value | undefined {
  return place >= 0 && place < list.length ? meter.open(list[place]) : undefined;
}

function placeOf(key: Value): number | null {
  if (typeof key === 'boolean') return Number(key);
  return typeof key === 'number' && Number.isSafeInteger(key) ? key : null;
}

/** `object.name(…)`: the safe methods that Python has for texts, lists and objects. @throws EvaluationFault */
export function callMethod(
  object: Value,
  name: string,
  positional: Value[],
  named: Named,
  evaluator: Evaluator,
): Value {
  if (object instanceof Slots) {
    const method = object.methods.get(name);
    if (method) return method(positional);
  }
  const known = methodsOf(object);
  const method = Object.hasOwn(known, name) ? known[name] : undefined;
  if (method)
    return method.call(object, new Args(method.parameters, `${name}()`, positional, named), evaluator);
  if (object instanceof Missing)
    throw new EvaluationFault('type', `${object.path} is missing and has no method ${name}.`);
  const near = nearest(name, Object.keys(known));
  throw new EvaluationFault(
    'unknown_function',
    `${typeName(object)} has no method ${name}.`,
    mutating.has(name)
      ? 'Values never change here; make a new one: list + [x], or object | combine({…}).'
      : near
        ? `Did you mean ${near}()?`
        : undefined,
  );
}

const mutating = new Set([
  'append',
  'extend',
  'insert',
  'pop',
  'remove',
  'clear',
  'sort',
  'reverse',
  'update',
  'setdefault',
  'popitem',
]);
const noMethods: Record<string, Method> = {};

function methodsOf(object: Value): Record<string, Method> {
  if (typeof object === 'string') return textMethods;
  if (Array.isArray(object)) return listMethods;
  return isObject(object) ? objectMethods : noMethods;
}

/** `value[start:stop:step]` of a list or text, with Python's rules. @throws EvaluationFault */
export function slice(value: Value, start: Value, stop: Value, step: Value, evaluator: Evaluator): Value {
  if (value instanceof Missing) return value;
  if (typeof value !== 'string' && !Array.isArray(value))
    throw new EvaluationFault('type', `${typeName(value)} cannot be sliced.`);
  const by = bound(step) ?? 1;
  if (by === 0) throw new EvaluationFault('type', 'A slice cannot go in steps of 0.');
  const items: readonly Value[] = typeof value === 'string' ? characters(value) : evaluator.iterate(value);
  const size = items.length;
  const clamp = (place: number): number =>
    Math.min(Math.max(place < 0 ? place + size : place, by > 0 ? 0 : -1), by > 0 ? size : size - 1);
  const [from, to] = [bound(start), bound(stop)];
  const first = from === null ? (by > 0 ? 0 : size - 1) : clamp(from);
  const last = to === null ? (by > 0 ? size : -1) : clamp(to);
  evaluator.allow(size);
  const taken: Value[] = [];
  for (let place = first; by > 0 ? place < last : place > last; place += by) taken.push(items[place] ?? null);
  return typeof value === 'string' ? taken.join('') : taken;
}

function bound(value: Value): number | null {
  return value === null || value instanceof Missing ? null : toCount(value, 'A slice');
}
