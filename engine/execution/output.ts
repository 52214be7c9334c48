import { ExpressionError, renderValue, type Json } from '../expression/expression';
import { isObject } from './scope';
import type { Delta, Failure, JsonObject } from './state';
import { describe, leak, type Step } from './step';

/** How the run ends, once nothing is open and no token waits. */
export function toEnd(step: Step): NonNullable<Delta['end']> {
  const { stop } = step.head;
  const { failures, errors } = step.state.failures();
  if (stop && stop.as !== 'failed')
    return { state: stop.as, ...toFailedResult(stop.reason, failures, errors) };
  if (stop || failures.length > 0) {
    return { state: 'failed', ...toFailedResult(stop?.reason ?? sentence(failures), failures, errors) };
  }
  try {
    const output = render(step);
    const result = errors.length > 0 && isObject(output) ? { errors: errors.map(toJson), ...output } : output;
    return { state: 'completed', output: result, error: null };
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const message = `The output_map could not be rendered: ${describe(error)}`;
    return { state: 'failed', ...toFailedResult(message, failures, errors) };
  }
}

/** The rendered output map; without one the results of the tasks at which branches ended, by name. */
function render(step: Step): Json {
  const { output_map: written } = step.graph.definition;
  if (!written) {
    return Object.fromEntries(step.state.leaves().map((name) => [name, step.latest(name)?.result ?? null]));
  }
  const { value, warnings, secret } = renderValue(written, step.scope.with(step.head.variables));
  step.warn(warnings, 'output_map');
  if (secret) throw leak('The result would hold a secret.', 'output_map');
  return value;
}

function toFailedResult(
  error: string,
  failures: readonly Failure[],
  errors: readonly Failure[],
): { output: JsonObject; error: string } {
  const all = [...failures, ...errors].map(toJson);
  return { output: { succeeded: false, error, ...(all.length > 0 ? { errors: all } : {}) }, error };
}

function toJson({ task, visit, status, error }: Failure): Json {
  return { task, visit, status, error };
}

function sentence(failures: readonly Failure[]): string {
  const [first] = failures;
  if (!first) return 'The run failed.';
  const others = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
  return `${first.task}: ${first.error}${others}`;
}
