import { shorten } from './shorten';

// A name in a message may be as long as whoever wrote it liked.
const longest = 400;

/** Where something stands in an expression's source; lines and columns count from 1. */
export interface Place {
  line: number;
  column: number;
}

/** An expression that cannot be read or evaluated: what, where in its source, and how to repair it. */
export class ExpressionError extends Error {
  /** syntax, type, limit, pattern, unknown_filter, unknown_test, unknown_function or not_a_value. */
  readonly code: string;
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly hint: string | undefined;
  /** What is wrong, without the hint that the message ends with. */
  readonly text: string;

  constructor(code: string, text: string, source: string, place: Place, hint?: string) {
    const [said, advice] = [shorten(text, longest), hint === undefined ? undefined : shorten(hint, longest)];
    super(advice === undefined ? said : `${said} ${advice}`);
    this.name = 'ExpressionError';
    this.code = code;
    this.text = said;
    this.source = source;
    this.line = place.line;
    this.column = place.column;
    this.hint = advice;
  }
}

/**
 * What went wrong inside an evaluation, before its place in the source is known. `quoting` is the message with values
 * in it, for use where nothing of the evaluation is secret.
 */
export class EvaluationFault extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly quoting: string;

  constructor(code: string, message: string, hint?: string, quoting = message) {
    super(message);
    this.name = 'EvaluationFault';
    this.code = code;
    this.hint = hint;
    this.quoting = quoting;
  }
}
