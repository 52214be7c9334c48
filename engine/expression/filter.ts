import type { Call, Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { printValue } from './text';
import { Missing, isTruthy, typeName, type Value } from './value';

/** One filter: what it does, and what the editor says of it. */
export interface Filter {
  signature: string;
  help: string;
  /** It has an answer for what is missing, so that is no warning. */
  acceptsMissing?: boolean;
  apply: (input: Value, call: Call, evaluator: Evaluator) => Value;
}

export function argument(call: Call, place: number, name: string, fallback: Value = null): Value {
  return call.positional[place] ?? call.named.get(name) ?? fallback;
}

export function numberArgument(call: Call, place: number, name: string, fallback: number): number {
  const value = argument(call, place, name, fallback);
  if (typeof value === 'number') return value;
  throw new EvaluationFault('type', `${name} must be a number, and is ${typeName(value)}.`);
}

export function textArgument(call: Call, place: number, name: string, fallback: string): string {
  const value = argument(call, place, name, fallback);
  if (typeof value === 'string') return value;
  throw new EvaluationFault('type', `${name} must be a text, and is ${typeName(value)}.`);
}

export function flagArgument(call: Call, place: number, name: string, fallback: boolean): boolean {
  return isTruthy(argument(call, place, name, fallback));
}

export function toNumber(input: Value, what: string): number {
  if (typeof input === 'number') return input;
  if (typeof input === 'boolean') return Number(input);
  throw new EvaluationFault(
    'type',
    `${what} needs a number, and got ${typeName(input)}${input instanceof Missing ? ` (${input.path} is missing)` : ''}.`,
  );
}

export function toText(input: Value): string {
  return printValue(input);
}
