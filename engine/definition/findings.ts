import { shorten } from '../expression/shorten';
import { toPlainText } from './plain-json';
import type { Problem } from './problem';

/** How many problems are told at once; one more says how many others there are. */
export const mostProblems = 200;
const longestSentence = 500;
const longestField = 300;

/**
 * A problem as a check finds it. What is dear to say about it, such as the nearest of many names, is a thunk: it is
 * worked out only when the problem is told.
 */
export interface Finding extends Omit<Problem, 'repair'> {
  repair: string | (() => string);
}

/**
 * Collects what is found, the first of each severity only, so that what is wrong ten thousand times costs no more than
 * what is wrong a few hundred times.
 */
export class Findings<Extra extends object = object> {
  private readonly kept: (Problem & Extra)[] = [];
  private readonly count = { error: 0, warning: 0 };

  add(finding: Finding & Extra): void {
    this.count[finding.severity] += 1;
    if (this.count[finding.severity] > mostProblems) return;
    const { message, repair, task, field } = finding;
    this.kept.push({
      ...finding,
      message: toPlainText(shorten(message, longestSentence)),
      repair: toPlainText(shorten(typeof repair === 'string' ? repair : repair(), longestSentence)),
      ...(task === undefined ? {} : { task: toPlainText(shorten(task, longestField)) }),
      ...(field === undefined ? {} : { field: toPlainText(shorten(field, longestField)) }),
    });
  }

  /** All of them in the order in which they were found; too many: errors first, and how many are left out. */
  list(): { told: (Problem & Extra)[]; more: Problem | null } {
    const { error, warning } = this.count;
    const total = error + warning;
    if (total <= mostProblems) return { told: this.kept, more: null };
    const told = errorsFirst(this.kept).slice(0, mostProblems);
    const isGrave = error > mostProblems;
    return {
      told,
      more: {
        severity: isGrave ? 'error' : 'warning',
        code: 'more_problems',
        message: `And ${total - told.length} more problems.`,
        repair: 'Repair these first; then the others are told.',
      },
    };
  }
}

export function errorsFirst<T extends Problem>(problems: readonly T[]): T[] {
  return [
    ...problems.filter(({ severity }) => severity === 'error'),
    ...problems.filter(({ severity }) => severity === 'warning'),
  ];
}
