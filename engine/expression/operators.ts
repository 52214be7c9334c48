import type { BinaryOperator } from './ast';
import { EvaluationFault } from './expression-error';
import { formatPercent } from './format';
import { calculate, toCount, toNumeric, isNumeric } from './number';
import { printValue } from './text';
import { Missing, typeName, type Meter, type Value } from './value';

/** `left operator right`, with Python's rules; nothing is turned into another type unasked. @throws EvaluationFault */
export function binary(
  operator: Exclude<BinaryOperator, 'and' | 'or'>,
  left: Value,
  right: Value,
  meter: Meter,
): Value {
  if (operator === '~') {
    const [a, b] = [printValue(left, meter), printValue(right, meter)];
    meter.allow(a.length + b.length);
    return a + b;
  }
  if (typeof left === 'number' && typeof right === 'number') return calculate(operator, left, right);
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') {
      meter.allow(left.length + right.length);
      return left + right;
    }
    if (Array.isArray(left) && Array.isArray(right)) {
      meter.allow(left.length + right.length);
      return [...left, ...right];
    }
    if (typeof left === 'string' || typeof right === 'string' || Array.isArray(left) || Array.isArray(right))
      throw new EvaluationFault(
        'type',
        `+ cannot join ${describe(left)} and ${describe(right)}.`,
        hintFor(left, right),
      );
  }
  if (operator === '*') {
    if (isRepeatable(left) && isCounting(right)) return repeat(left, right, meter);
    if (isRepeatable(right) && isCounting(left)) return repeat(right, left, meter);
  }
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right, meter);
  return calculate(operator, toNumeric(left, operator), toNumeric(right, operator));
}

function describe(value: Value): string {
  return value instanceof Missing ? `null (${value.path} is missing)` : typeName(value);
}

function hintFor(left: Value, right: Value): string {
  if (Array.isArray(left) || Array.isArray(right)) return 'Put it into brackets to join lists: + [x].';
  return 'Use ~ to join texts, or | int to add numbers.';
}

function isRepeatable(value: Value): value is string | Value[] {
  return typeof value === 'string' || Array.isArray(value);
}

function isCounting(value: Value): boolean {
  return typeof value === 'boolean' || isNumeric(value);
}

function repeat(value: string | Value[], times: Value, meter: Meter): Value {
  const count = Math.max(0, toCount(times, '*'));
  meter.allow(value.length * count);
  if (typeof value === 'string') return value.length === 0 ? '' : value.repeat(count);
  const out: Value[] = [];
  for (let round = 0; round < count && value.length > 0; round += 1) for (const item of value) out.push(item);
  return out;
}
