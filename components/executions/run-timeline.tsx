'use client';

import { useEffect, useState } from 'react';
import { strings } from '@/components/strings';
import { cn } from '@/components/ui/cn';
import { formatDuration } from '@/components/ui/duration';
import { toRowLabel, toTreeRows, type Execution } from './tree-rows';

const none: ReadonlySet<number> = new Set();

const colours: Record<string, string> = {
  completed: 'bg-status-completed',
  failed: 'bg-status-failed',
  timeout: 'bg-status-timeout',
  abandoned: 'bg-status-abandoned',
  cancelled: 'bg-status-cancelled',
  running: 'bg-status-running',
  waiting: 'bg-status-waiting',
  canceling: 'bg-status-cancelled',
  paused: 'bg-status-paused',
};

interface Props {
  executions: readonly Execution[];
  selected: number;
  onSelect: (id: number) => void;
}

/** Each execution as a bar over the run's time: the wait before it began apart from its work. */
export function RunTimeline({ executions, selected, onSelect }: Props) {
  const running = executions.some(({ endedAt }) => endedAt === null);
  const now = useNow(running);
  const rows = toTreeRows(executions, none).slice(0, 1000);
  const start = Math.min(...executions.map(({ created }) => Date.parse(created)));
  const end = Math.max(start + 1, ...executions.map(({ endedAt }) => (endedAt ? Date.parse(endedAt) : now)));
  const percent = (time: number) =>
    `${((Math.min(Math.max(time, start), end) - start) / (end - start)) * 100}%`;
  return (
    <div className="h-full overflow-auto p-3">
      <p className="mb-2 flex justify-between pl-44 text-xs text-text-3 tabular-nums">
        <span>0</span>
        <span>{formatDuration(end - start)}</span>
      </p>
      <ul aria-label={strings.executions.views.timeline}>
        {rows.map(({ execution, level }) => {
          const created = Date.parse(execution.created);
          const started = execution.startedAt ? Date.parse(execution.startedAt) : null;
          const ended = execution.endedAt ? Date.parse(execution.endedAt) : now;
          const label = `${toRowLabel(execution)}, ${strings.status[execution.state]}, ${formatDuration(ended - (started ?? created))}`;
          return (
            <li key={execution.id}>
              <button
                type="button"
                aria-label={label}
                aria-current={execution.id === selected || undefined}
                onClick={() => onSelect(execution.id)}
                className={cn(
                  'flex h-7 w-full items-center rounded-md text-left text-xs',
                  execution.id === selected ? 'bg-accent-soft' : 'hover:bg-surface-2',
                )}
              >
                <span className="w-44 shrink-0 truncate pr-2" style={{ paddingLeft: 4 + (level - 1) * 10 }}>
                  {toRowLabel(execution)}
                </span>
                <span className="relative h-3 flex-1">
                  <span
                    className="absolute inset-y-1 rounded-full bg-border-strong"
                    style={{ left: percent(created), right: `calc(100% - ${percent(started ?? ended)})` }}
                  />
                  {started !== null ? (
                    <span
                      className={cn('absolute inset-y-0 min-w-0.5 rounded-sm', colours[execution.state])}
                      style={{ left: percent(started), right: `calc(100% - ${percent(ended)})` }}
                    />
                  ) : null}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}
