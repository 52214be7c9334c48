import type { Problem } from '@/engine/definition/problem';
import type { ProblemCount } from '../canvas/view';

/**
 * The messages of a task's problems (of the workflow's own for null) at the fields below `field`, by the path from
 * there: `input.region` is `region` below `input`. The gravest first message of a field wins.
 */
export function problemsAt(
  problems: readonly Problem[],
  task: string | null,
  field: string,
): Record<string, string> {
  const found: Record<string, string> = {};
  const prefix = field === '' ? '' : `${field}.`;
  for (const severity of ['error', 'warning'] as const) {
    for (const problem of problems) {
      if ((problem.task ?? null) !== task || problem.severity !== severity) continue;
      const path = toPath(problem.field ?? '');
      if (path !== field && !path.startsWith(prefix)) continue;
      found[path === field ? '' : path.slice(prefix.length)] ??= problem.message;
    }
  }
  return found;
}

/** `next[0].when` and `next.0.when` are one place. */
export function toPath(field: string): string {
  return field.replaceAll(/\[(\d+)\]/g, '.$1');
}

export function countByTask(problems: readonly Problem[]): ReadonlyMap<string, ProblemCount> {
  const counts = new Map<string, ProblemCount>();
  for (const { task, severity } of problems) {
    if (!task) continue;
    const before = counts.get(task) ?? { errors: 0, warnings: 0 };
    counts.set(
      task,
      severity === 'error'
        ? { ...before, errors: before.errors + 1 }
        : { ...before, warnings: before.warnings + 1 },
    );
  }
  return counts;
}
