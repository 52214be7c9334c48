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
}
