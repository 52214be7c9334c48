'use client';

import { ArrowUpRight } from 'lucide-react';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Duration } from '@/components/ui/duration';
import { JsonView } from '@/components/ui/json-view';
import { QueryState } from '@/components/ui/query-state';
import { Select } from '@/components/ui/select';
import { StatusBadge } from '@/components/ui/status-badge';
import { pinnedAction } from '@/engine/definition/draft-run';
import type { Task } from '@/engine/definition/schema';
import { ValueTree } from '../code/value-tree';
import { LogView } from '../executions/log-view';
import { useExecution } from '../executions/use-execution';
import { inspection } from '../strings/inspection';
import { useRuns } from './run-context';

const strings = inspection.lastRun;

/** What became of a task in the run on the canvas, or in the last one: input, output, log, duration, attempts. */
export function LastRunPart({ task }: { task: Task }) {
  const { record } = useRuns();
  const [chosen, setChosen] = useState<string | null>(null);
  if (!record) return <p className="p-4 text-sm text-text-2">{strings.noRun}</p>;
  const attempts = record.tree
    .filter(({ parentId, taskName }) => parentId === record.execution.id && taskName === task.name)
    .sort(
      (a, b) =>
        a.visit - b.visit || (a.itemIndex ?? 0) - (b.itemIndex ?? 0) || a.attempt - b.attempt || a.id - b.id,
    );
  const shown = attempts.find(({ id }) => String(id) === chosen) ?? attempts.at(-1);
  const visit = record.run?.taskRuns.findLast((one) => one.task === task.name);
  return (
    <div className="space-y-4 p-4">
      <p className="text-xs text-text-2">{strings.of(record.execution.id)}</p>
      {!shown ? (
        visit?.error ? (
          <Callout kind="error">{visit.error}</Callout>
        ) : (
          <p className="text-sm text-text-2">{strings.none}</p>
        )
      ) : (
        <>
          {attempts.length > 1 ? (
            <Select
              label={strings.attempt}
              value={String(shown.id)}
              onValueChange={setChosen}
              options={attempts.slice(-200).map((one) => ({
                value: String(one.id),
                label: strings.attemptOf(one.attempt, one.itemIndex, one.visit),
                description: one.state,
              }))}
            />
          ) : null}
          {shown.actionRef === pinnedAction ? (
            <Callout kind="info">{strings.pinned}</Callout>
          ) : (
            <Attempt key={shown.id} id={shown.id} path={`task.${task.name}.result`} />
          )}
        </>
      )}
    </div>
  );
}

function Attempt({ id, path }: { id: number; path: string }) {
  const query = useExecution(id);
  return (
    <QueryState query={query}>
      {(execution) => (
        <>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            <StatusBadge state={execution.state} />
            <Duration
              from={execution.startedAt}
              to={execution.endedAt}
              className="text-text-2 tabular-nums"
            />
          </div>
          {execution.error ? <Callout kind="error">{execution.error}</Callout> : null}
          <JsonView value={execution.parameters} label={strings.input} openDepth={2} maxHeight={240} />
          {execution.result === null ? null : (
            <section aria-label={strings.output} className="space-y-1.5">
              <h3 className="text-sm font-semibold">{strings.output}</h3>
              <ValueTree value={execution.result} path={path} label={strings.output} openDepth={2} />
            </section>
          )}
          {execution.kind === 'action' && !execution.actionRef.startsWith('core.') ? (
            <section
              aria-label={strings.log}
              className="h-64 overflow-hidden rounded-lg border border-border"
            >
              <LogView executionId={id} canStream />
            </section>
          ) : null}
          <div className="flex flex-wrap gap-2">
            <Button size="sm" variant="ghost" icon={<ArrowUpRight />} href={`/executions/${id}`}>
              {strings.open}
            </Button>
            {execution.kind === 'workflow' ? (
              <Button
                size="sm"
                variant="ghost"
                icon={<ArrowUpRight />}
                href={`/workflows/${encodeURIComponent(execution.actionRef)}?run=${id}`}
              >
                {strings.openChild}
              </Button>
            ) : null}
          </div>
        </>
      )}
    </QueryState>
  );
}
