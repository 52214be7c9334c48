import { evaluateExpression, ExpressionError, isTruthy, type Json } from '../../expression/expression';
import type { Task } from '../schema';
import { problem, quote, type Check } from './check';

// A condition on an answer is short; what takes more counts as one that cannot be told ahead.
const limits = { steps: 100, size: 2_000, depth: 10 };
const longestCondition = 1_000;
const mostTransitions = 20;
const mostApprovals = 1_000;

/** Approvals that lead somewhere on yes and nowhere on no: a run would end as completed without what was asked for. */
export const checkApprovals: Check = ({ definition }) =>
  definition.tasks
    .filter(isApproval)
    .slice(0, mostApprovals)
    .flatMap((task) => {
      const answer = booleanIn(task);
      if (answer === null || !leadsOn(task, answer, true) || leadsOn(task, answer, false)) return [];
      return [
        problem(
          'warning',
          'no_goes_nowhere',
          { task: task.name, field: 'next' },
          `When the answer to ${quote(task.name)} is no, nothing follows and the run still completes.`,
          'Add a transition with otherwise, to a task or to $fail.',
        ),
      ];
    });

function isApproval({ action, next }: Task): boolean {
  return action === 'core.ask' && next.length > 0 && next.length <= mostTransitions;
}

/** The name of the answer's yes or no. */
function booleanIn(task: Task): string | null {
  const schema = task.input?.['response_schema'];
  if (!isMap(schema)) return 'approved';
  const properties = isMap(schema['properties']) ? schema['properties'] : schema;
  for (const [name, property] of Object.entries(properties)) {
    if (isMap(property) && property['type'] === 'boolean') return name;
  }
  return null;
}

/** Whether a transition with a target fires on an answer; one that cannot be told ahead counts as one. */
function leadsOn(task: Task, answer: string, value: boolean): boolean {
  const result = { response: { [answer]: value }, defaulted: false, succeeded: true };
  const scope = {
    names: {},
    functions: {
      result: () => result,
      succeeded: () => true,
      failed: () => false,
      timed_out: () => false,
      cancelled: () => false,
    },
  };
  const fired = task.next.filter(({ when, otherwise }) => {
    if (otherwise) return false;
    if (when === undefined) return true;
    if (
      when.length > longestCondition ||
      /\b(task|workflow|vars|parameters|event|trigger|config|keystore|datastore)\b/.test(when)
    )
      return true;
    try {
      return isTruthy(evaluateExpression(when, scope, limits).value);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return true;
    }
  });
  const chosen = fired.length > 0 ? fired : task.next.filter(({ otherwise }) => otherwise);
  return chosen.some((transition) => transition.do.length > 0);
}

function isMap(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
