'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useMemo, useState, type ReactNode } from 'react';
import { RunCanvas } from '@/components/canvas/run-canvas';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Duration } from '@/components/ui/duration';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { useUrlState } from '@/components/ui/use-url-state';
import { ExecutionDetail } from './execution-detail';
import { ExecutionTree } from './execution-tree';
import { QueuePlace } from './queue-place';
import { RerunDialog, type RerunOf } from './rerun-dialog';
import { RunActions } from './run-actions';
import { RunNotices } from './run-notices';
import { RunTimeline } from './run-timeline';
import { toRerunFrom, type Execution } from './tree-rows';
import { useExecution } from './use-execution';

const text = strings.executions;

/** One run as people on call watch it: tree, graph or timeline, and the selected execution; the URL holds the view. */
export function ExecutionPage({ id }: { id: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.executions.tree.queryOptions({ id }));
  return <QueryState query={query}>{(tree) => <Run id={id} tree={tree} />}</QueryState>;
}

function Run({ id, tree }: { id: number; tree: RouterOutputs['executions']['tree'] }) {
  const [selection, setSelection] = useUrlState('at', '');
  const [tab, setTab] = useUrlState('tab', 'output');
  const [view, setView] = useUrlState('view', 'graph');
  const [rerun, setRerun] = useState<RerunOf | null>(null);
  const shown = tree.find((execution) => execution.id === id) ?? tree[0];
  const selected = tree.find((execution) => String(execution.id) === selection) ?? shown;
  if (!shown || !selected) return null;
  const from = toRerunFrom(selected, tree);
  const select = (next: number) => setSelection(next === id ? '' : String(next));
  const hasGraph = tree.some(({ kind }) => kind === 'workflow');
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Header
        execution={shown}
        actions={
          <RunActions
            execution={shown}
            tree={tree}
            selected={selected.id}
            onSelect={select}
            from={from}
            onRerun={setRerun}
          />
        }
      />
      <RunNotices execution={shown} tree={tree} />
      {rerun ? <RerunDialog of={rerun} onClose={() => setRerun(null)} /> : null}
      <div className="grid min-h-0 flex-1 grid-cols-1 overflow-auto border-t border-border md:grid-cols-[minmax(220px,280px)_1fr] md:overflow-hidden xl:grid-cols-[280px_1fr_minmax(360px,460px)]">
        <nav
          aria-label={text.tree}
          className="h-44 min-h-0 border-b border-border md:h-auto md:border-r md:border-b-0"
        >
          <ExecutionTree executions={tree} selected={selected.id} onSelect={select} />
        </nav>
        {hasGraph ? (
          <div className="flex min-h-80 flex-col md:max-xl:max-h-[45vh]">
            <ViewSwitch view={view} onView={setView} />
            <div className="relative min-h-0 flex-1">
              {view === 'timeline' ? (
                <RunTimeline executions={tree} selected={selected.id} onSelect={select} />
              ) : (
                <Graph tree={tree} selected={selected} onSelect={select} />
              )}
            </div>
          </div>
        ) : null}
        <div
          className={
            hasGraph
              ? 'min-h-80 border-border md:max-xl:col-start-2 md:max-xl:border-t xl:border-l'
              : 'min-h-80 xl:col-span-2'
          }
        >
          <ExecutionDetail
            key={selected.id}
            id={selected.id}
            tab={tab}
            onTab={setTab}
            onRerun={from ? () => setRerun(from) : null}
          />
        </div>
      </div>
    </div>
  );
}

function ViewSwitch({ view, onView }: { view: string; onView: (view: string) => void }) {
  return (
    <div role="group" aria-label={text.view} className="flex gap-1 border-b border-border px-3 py-1.5">
      {(['graph', 'timeline'] as const).map((name) => (
        <Button
          key={name}
          size="sm"
          variant={view === name ? 'secondary' : 'ghost'}
          aria-pressed={view === name}
          onClick={() => onView(name)}
        >
          {text.views[name]}
        </Button>
      ))}
    </div>
  );
}

function Header({ execution, actions }: { execution: Execution; actions: ReactNode }) {
  const detail = useExecution(execution.id);
  return (
    <PageHeader
      title={execution.actionRef}
      breadcrumbs={[{ label: strings.nav.executions, href: '/executions' }, { label: `#${execution.id}` }]}
      description={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StatusBadge state={execution.state} />
          {detail.data ? <QueuePlace execution={detail.data} /> : null}
          {detail.data && detail.data.priority !== 0 ? (
            <span>{strings.concurrency.priorityOf(detail.data.priority)}</span>
          ) : null}
          <span>#{execution.id}</span>
          <Cause execution={execution} />
          {execution.revision !== null && execution.kind === 'workflow' ? (
            <span>{text.revisionNumber(execution.revision)}</span>
          ) : null}
          <RelativeTime value={execution.created} />
          <Duration from={execution.startedAt} to={execution.endedAt} />
        </span>
      }
      actions={actions}
    />
  );
}

function Cause({ execution }: { execution: Execution }): ReactNode {
  const link = 'text-accent underline underline-offset-2';
  if (execution.parentId !== null)
    return (
      <Link className={link} href={`/executions/${execution.parentId}`}>
        {text.partOf(execution.parentId)}
      </Link>
    );
  if (execution.eventId !== null)
    return (
      <Link className={link} href={`/events/${execution.eventId}`}>
        {text.byRule(execution.ruleRef ?? '', execution.eventId)}
      </Link>
    );
  return execution.requestedBy === null ? null : <span>{text.byPerson(execution.requestedBy)}</span>;
}

/** The canvas of the run that the selection belongs to: a selected workflow shows itself, a task its own run. */
function Graph({
  tree,
  selected,
  onSelect,
}: {
  tree: readonly Execution[];
  selected: Execution;
  onSelect: (id: number) => void;
}) {
  const trpc = useTRPC();
  const runId = selected.kind === 'workflow' ? selected.id : (selected.parentId ?? selected.id);
  const run = useQuery(trpc.executions.run.queryOptions({ id: runId }, { retry: 2 }));
  const children = useMemo(() => tree.filter(({ parentId }) => parentId === runId), [tree, runId]);
  const select = (task: string | null) => {
    const latest = children.filter(({ taskName }) => taskName === task).at(-1);
    onSelect(task === null || !latest ? runId : latest.id);
  };
  return (
    <QueryState query={run} pending={text.runHasNotBegun}>
      {(data) => (
        <RunCanvas
          run={data}
          executions={children}
          selected={selected.id === runId ? null : selected.taskName}
          onSelect={select}
        />
      )}
    </QueryState>
  );
}
