import { EvaluationFault } from './expression-error';
import { Missing, Whole, typeName, type Value } from './value';

/** A number of an expression: see `Value` for which is an integer and which a float. */
export type Numeric = number | bigint | Whole;

const bitsLimit = 4_096;

export function isNumeric(value: Value): value is Numeric {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof Whole;
}

export function isInteger(value: Numeric): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
}

/** The number that a float is. */
export function toFloat(value: Numeric): number {
  return value instanceof Whole ? value.value : Number(value);
}

/** A float as a value. Minus zero and unsafe integers are no integers either, so they need no wrapping. */
export function float(value: number): Numeric {
  return Number.isSafeInteger(value) ? new Whole(value) : value;
}

/** An integer as a value. */
export function integer(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : bounded(value);
}

function bounded(value: bigint): bigint {
  if (BigInt.asIntN(bitsLimit, value) !== value)
    throw new EvaluationFault('limit', `The number has more than ${bitsLimit} bits.`);
  return value;
}

/** The value as a number; booleans count as 1 and 0, as in Python. @throws EvaluationFault */
export function toNumeric(value: Value, what: string): Numeric {
  if (isNumeric(value)) return value;
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Missing)
    throw new EvaluationFault(
      'type',
      `${what} needs a number, and ${value.path} is missing.`,
      'Give a default: | default(0).',
    );
  throw new EvaluationFault(
    'type',
    `${what} needs a number, and got ${typeName(value)}.`,
    typeof value === 'string'
      ? 'Turn it into a number with | int or | float.'
      : value === null
        ? 'Give a default: | default(0, true).'
        : undefined,
  );
}

/** The value as a whole number small enough to count with. @throws EvaluationFault */
export function toCount(value: Value, what: string): number {
  const number = toNumeric(value, what);
  if (!isInteger(number)) throw new EvaluationFault('type', `${what} needs a whole number.`, 'Use | int.');
  if (typeof number === 'bigint') return number > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
  return number;
}

export type Arithmetic = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** Python's arithmetic: integers stay exact, `/` gives a float, `//` and `%` round down. @throws EvaluationFault */
export function calculate(operator: Arithmetic, left: Numeric, right: Numeric): Numeric {
  if (isInteger(left) && isInteger(right)) return calculateIntegers(operator, left, right);
  const [a, b] = [toFloat(left), toFloat(right)];
  switch (operator) {
    case '+':
      return float(a + b);
    case '-':
      return float(a - b);
    case '*':
      return float(a * b);
    case '/':
      return float(a / notZero(b));
    case '//':
      return float(floorDivide(a, notZero(b)));
    case '%':
      return float(modulo(a, notZero(b)));
    case '**':
      return floatPower(a, b);
  }
}

function calculateIntegers(operator: Arithmetic, left: number | bigint, right: number | bigint): Numeric {
  if (typeof left === 'number' && typeof right === 'number') {
    const quick = calculateSafe(operator, left, right);
    if (quick !== null) return quick;
  }
  const [a, b] = [BigInt(left), BigInt(right)];
  switch (operator) {
    case '+':
      return integer(a + b);
    case '-':
      return integer(a - b);
    case '*':
      return integer(a * b);
    case '/':
      return float(Number(left) / notZero(Number(right)));
    case '//':
      notZero(b);
      return integer(a / b - (a % b !== 0n && a < 0n !== b < 0n ? 1n : 0n));
    case '%': {
      notZero(b);
      const rest = a % b;
      return integer(rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest);
    }
    case '**':
      return integerPower(a, b);
  }
}

/** The result where plain numbers can hold it, else null. */
function calculateSafe(operator: Arithmetic, a: number, b: number): Numeric | null {
  let result: number;
  switch (operator) {
    case '+':
      result = a + b;
      break;
    case '-':
      result = a - b;
      break;
    case '*':
      result = a * b;
      break;
    case '//':
      // The quotient of two safe integers may round up to the next one.
      notZero(b);
      result = (a - modulo(a, b)) / b;
      break;
    case '%':
      result = modulo(a, notZero(b));
      break;
    case '/':
    case '**':
      return null;
  }
  return Number.isSafeInteger(result) ? result + 0 : null;
}

function notZero<T extends number | bigint>(divisor: T): T {
  if (Number(divisor) === 0)
    throw new EvaluationFault('type', 'Division by zero.', 'Ask whether it is 0 first.');
  return divisor;
}

function modulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return b < 0 ? -0 : 0;
  return rest < 0 !== b < 0 ? rest + b : rest;
}

/** As Python does it: the quotient that fits the remainder. */
function floorDivide(a: number, b: number): number {
  const quotient = (a - modulo(a, b)) / b;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

function integerPower(base: bigint, exponent: bigint): Numeric {
  if (exponent < 0n) {
    if (base === 0n) throw new EvaluationFault('type', '0 cannot be raised to a negative power.');
    return floatPower(Number(base), Number(exponent));
  }
  const size = base < 0n ? -base : base;
  if (size > 1n && exponent * BigInt(size.toString(2).length - 1) > BigInt(bitsLimit))
    throw new EvaluationFault('limit', `The number has more than ${bitsLimit} bits.`);
  // What is left are huge exponents of 0, 1 and -1.
  return size <= 1n
    ? integer(exponent % 2n === 0n || base >= 0n ? (exponent === 0n ? 1n : size) : base)
    : integer(base ** exponent);
}

function floatPower(base: number, exponent: number): Numeric {
  const result = base ** exponent;
  if (base === 0 && exponent < 0)
    throw new EvaluationFault('type', '0 cannot be raised to a negative power.');
  if (Number.isNaN(result)) throw new EvaluationFault('type', 'A negative number has no such power.');
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent))
    throw new EvaluationFault('limit', 'The number is too large.');
  return float(result);
}

