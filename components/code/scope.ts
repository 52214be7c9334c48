import type { Scope } from '@/engine/expression/expression';

/** A name that an expression may use, as the completion offers it. */
export interface ScopeName {
  /** What is inserted, such as `parameters.region` or `task.build.result`. */
  path: string;
  /** One line beside it: the type or where it comes from. */
  detail: string;
  kind: 'parameter' | 'variable' | 'task' | 'item' | 'function' | 'name';
}
export interface ExpressionScope {
  names: readonly ScopeName[];
  /** Real values, for the preview. */
  data?: ScopeData | undefined;
}

/** What the names stand for in a run, an event or by pins. Secrets are masked already where it comes from. */
export interface ScopeData {
  scope: Scope;
  /** Paths of which there is no value yet, such as `task.build` or `result()`: their preview says so. */
  absent: readonly string[];
  /** Where the values come from, for people: `run 12`. */
  origin: string;
}
