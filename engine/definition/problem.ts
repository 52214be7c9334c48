/**
 * Something wrong in a definition. Errors block publishing, warnings do not. `field` is a path inside the task
 * (`next.0.when`, `input.region`) or, without a task, inside the definition (`output_map.total`). Line and column
 * count from 1: in the YAML text when there is one, else inside the expression.
 */
export interface Problem {
  severity: 'error' | 'warning';
  /** The same word for the same kind of problem, for ever. */
  code: string;
  message: string;
  /** What to do about it, as an imperative sentence; empty when the message says it already. */
  repair: string;
  task?: string;
  field?: string;
  line?: number;
  column?: number;
}
