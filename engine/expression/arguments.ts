import { EvaluationFault } from './expression-error';
import { nearest } from './nearest';
import { toCount } from './number';
import { Missing, isTruthy, typeName, type Named, type Value } from './value';

/** What a filter or method takes, read off its signature: `(width=80)`, `(old, new, count=none)`, `(value, …)`. */
export interface Parameters {
  names: readonly string[];
  required: number;
  isOpen: boolean;
}

export function parseSignature(signature: string): Parameters {
  const parts = signature
    .replace(/^\(|\)$/g, '')
    .split(', ')
    .filter(Boolean);
  const isOpen = parts.at(-1) === '…';
  const own = isOpen ? parts.slice(0, -1) : parts;
  return {
    names: own.map((part) => part.split('=')[0] ?? part),
    required: own.filter((part) => !part.includes('=')).length,
    isOpen,
  };
}

/** The arguments of one call, by place or by name. */
export class Args {
  constructor(
    private readonly parameters: Parameters,
    private readonly callee: string,
    readonly positional: readonly Value[],
    readonly named: Named,
  ) {
    const { names, required, isOpen } = parameters;
    if (isOpen) {
      if (positional.length + named.size < required) this.lacks(positional.length);
      return;
    }
    if (positional.length > names.length)
      throw new EvaluationFault(
        'type',
        `${callee} takes ${names.length === 0 ? 'no arguments' : `at most ${names.length}`}, and got ${positional.length}.`,
      );
    for (const name of named.keys()) {
      const place = names.indexOf(name);
      if (place < 0) {
        const near = nearest(name, names);
        throw new EvaluationFault(
          'type',
          `${callee} has no argument ${name}.`,
          near ? `Did you mean ${near}?` : undefined,
        );
      }
      if (place < positional.length) throw new EvaluationFault('type', `${callee} got ${name} twice.`);
    }
    for (let place = positional.length; place < required; place += 1)
      if (!named.has(names[place] ?? '')) this.lacks(place);
  }

  private lacks(place: number): never {
    throw new EvaluationFault(
      'type',
      `${this.callee} needs ${this.parameters.names[place] ?? 'more arguments'}.`,
    );
  }

  /** The argument as it was given; undefined where it was not. */
  given(place: number): Value | undefined {
    return place < this.positional.length
      ? this.positional[place]
      : this.named.get(this.parameters.names[place] ?? '');
  }

  /** Nothing was given, or none. */
  isNothing(place: number): boolean {
    const given = this.given(place);
    return given === undefined || given === null;
  }

  value(place: number, fallback: Value = null): Value {
    const given = this.given(place);
    return given === undefined ? fallback : given;
  }

  /** A whole number; a float without fraction is none. */
  count(place: number, fallback: number): number {
    const given = this.given(place);
    return given === undefined ? fallback : toCount(given, this.what(place));
  }

  text(place: number, fallback: string): string {
    const given = this.given(place);
    if (given === undefined) return fallback;
    if (typeof given !== 'string')
      throw new EvaluationFault('type', `${this.what(place)} must be a text, and is ${typeName(given)}.`);
    return given;
  }

  /** A yes or no; a list or an object is a yes. */
  flag(place: number, fallback = false): boolean {
    const given = this.given(place);
    if (given === undefined) return fallback;
    return typeof given === 'object' && given !== null ? !(given instanceof Missing) : isTruthy(given);
  }

  private what(place: number): string {
    return `${this.parameters.names[place] ?? 'an argument'} of ${this.callee}`;
  }
}
