'use client';

import { CircleX, TriangleAlert, X } from 'lucide-react';
import { IconButton } from '@/components/ui/icon-button';
import type { Problem } from '@/engine/definition/problem';
import { studio } from '../strings/studio';
import { useStudio } from './studio-context';

const strings = studio.problems;
const severities = ['error', 'warning'] as const;

/** Everything that is wrong with the draft, errors first; pressing one leads to its field. */
export function ProblemsPanel({ onClose }: { onClose: () => void }) {
  const { problems, goTo } = useStudio();
  const sorted = severities.flatMap((severity) =>
    problems.filter((problem) => problem.severity === severity),
  );
  return (
    <section aria-label={strings.title} className="flex max-h-56 flex-col border-t border-border bg-surface">
      <header className="flex items-center justify-between py-1 pr-2 pl-4">
        <h2 className="text-sm font-semibold">{strings.title}</h2>
        <IconButton size="sm" label={strings.close} icon={<X />} onClick={onClose} />
      </header>
      {sorted.length === 0 ? <p className="px-4 pb-3 text-sm text-text-2">{strings.none}</p> : null}
      <ul className="min-h-0 overflow-y-auto px-2 pb-2">
        {sorted.map((problem, index) => (
          <li key={index}>
            <button
              type="button"
              className="flex w-full items-start gap-2 rounded-md px-2 py-1.5 text-left text-sm hover:bg-surface-2"
              onClick={() => goTo(problem)}
            >
              {problem.severity === 'error' ? (
                <CircleX size={16} className="mt-0.5 shrink-0 text-danger" aria-hidden="true" />
              ) : (
                <TriangleAlert size={16} className="mt-0.5 shrink-0 text-warning" aria-hidden="true" />
              )}
              <span className="min-w-0">
                <span className="sr-only">{strings.severity[problem.severity]}: </span>
                <span className="font-medium">{placeText(problem)}</span> {problem.message}
                {problem.repair ? <span className="block text-xs text-text-2">{problem.repair}</span> : null}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function placeText(problem: Problem): string {
  const task = problem.task ?? strings.workflow;
  return problem.field ? `${task} · ${problem.field}` : task;
}
