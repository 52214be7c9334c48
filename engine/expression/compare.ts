import { EvaluationFault } from './expression-error';
import { compareNumbers, isNumeric } from './number';
import { Missing, isObject, typeName, type Meter, type Value } from './value';

/** Equality by content. Booleans equal 1 and 0, as in Python; what is missing equals null. */
export function isEqual(left: Value, right: Value, meter: Meter, depth = 0): boolean {
  if (typeof left === 'string' && left.length > 4_096) meter.spend(left.length / 4_096);
  if (left === right) return true;
  const a = typeof left === 'boolean' ? Number(left) : left instanceof Missing ? null : left;
  const b = typeof right === 'boolean' ? Number(right) : right instanceof Missing ? null : right;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b) === 0;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  meter.deepen(depth);
  meter.spend(1);
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let place = 0; place < a.length; place += 1)
      if (!isEqual(meter.open(a[place]), meter.open(b[place]), meter, depth + 1)) return false;
    return true;
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  const others = Object.keys(b).length;
  meter.spend((keys.length + others) / 4);
  if (keys.length !== others) return false;
  return keys.every(
    (key) => Object.hasOwn(b, key) && isEqual(meter.open(a[key]), meter.open(b[key]), meter, depth + 1),
  );
}

export type Order = '<' | '<=' | '>' | '>=';

/** Whether the order holds. Texts by code point, lists entry by entry. @throws EvaluationFault where an order makes no sense */
export function isOrdered(left: Value, order: Order, right: Value, meter: Meter): boolean {
  const result = compare(left, right, order, meter, 0);
  switch (order) {
    case '<':
      return result < 0;
    case '<=':
      return result <= 0;
    case '>':
      return result > 0;
    case '>=':
      return result >= 0;
  }
}

function compare(left: Value, right: Value, order: Order, meter: Meter, depth: number): number {
  const a = typeof left === 'boolean' ? Number(left) : left;
  const b = typeof right === 'boolean' ? Number(right) : right;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (typeof a === 'string' && typeof b === 'string') {
    meter.spend(Math.min(a.length, b.length) / 256);
    return compareTexts(a, b);
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    meter.deepen(depth);
    for (let place = 0; place < Math.min(a.length, b.length); place += 1) {
      meter.spend(1);
      const [x, y] = [meter.open(a[place]), meter.open(b[place])];
      if (!isEqual(x, y, meter, depth + 1)) return compare(x, y, order, meter, depth + 1);
    }
    return a.length - b.length;
  }
  const missing = left instanceof Missing ? left : right instanceof Missing ? right : null;
  throw new EvaluationFault(
    'type',
    `${order} cannot order ${typeName(left)} and ${typeName(right)}${missing ? ` (${missing.path} is missing)` : ''}.`,
    missing
      ? 'Give a default: | default(0).'
      : left === null || right === null
        ? 'Give a default: | default(0, true).'
        : 'Turn both into the same type, for example with | int.',
  );
}

/** By code point: UTF-16 would put what lies beyond the first plane before the last characters of it. */
function compareTexts(a: string, b: string): number {
  const size = Math.min(a.length, b.length);
  for (let place = 0; place < size; place += 1) {
    const [x, y] = [a.charCodeAt(place), b.charCodeAt(place)];
    if (x === y) continue;
    const [isHighX, isHighY] = [x >= 0xd800 && x <= 0xdfff, y >= 0xd800 && y <= 0xdfff];
    return isHighX === isHighY ? x - y : isHighX ? 1 : -1;
  }
  return a.length - b.length;
}

/** `item in holder`. @throws EvaluationFault for a holder that holds nothing */
export function contains(holder: Value, item: Value, meter: Meter): boolean {
  if (typeof holder === 'string') {
    if (typeof item !== 'string')
      throw new EvaluationFault(
        'type',
        `in needs a text to look for in a text, and got ${typeName(item)}.`,
        'Use | string.',
      );
    meter.spend(holder.length / 64);
    return holder.includes(item);
  }
  if (Array.isArray(holder)) {
    for (const entry of holder) {
      meter.spend(0.5);
      if (isEqual(meter.open(entry), item, meter)) return true;
    }
    return false;
  }
  if (holder instanceof Missing) return false;
  if (isObject(holder)) return typeof item === 'string' && Object.hasOwn(holder, item);
  throw new EvaluationFault(
    'type',
    `in cannot look into ${typeName(holder)}.`,
    holder === null ? 'Give a default: | default([], true).' : undefined,
  );
}
