import { checkActions } from './checks/actions';
import { checkApprovals } from './checks/approvals';
import type { CatalogAction, Check, Subject } from './checks/check';
import { checkConcurrency } from './checks/concurrency';
import { checkExpressions } from './checks/expressions';
import { checkFlow } from './checks/flow';
import { checkLoops } from './checks/loops';
import { checkNames } from './checks/names';
import { checkPublishing } from './checks/publishing';
import { checkRecursion } from './checks/recursion';
import { errorsFirst, Findings } from './findings';
import { compileGraph } from './graph';
import type { Problem } from './problem';
import type { Definition } from './schema';

export type { CatalogAction } from './checks/check';

const checks: readonly Check[] = [
  checkNames,
  checkActions,
  checkFlow,
  checkLoops,
  checkRecursion,
  checkExpressions,
  checkPublishing,
  checkApprovals,
  checkConcurrency,
];

/**
 * Everything wrong with a definition: errors first, each kind in the order of the tasks; the first 200, and how many
 * more there are. With the actions that tasks may run, their existence and inputs are checked too; with the
 * workflow's own ref, whether it calls itself without end. Costs as much as the definition is long. Never throws.
 */
export function validateDefinition(
  definition: Definition,
  actions?: Iterable<CatalogAction>,
  ref: string | null = null,
): Problem[] {
  const subject: Subject = {
    definition,
    graph: compileGraph(definition),
    actions: actions ? new Map(Array.from(actions, (action) => [action.ref, action])) : null,
    ref,
  };
  const findings = new Findings();
  for (const check of checks) for (const finding of check(subject)) findings.add(finding);
  const { told, more } = findings.list();
  return more ? [...told, more] : errorsFirst(told);
}
