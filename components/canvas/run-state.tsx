'use client';

import { CircleDashed } from 'lucide-react';
import { Duration } from '@/components/ui/duration';
import { statusIcon, toStatusFamily, toStatusLabel } from '@/components/ui/status';
import { canvas as strings } from '../strings/canvas';
import type { TaskRun } from './view';

/** A task's state in a run: sign, word and how long. */
export function RunState({ run }: { run: TaskRun | null }) {
  const Icon = run ? statusIcon(run.state) : CircleDashed;
  return (
    <div
      className="run-state"
      data-family={run ? toStatusFamily(run.state) : 'idle'}
      title={run?.error ?? undefined}
    >
      <Icon size={13} aria-hidden="true" className="run-state-icon" />
      <span>{run ? toStatusLabel(run.state) : strings.notRun}</span>
      {run?.items ? (
        <span className="run-state-extra">{strings.items(run.items.done, run.items.total)}</span>
      ) : null}
      {run && run.visits > 1 ? (
        <span className="run-state-extra" title={strings.badges.visits(run.visits)}>
          ×{run.visits}
        </span>
      ) : null}
      {run?.startedAt ? <Duration from={run.startedAt} to={run.endedAt} className="run-state-time" /> : null}
    </div>
  );
}
