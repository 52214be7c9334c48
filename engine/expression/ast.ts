import type { Place } from './expression-error';
import type { Arithmetic, Numeric } from './number';
import type { Order } from './compare';

export type BinaryOperator = Arithmetic | '~' | 'and' | 'or';
export type CompareOperator = '==' | '!=' | 'in' | 'not in' | Order;

export interface Arguments {
  positional: Expression[];
  named: { name: string; value: Expression }[];
}

/** A filter or test by name, with its arguments and where its name stands. */
export interface Call {
  name: string;
  args: Arguments;
  place: Place;
}

/** An expression as it was written. `place` is where it begins, or where its operator stands. */
export type Expression = { place: Place } & (
  | { kind: 'literal'; value: null | boolean | string | Numeric }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'dict'; entries: { key: Expression; value: Expression }[] }
  | { kind: 'member'; object: Expression; key: Expression }
  | {
      kind: 'slice';
      object: Expression;
      start: Expression | null;
      stop: Expression | null;
      step: Expression | null;
    }
  | { kind: 'call'; callee: Expression; args: Arguments }
  | { kind: 'method'; object: Expression; name: string; args: Arguments }
  | { kind: 'filter'; name: string; input: Expression; args: Arguments }
  | { kind: 'test'; name: string; input: Expression; args: Arguments; isNegated: boolean }
  | { kind: 'unary'; operator: '-' | '+' | 'not'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | {
      kind: 'compare';
      first: Expression;
      rest: { operator: CompareOperator; right: Expression; place: Place }[];
    }
  | { kind: 'condition'; test: Expression; then: Expression; otherwise: Expression | null }
);

/** What a loop or `set` assigns to: a name, a slot of a namespace, or several to unpack into. */
export type Target = string | { namespace: string; slot: string } | Target[];

/** A part of a template. */
export type Statement =
  | { kind: 'text'; text: string }
  | { kind: 'output'; expression: Expression }
  | { kind: 'if'; branches: { test: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | {
      kind: 'for';
      target: Target;
      iterable: Expression;
      filter: Expression | null;
      isRecursive: boolean;
      body: Statement[];
      otherwise: Statement[];
      place: Place;
    }
  | { kind: 'set'; target: Target; value: Expression; place: Place }
  | { kind: 'capture'; target: Target; body: Statement[]; filters: Call[]; place: Place }
  | { kind: 'with'; assignments: { target: Target; value: Expression }[]; body: Statement[]; place: Place }
  | { kind: 'filtered'; filters: Call[]; body: Statement[]; place: Place };
