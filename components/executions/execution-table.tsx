import Link from 'next/link';
import { strings } from '@/components/strings';
import { Duration } from '@/components/ui/duration';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { Table } from '@/components/ui/table';
import type { Execution } from './tree-rows';

const text = strings.executions;

/** Executions as rows: state, what, why, when, how long. */
export function ExecutionTable({ executions, label }: { executions: readonly Execution[]; label: string }) {
  return (
    <Table
      label={label}
      rows={executions}
      rowKey={(execution) => execution.id}
      columns={[
        { key: 'state', header: text.state, cell: ({ state }) => <StatusBadge state={state} /> },
        {
          key: 'action',
          header: text.action,
          cell: (execution) => (
            <Link href={`/executions/${execution.id}`} className="font-medium hover:underline">
              {execution.actionRef} <span className="font-normal text-text-3">#{execution.id}</span>
            </Link>
          ),
        },
        {
          key: 'cause',
          header: text.cause,
          cell: ({ ruleRef, requestedBy, taskName }) => (
            <span className="text-text-2">{taskName ?? ruleRef ?? requestedBy ?? '–'}</span>
          ),
        },
        {
          key: 'error',
          header: text.error,
          cell: ({ error }) => (
            <span className="block max-w-96 truncate text-text-2" title={error ?? undefined}>
              {error ?? ''}
            </span>
          ),
          hideBelow: 'lg',
        },
        {
          key: 'created',
          header: text.created,
          cell: ({ created }) => <RelativeTime value={created} />,
          hideBelow: 'md',
        },
        {
          key: 'duration',
          header: text.duration,
          cell: ({ startedAt, endedAt }) => <Duration from={startedAt} to={endedAt} />,
          align: 'right',
          hideBelow: 'sm',
        },
      ]}
    />
  );
}
