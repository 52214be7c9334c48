'use client';

import { CircleDashed } from 'lucide-react';
import { Duration } from '@/components/ui/duration';
import { StatusBadge } from '@/components/ui/status-badge';
import { canvas as strings } from '../strings/canvas';
import type { TaskRun } from './view';

/** A task's state in a run: sign, word and how long. */
export function RunState({ run }: { run: TaskRun | null }) {
  if (!run) {
    return (
      <div className="run-state">
        <CircleDashed size={14} aria-hidden="true" />
        {strings.notRun}
      </div>
    );
  }
  return (
    <div className="run-state" title={run.error ?? undefined}>
      <StatusBadge state={run.state} plain />
      {run.items ? (
        <span className="run-state-extra">{strings.items(run.items.done, run.items.total)}</span>
      ) : null}
      {run.visits > 1 ? (
        <span className="run-state-extra" title={strings.badges.visits(run.visits)}>
          ×{run.visits}
        </span>
      ) : null}
      {run.keptFrom !== null ? (
        <span className="run-state-extra" title={strings.keptFrom(run.keptFrom)}>
          {strings.kept}
        </span>
      ) : null}
      {run.startedAt ? <Duration from={run.startedAt} to={run.endedAt} className="run-state-time" /> : null}
    </div>
  );
}
