import { EvaluationFault } from './expression-error';
import { isNumeric, printNumber } from './number';
import { Missing, isObject, typeName, type Json, type Meter, type Value } from './value';

export interface JsonStyle {
  /** Spaces per level; null for one line. */
  indent: number | null;
  isSorted: boolean;
  /** Everything beyond ASCII as \u escapes. */
  isAscii: boolean;
  /** Without the space after commas and colons. */
  isCompact: boolean;
}

function ascii(text: string): string {
  return text.replaceAll(/[\u007f-\uffff]/g, (unit) =>
    unit === '\u007f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value as JSON text; numbers keep their kind (`1.0`) and every digit. @throws EvaluationFault for what JSON has no word for */
export function printJson(value: Value, style: JsonStyle, meter: Meter): string {
  const out: string[] = [];
  let size = 0;
  const write = (text: string): void => {
    size += text.length;
    meter.fit(size);
    meter.spend(text.length / 64);
    out.push(text);
  };
  const string = (text: string): string =>
    style.isAscii ? ascii(JSON.stringify(text)) : JSON.stringify(text);
  const line = (level: number): string =>
    style.indent === null ? '' : `\n${' '.repeat(style.indent * level)}`;
  const comma = style.indent === null && !style.isCompact ? ', ' : ',';
  const colon = style.isCompact && style.indent === null ? ':' : ': ';
  const walk = (part: Value, level: number): void => {
    if (typeof part === 'string') return write(string(part));
    if (part === null || part instanceof Missing) return write('null');
    if (typeof part === 'boolean') return write(String(part));
    if (isNumeric(part)) {
      const text = printNumber(part);
      if (/[a-z]/.test(text) && !text.includes('e'))
        throw new EvaluationFault('limit', `JSON has no number ${text}.`);
      if (text === 'inf' || text === '-inf' || text === 'nan')
        throw new EvaluationFault('limit', `JSON has no number ${text}.`);
      return write(text);
    }
    meter.deepen(level);
    meter.spend(0.25);
    if (Array.isArray(part)) {
      if (part.length === 0) return write('[]');
      write('[');
      for (let place = 0; place < part.length; place += 1) {
        write((place > 0 ? comma : '') + line(level + 1));
        walk(meter.open(part[place]), level + 1);
      }
      return write(`${line(level)}]`);
    }
    if (!isObject(part)) throw new EvaluationFault('type', `${typeName(part)} has no JSON.`);
    const keys = Object.keys(part);
    if (style.isSorted) keys.sort();
    if (keys.length === 0) return write('{}');
    write('{');
    for (const [place, key] of keys.entries()) {
      write(`${place > 0 ? comma : ''}${line(level + 1)}${string(key)}${colon}`);
      walk(meter.open(part[key]), level + 1);
    }
    write(`${line(level)}}`);
  };
  walk(value, 0);
  return out.join('');
}

/** The value that a JSON text holds. @throws EvaluationFault */
export function parseJson(text: string, meter: Meter): Value {
  meter.spend(text.length / 32);
  try {
    return JSON.parse(text, (_key, value: Json, context?: { source?: string }) =>
      typeof value === 'number' &&
      Number.isInteger(value) &&
      !Number.isSafeInteger(value) &&
      /^-?\d+$/.test(context?.source ?? '')
        ? BigInt(context?.source ?? 0)
        : value,
    ) as Value;
  } catch (error) {
    throw new EvaluationFault(
      'type',
      'This text is not JSON.',
      undefined,
      `This text is not JSON: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}
