'use client';

import { ArrowUpRight, X } from 'lucide-react';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Duration } from '@/components/ui/duration';
import { IconButton } from '@/components/ui/icon-button';
import { StatusBadge } from '@/components/ui/status-badge';
import type { ExecutionSummary } from '../canvas/run-overlay';
import { ContinueRun } from './continue-run';
import { inspection } from '../strings/inspection';
import { studio } from '../strings/studio';

const strings = studio.run;

/** What runs on the canvas: its state, how long, and the way to its page. */
export function RunBar({
  execution,
  waiting,
  differs,
  edited,
  mayContinue,
  onClose,
}: {
  execution: ExecutionSummary;
  waiting: boolean;
  differs: boolean;
  /** How many tasks were edited since. */
  edited: number;
  mayContinue: boolean;
  onClose: () => void;
}) {
  return (
    <section
      aria-label={strings.bar}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-border bg-surface-2 px-3 py-1.5 text-sm"
    >
      <StatusBadge state={execution.state} />
      <span className="font-medium">{strings.execution(execution.id)}</span>
      <Duration
        from={execution.startedAt ?? execution.created}
        to={execution.endedAt}
        className="tabular-nums text-text-2"
      />
      {execution.state === 'paused' && mayContinue ? (
        <ContinueRun id={execution.id} reason={execution.stateReason} />
      ) : null}
      {waiting ? (
        <Button size="sm" variant="ghost" href="/inbox">
          {strings.inbox}
        </Button>
      ) : null}
      {execution.revision !== null && execution.revision < 0 ? (
        <Badge tone="info">{inspection.bar.draft}</Badge>
      ) : null}
      {differs && execution.revision !== null ? (
        <span className="text-xs text-text-2">
          {execution.revision < 0 ? inspection.bar.edited(edited) : strings.differs(execution.revision)}
        </span>
      ) : null}
      {execution.error ? <span className="min-w-0 truncate text-danger">{execution.error}</span> : null}
      <span className="ml-auto flex items-center gap-1">
        <Button size="sm" variant="ghost" icon={<ArrowUpRight />} href={`/executions/${execution.id}`}>
          {strings.open}
        </Button>
        <IconButton size="sm" label={strings.close} icon={<X />} onClick={onClose} />
      </span>
    </section>
  );
}
