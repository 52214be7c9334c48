'use client';

import { Send } from 'lucide-react';
import { strings } from '@/components/strings';
import { EmptyState } from '@/components/ui/empty-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { Table } from '@/components/ui/table';
import type { Queue } from './queue-draft';

const text = strings.workQueues;

/** The newest dispatches, each with the way to its execution. */
export function DispatchTable({ dispatches }: { dispatches: Queue['dispatches'] }) {
  if (dispatches.length === 0) return <EmptyState compact icon={<Send />} title={text.noDispatches} />;
  return (
    <div className="pt-4">
      <Table
        label={text.dispatches}
        rows={dispatches}
        rowKey={({ id }) => id}
        rowHref={({ executionId }) => `/executions/${executionId}`}
        columns={[
          {
            key: 'execution',
            header: text.execution,
            cell: ({ executionId }) => <span className="font-medium tabular-nums">#{executionId}</span>,
          },
          { key: 'state', header: text.status, cell: ({ state }) => <StatusBadge state={state} /> },
          {
            key: 'items',
            header: text.items,
            cell: ({ itemCount }) => itemCount,
            align: 'right',
            className: 'tabular-nums',
          },
          {
            key: 'created',
            header: strings.common.created,
            cell: ({ created }) => <RelativeTime value={created} />,
            hideBelow: 'sm',
          },
          {
            key: 'ended',
            header: text.ended,
            cell: ({ endedAt }) =>
              endedAt === null ? strings.common.nothing : <RelativeTime value={endedAt} />,
            hideBelow: 'sm',
          },
        ]}
      />
    </div>
  );
}