export function negate(value: Numeric): Numeric {
  if (typeof value === 'bigint') return integer(-value);
  if (value instanceof Whole) return float(-value.value);
  return isInteger(value) ? 0 - value : -value;
}

/** -1, 0 or 1; NaN where there is no order. Integers and floats are compared by their exact values. */
export function compareNumbers(left: Numeric, right: Numeric): number {
  const [a, b] = [left instanceof Whole ? left.value : left, right instanceof Whole ? right.value : right];
  if (Number.isNaN(Number(a)) || Number.isNaN(Number(b))) return Number.NaN;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A number as Python prints it: `3`, `3.0`, `1e+16`, `inf`. */
export function printNumber(value: Numeric): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Whole) return Object.is(value.value, -0) ? '-0.0' : printFloat(value.value);
  return isInteger(value) ? String(value) : printFloat(value);
}

export function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size >= 1e16 || (size < 1e-4 && size > 0)) {
    const [digits = '', exponent = '0'] = value.toExponential().split('e');
    const sign = exponent.startsWith('-') ? '-' : '+';
    return `${digits}e${sign}${exponent.replace(/^[+-]/, '').padStart(2, '0')}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

const integerText = /^[+-]?\d+(?:_\d+)*$/;
const floatText = /^[+-]?(?:(?:\d+(?:_\d+)*)?\.\d+(?:_\d+)*|\d+(?:_\d+)*\.?)(?:e[+-]?\d+(?:_\d+)*)?$/i;

const digitsOf = { '0x': /^[\da-f]+$/, '0o': /^[0-7]+$/, '0b': /^[01]+$/ };

/** The integer that a text is, in base 2, 8, 10 or 16; null when it is none. */
export function parseInteger(text: string, base = 10): number | bigint | null {
  const trimmed = text.trim();
  if (base === 10) return integerText.test(trimmed) ? fromDigits(trimmed.replaceAll('_', '')) : null;
  const [, sign = '', prefix = '', rest = ''] = /^([+-]?)(0[xXoObB])?_?(\w*)$/.exec(trimmed) ?? [];
  const wanted = base === 16 ? '0x' : base === 8 ? '0o' : base === 2 ? '0b' : undefined;
  const digits = (prefix !== '' && prefix.toLowerCase() !== wanted ? prefix + rest : rest)
    .replaceAll('_', '')
    .toLowerCase();
  if (wanted === undefined || !digitsOf[wanted].test(digits) || digits.length > bitsLimit) return null;
  const value = BigInt(wanted + digits);
  return integer(sign === '-' ? -value : value);
}

/** The integer of decimal digits, exact however many there are. */
export function fromDigits(digits: string): number | bigint {
  const quick = Number(digits);
  if (Number.isSafeInteger(quick)) return quick + 0;
  if (digits.length > 1_500) throw new EvaluationFault('limit', 'The number has too many digits.');
  return integer(BigInt(digits.replace(/^\+/, '')));
}

/** The float that a text is; null when it is none. */
export function parseFloatText(text: string): number | null {
  const trimmed = text.trim();
  if (floatText.test(trimmed)) return Number(trimmed.replaceAll('_', ''));
  const named = /^([+-]?)(?:(inf(?:inity)?)|nan)$/i.exec(trimmed);
  if (!named) return null;
  return named[2] === undefined ? Number.NaN : named[1] === '-' ? -Infinity : Infinity;
}

/** Whole digits of a float, cut off. @throws EvaluationFault for what is not finite */
export function truncate(value: Numeric): number | bigint {
  if (isInteger(value)) return value;
  const number = toFloat(value);
  if (!Number.isFinite(number))
    throw new EvaluationFault('type', `${printFloat(number)} is no whole number.`);
  return integer(BigInt(Math.trunc(number)));
}

/** A float with this many decimals, ties to even, as Python's `%.2f`; at most 60 decimals. */
export function toFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return printFloat(value);
  if (Math.abs(value) >= 1e21) {
    const whole = BigInt(value).toString();
    return decimals > 0 ? `${whole}.${'0'.repeat(decimals)}` : whole;
  }
  const text = value.toFixed(decimals);
  // toFixed rounds an exact tie away from zero. A tie's exact expansion ends right after the 5.
  const exact = value.toFixed(Math.min(100, decimals + 30));
  const tail = exact.slice(exact.length - (Math.min(100, decimals + 30) - decimals));
  if (!/^50*$/.test(tail)) return text;
  const kept = exact.slice(0, exact.length - tail.length).replace(/\.$/, '');
  return /[02468]$/.test(kept) ? kept : text;
}
