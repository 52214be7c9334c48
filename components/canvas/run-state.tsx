'use client';

import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDotDashed,
  CirclePause,
  CircleX,
  Hourglass,
  LoaderCircle,
  TimerOff,
  Unplug,
  type LucideIcon,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import { canvas as strings } from '../strings/canvas';
import { isOver } from './run-overlay';
import type { TaskRun } from './view';

const icons: Record<string, LucideIcon> = {
  completed: CircleCheck,
  failed: CircleX,
  timeout: TimerOff,
  cancelled: Ban,
  abandoned: Unplug,
  running: LoaderCircle,
  waiting: Hourglass,
  paused: CirclePause,
  canceling: LoaderCircle,
};

/** A task's state in a run: sign, word and how long. */
export function RunState({ run }: { run: TaskRun | null }) {
  const state = run?.state ?? strings.notRun;
  const Icon = run ? (icons[run.state] ?? CircleDotDashed) : CircleDashed;
  return (
    <div className="run-state" data-state={run?.state ?? 'idle'} title={run?.error ?? undefined}>
      <Icon size={13} aria-hidden="true" className="run-state-icon" />
      <span>{state}</span>
      {run?.items ? <span className="run-state-extra">{strings.items(run.items.done, run.items.total)}</span> : null}
      {run && run.visits > 1 ? (
        <span className="run-state-extra" title={strings.badges.visits(run.visits)}>
          ×{run.visits}
        </span>
      ) : null}
      {run?.startedAt ? <Elapsed startedAt={run.startedAt} endedAt={run.endedAt} over={isOver(run.state)} /> : null}
    </div>
  );
}

function Elapsed({ startedAt, endedAt, over }: { startedAt: string; endedAt: string | null; over: boolean }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (over) return;
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [over]);
  const untilMs = endedAt ? Date.parse(endedAt) : over ? null : nowMs;
  if (untilMs === null) return null;
  return <span className="run-state-time">{toShort(Math.max(0, untilMs - Date.parse(startedAt)))}</span>;
}

/** `12 ms`, `3.4 s`, `2 m 05 s`, `1 h 12 m`. */
export function toShort(elapsedMs: number): string {
  if (elapsedMs < 1000) return `${Math.round(elapsedMs)} ms`;
  const seconds = elapsedMs / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}
