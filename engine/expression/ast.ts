import type { Place } from './expression-error';

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**' | '~' | 'and' | 'or';
export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface Arguments {
  positional: Expression[];
  named: { name: string; value: Expression }[];
}

/** An expression as it was written. `place` is where it begins. */
export type Expression = { place: Place } & (
  | { kind: 'literal'; value: null | boolean | number | string }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: Expression[]; isTuple: boolean }
  | { kind: 'dict'; entries: { key: Expression; value: Expression }[] }
  | { kind: 'member'; object: Expression; key: Expression; isDotted: boolean }
  | {
      kind: 'slice';
      object: Expression;
      start: Expression | null;
      stop: Expression | null;
      step: Expression | null;
    }
  | { kind: 'call'; callee: Expression; args: Arguments }
  | { kind: 'filter'; name: string; input: Expression; args: Arguments }
  | { kind: 'test'; name: string; input: Expression; args: Arguments; isNegated: boolean }
  | { kind: 'unary'; operator: '-' | '+' | 'not'; operand: Expression }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'compare'; first: Expression; rest: { operator: CompareOperator; right: Expression }[] }
  | { kind: 'condition'; test: Expression; then: Expression; otherwise: Expression | null }
);

/** What a loop or `set` assigns to: one name, or several to unpack into. */
export type Target = string[];

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
      body: Statement[];
      otherwise: Statement[];
      place: Place;
    }
  | { kind: 'set'; target: Target; value: Expression }
  | {
      kind: 'capture';
      name: string;
      body: Statement[];
      filters: { name: string; args: Arguments; place: Place }[];
    };
