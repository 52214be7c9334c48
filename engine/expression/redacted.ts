import type { Expression } from './ast';
import { Evaluator, type Limits, type Scope } from './evaluator';
import { Secret, setOwn, type Json, type Value } from './value';

/** What stands where a secret value was. */
export const secretMask = '********';

/**
 * What may be shown of an expression's value in which a secret is. A list or an object that is written out is shown
 * part by part; what was computed with the help of a secret is hidden whole, with its size and its names; of what was
 * only handed on, the secrets in it are hidden. The expression has been evaluated before, in the same scope.
 */
export function redactExpression(expression: Expression, scope: Scope, limits: Readonly<Limits>): Json {
  if (expression.kind === 'list')
    return expression.items.map((item) => redactExpression(item, scope, limits));
  if (expression.kind !== 'dict') return redactPart(expression, scope, limits);
  const shown: { [key: string]: Json } = {};
  for (const { key, value } of expression.entries) {
    const evaluator = new Evaluator(scope, limits);
    const name = evaluator.key(evaluator.evaluate(key));
    // A name that a secret has made says what the secret is.
    if (evaluator.isSecret) return secretMask;
    setOwn(shown, name, redactExpression(value, scope, limits));
  }
  return shown;
}

function redactPart(expression: Expression, scope: Scope, limits: Readonly<Limits>): Json {
  const evaluator = new Evaluator(scope, limits);
  const value = evaluator.evaluate(expression);
  return evaluator.isSecret ? secretMask : evaluator.toJson(hideSecrets(value), true);
}

/** A value with a mask for each secret in it; parts without one are not copied. */
function hideSecrets(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) return secretMask;
  if (Array.isArray(value)) {
    const items = value.map(hideSecrets);
    return items.every((item, place) => item === value[place]) ? value : items;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const shown: { [key: string]: Value } = {};
  let isSame = true;
  for (const [key, part] of Object.entries(value as { [key: string]: Value })) {
    const hidden = hideSecrets(part);
    isSame &&= hidden === part;
    setOwn(shown, key, hidden);
  }
  return isSame ? value : shown;
}
