export { ExpressionError } from './expression-error';
export type { Limits, Scope } from './evaluator';
export { filterSignatures } from './filters';
export {
  inspectTemplate as parseTemplate,
  type ExpressionProblem,
  type Inspection,
  type Reference,
} from './inspect';
export { secretMask } from './redacted';
export { evaluateExpression, renderTemplate, type Rendered } from './render';
export { renderValue } from './render-value';
export { isTruthy, markSecret, type Json } from './value';
