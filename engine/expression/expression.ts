export { ExpressionError } from './expression-error';
export type { Limits, Scope } from './evaluator';
export { filterSignatures } from './filters';
export { globalSignatures } from './globals';
export {
  inspectTemplate as parseTemplate,
  type ExpressionProblem,
  type Inspection,
  type Reference,
} from './inspect';
export { secretMask } from './redacted';
export { evaluateExpression, renderTemplate, type Rendered } from './render';
export { renderValue } from './render-value';
export { testSignatures } from './tests';
export { isTruthy, markSecret, type Json } from './value';
