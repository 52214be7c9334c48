'use client';

import { useQuery } from '@tanstack/react-query';
import { RotateCw } from 'lucide-react';
import Link from 'next/link';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { ArtifactTable } from '@/components/artifacts/artifact-table';
import { InquiryRecord } from '@/components/inquiries/inquiry-record';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { CodeBlock } from '@/components/ui/code-block';
import { Duration } from '@/components/ui/duration';
import { JsonView } from '@/components/ui/json-view';
import { KeyValue } from '@/components/ui/key-value';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { Tabs } from '@/components/ui/tabs';
import { LogView } from './log-view';
import { QueuePlace } from './queue-place';
import { toRowLabel } from './tree-rows';
import { useExecution } from './use-execution';

type Execution = RouterOutputs['executions']['get'];

const text = strings.executions;

interface Props {
  id: number;
  tab: string;
  onTab: (tab: string) => void;
  /** Runs its run again from this task; null where that cannot be. */
  onRerun: (() => void) | null;
}

/** One execution of the tree: what went in, what came out, what it said, and why it ended as it did. */
export function ExecutionDetail({ id, tab, onTab, onRerun }: Props) {
  const query = useExecution(id);
  return (
    <QueryState query={query}>
      {(execution) => (
        <div className="flex h-full min-h-0 flex-col">
          <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-border px-4 py-3">
            <h2 className="min-w-0 truncate text-sm font-semibold">{toRowLabel(execution)}</h2>
            <StatusBadge state={execution.state} />
            <span className="text-xs text-text-2">
              <QueuePlace execution={execution} />
            </span>
            <span className="ml-auto text-xs text-text-2 tabular-nums">
              <Duration from={execution.startedAt} to={execution.endedAt} />
            </span>
            {onRerun && execution.mayRerun ? (
              <Button size="sm" icon={<RotateCw />} onClick={onRerun}>
                {text.rerun.fromHere}
              </Button>
            ) : null}
          </header>
          <Tabs
            label={text.detail}
            value={tab}
            onValueChange={onTab}
            className="min-h-0 flex-1"
            tabs={[
              { value: 'output', label: text.output, content: <Output execution={execution} /> },
              {
                value: 'log',
                label: text.log.title,
                content: <LogView key={id} executionId={id} canStream={canStream(execution)} />,
              },
              {
                value: 'input',
                label: text.input,
                content: (
                  <Padded>
                    <JsonView value={execution.parameters} label={text.input} />
                  </Padded>
                ),
              },
              {
                value: 'artifacts',
                label: strings.artifacts.title,
                content: <Artifacts execution={execution} />,
              },
              { value: 'about', label: text.about, content: <About execution={execution} /> },
            ]}
          />
        </div>
      )}
    </QueryState>
  );
}

function canStream({ kind, actionRef }: Execution): boolean {
  return kind === 'action' && !actionRef.startsWith('core.');
}

function Padded({ children }: { children: React.ReactNode }) {
  return <div className="h-full space-y-4 overflow-auto p-4">{children}</div>;
}

function Output({ execution }: { execution: Execution }) {
  const { result, error, state, stateReason } = execution;
  const record = result !== null && typeof result === 'object' && !Array.isArray(result) ? result : null;
  const stdout = record?.['stdout'];
  const stderr = record?.['stderr'];
  return (
    <Padded>
      {error !== null ? (
        <Callout kind={state === 'cancelled' ? 'info' : 'error'} title={strings.status[state]}>
          {error}
        </Callout>
      ) : null}
      {error === null && stateReason !== null && state !== 'completed' ? (
        <Callout kind="info">{stateReason}</Callout>
      ) : null}
      {execution.inquiryId !== null ? <InquiryRecord id={execution.inquiryId} /> : null}
      {typeof stdout === 'string' && stdout !== '' ? <CodeBlock label="stdout" code={stdout} /> : null}
      {typeof stderr === 'string' && stderr !== '' ? <CodeBlock label="stderr" code={stderr} /> : null}
      {result === null ? (
        <p className="text-sm text-text-2">{text.noOutputYet}</p>
      ) : (
        <JsonView value={result} label={text.result} />
      )}
    </Padded>
  );
}

/** What it left: the root's tab tells of its whole tree. */
function Artifacts({ execution: { id, parentId } }: { execution: Execution }) {
  const trpc = useTRPC();
  const made = parentId === null ? { rootId: id } : { executionId: id };
  const query = useQuery(trpc.artifacts.list.queryOptions({ ...made, limit: 200 }));
  return (
    <Padded>
      <QueryState query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="text-sm text-text-2">{strings.artifacts.noneHere}</p>
          ) : (
            <ArtifactTable artifacts={items} />
          )
        }
      </QueryState>
    </Padded>
  );
}

function About({ execution }: { execution: Execution }) {
  const rows: [string, React.ReactNode][] = [
    [
      text.action,
      <Link
        key="action"
        className="text-accent underline underline-offset-2"
        href={`/${execution.kind === 'workflow' ? 'workflows' : 'actions'}/${execution.actionRef}`}
      >
        {execution.actionRef}
      </Link>,
    ],
    [text.id, String(execution.id)],
    [
      text.revision,
      execution.revision === null
        ? '–'
        : execution.revision < 0
          ? text.revisionNumber(execution.revision)
          : String(execution.revision),
    ],
    [
      text.attempt,
      execution.maxRetries > 0
        ? text.attemptOf(execution.attempt, execution.maxRetries + 1)
        : String(execution.attempt),
    ],
    [strings.concurrency.priority, String(execution.priority)],
    [text.worker, execution.workerName ?? '–'],
    [text.timeout, execution.timeoutSeconds === null ? '–' : text.seconds(execution.timeoutSeconds)],
    [text.created, <RelativeTime key="created" value={execution.created} />],
    [text.started, execution.startedAt ? <RelativeTime key="started" value={execution.startedAt} /> : '–'],
    [text.ended, execution.endedAt ? <RelativeTime key="ended" value={execution.endedAt} /> : '–'],
  ];
  return (
    <Padded>
      <KeyValue items={rows.map(([label, value]) => ({ label, value }))} />
    </Padded>
  );
}
