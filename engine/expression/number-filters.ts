import { EvaluationFault } from './expression-error';
import { filter, lenient, type Filter } from './filter';
import { formatSize } from './format';
import {
  calculate,
  float,
  integer,
  isInteger,
  isNumeric,
  negate,
  parseFloatText,
  parseInteger,
  toFixed,
  toFloat,
  toNumeric,
  truncate,
  type Numeric,
} from './number';
import type { Value } from './value';

function round(value: Numeric, precision: number, method: string): Numeric {
  if (method === 'ceil' || method === 'floor') {
    const scale = 10 ** precision;
    const scaled = toFloat(value) * scale;
    return float((method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)) / scale);
  }
  if (method !== 'common')
    throw new EvaluationFault('type', 'round knows the methods common, ceil and floor.');
  if (isInteger(value)) return precision >= 0 ? value : roundInteger(BigInt(value), -precision);
  const number = toFloat(value);
  if (!Number.isFinite(number) || precision > 60) return value;
  if (precision >= 0) return float(Number(toFixed(number, precision)));
  return float(Number(roundInteger(BigInt(toFixed(number, 0)), -precision)));
}

/** To tens, hundreds and so on, halves to the even one. */
function roundInteger(value: bigint, digits: number): number | bigint {
  if (digits > 400) return 0;
  const unit = 10n ** BigInt(digits);
  const rest = ((value % unit) + unit) % unit;
  const below = value - rest;
  const isUp = rest * 2n > unit || (rest * 2n === unit && (below / unit) % 2n !== 0n);
  return integer(isUp ? below + unit : below);
}

/** Filters over numbers. */
export const numberFilters: Record<string, Filter> = {
  abs: filter('', 'The number without its sign.', (input) => {
    const number = toNumeric(input, 'abs');
    return toFloat(number) < 0 || Object.is(toFloat(number), -0) ? negate(number) : number;
  }),
  int: lenient(
    '(default=0, base=10)',
    'The value as a whole number, or the default where it is none.',
    (input, args, evaluator) => {
      if (typeof input === 'boolean') return Number(input);
      const otherwise = args.value(0, 0);
      if (typeof input === 'string') {
        evaluator.spend(input.length / 16);
        const whole = parseInteger(input, args.count(1, 10));
        if (whole !== null) return whole;
        const number = parseFloatText(input);
        return number === null || !Number.isFinite(number) ? otherwise : truncate(number);
      }
      return isNumeric(input) && Number.isFinite(toFloat(input)) ? truncate(input) : otherwise;
    },
  ),
  float: lenient(
    '(default=0.0)',
    'The value as a number with fraction, or the default where it is none.',
    (input, args, evaluator) => {
      if (typeof input === 'string') evaluator.spend(input.length / 16);
      const number: Value | null = typeof input === 'string' ? parseFloatText(input) : input;
      if (typeof number === 'boolean') return float(Number(number));
      return isNumeric(number) ? float(toFloat(number)) : args.value(0, float(0));
    },
  ),
  round: filter(
    "(precision=0, method='common')",
    "The number rounded; method is 'common', 'ceil' or 'floor'.",
    (input, args) => round(toNumeric(input, 'round'), args.count(0, 0), args.text(1, 'common')),
  ),
  filesizeformat: filter(
    '(binary=false)',
    'A number of bytes as people read it.',
    (input, args, evaluator) => {
      if (typeof input === 'string') evaluator.spend(input.length / 16);
      return formatSize(input, args.flag(0));
    },
  ),
};

/** The numbers added up, from a start. */
export function addUp(values: readonly Value[], start: Value, add: (a: Value, b: Value) => Value): Value {
  let total = start;
  for (const value of values)
    total = isNumeric(total) && isNumeric(value) ? calculate('+', total, value) : add(total, value);
  return total;
}
