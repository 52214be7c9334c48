import { checkActions } from './checks/actions';
import { checkApprovals } from './checks/approvals';
import type { CatalogAction, Check } from './checks/check';
import { checkExpressions } from './checks/expressions';
import { checkFlow, checkLoops } from './checks/flow';
import { checkNames } from './checks/names';
import { checkPublishing } from './checks/publishing';
import { compileGraph } from './graph';
import type { Problem } from './problem';
import type { Definition } from './schema';

export type { CatalogAction } from './checks/check';

const checks: readonly Check[] = [
  checkNames,
  checkActions,
  checkFlow,
  checkLoops,
  checkExpressions,
  checkPublishing,
  checkApprovals,
];
const mostProblems = 1_000;

/**
 * Everything wrong with a definition: errors first, each kind in the order of the tasks; at most 1,000. With the
 * actions that tasks may run, their existence and inputs are checked too. Never throws.
 */
export function validateDefinition(definition: Definition, actions?: Iterable<CatalogAction>): Problem[] {
  const subject = {
    definition,
    graph: compileGraph(definition),
    actions: actions ? new Map([...actions].map((action) => [action.ref, action])) : null,
  };
  const found = checks.flatMap((check) => check(subject));
  const errors = found.filter(({ severity }) => severity === 'error');
  const warnings = found.filter(({ severity }) => severity === 'warning');
  return [...errors, ...warnings].slice(0, mostProblems);
}
