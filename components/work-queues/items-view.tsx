'use client';

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Ban, Inbox, Pencil } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { IconButton } from '@/components/ui/icon-button';
import { More } from '@/components/ui/more';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Select } from '@/components/ui/select';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { useUrlState } from '@/components/ui/use-url-state';
import { ItemDialog } from './item-dialog';
import { ItemSheet } from './item-sheet';
import { ItemStatus, itemStatuses, type Item } from './item-status';
import type { Queue } from './queue-draft';

const text = strings.workQueues;

/** The items of a queue, newest first, by status. */
export function ItemsView({ queue }: { queue: Queue }) {
  const trpc = useTRPC();
  const [shown, setShown] = useUrlState('status', 'all');
  const [open, setOpen] = useState<Item | null>(null);
  const [edited, setEdited] = useState<Item | null>(null);
  const [leaving, setLeaving] = useState<Item | null>(null);
  const status = itemStatuses.find((one) => one === shown);
  const query = useInfiniteQuery(
    trpc.queues.items.infiniteQueryOptions(
      { queueRef: queue.ref, limit: 50, ...(status ? { statuses: [status] } : {}) },
      { getNextPageParam: (page) => page.next ?? undefined, placeholderData: (before) => before },
    ),
  );
  return (
    <div className="space-y-3 pt-4">
      <div className="flex flex-wrap items-center gap-2">
        <Select
          label={text.status}
          value={shown}
          onValueChange={setShown}
          options={[
            { value: 'all', label: text.allStatuses },
            ...itemStatuses.map((value) => ({ value, label: text.statuses[value] })),
          ]}
        />
        <ul aria-label={text.counts} className="flex flex-wrap gap-2">
          {itemStatuses
            .filter((one) => (queue.counts[one] ?? 0) > 0)
            .map((one) => (
              <li key={one}>
                <ItemStatus status={one} count={queue.counts[one] ?? 0} />
              </li>
            ))}
        </ul>
      </div>
      <QueryState query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return items.length === 0 && !query.hasNextPage ? (
            <EmptyState
              compact
              icon={<Inbox />}
              title={status ? text.nothingFound : text.noItems}
              description={status ? undefined : text.noItemsHint(queue.ref)}
            />
          ) : (
            <>
              <ItemTable
                items={items}
                mayChange={queue.mayEnqueue}
                onOpen={setOpen}
                onEdit={setEdited}
                onCancel={setLeaving}
              />
              <More query={query} />
            </>
          );
        }}
      </QueryState>
      {open ? <ItemSheet item={open} onClose={() => setOpen(null)} /> : null}
      {edited ? <ItemDialog queue={queue} known={edited} onClose={() => setEdited(null)} /> : null}
      {leaving ? <CancelDialog item={leaving} onClose={() => setLeaving(null)} /> : null}
    </div>
  );
}

function ItemTable({
  items,
  mayChange,
  onOpen,
  onEdit,
  onCancel,
}: {
  items: readonly Item[];
  mayChange: boolean;
  onOpen: (item: Item) => void;
  onEdit: (item: Item) => void;
  onCancel: (item: Item) => void;
}) {
  return (
    <Table
      label={text.items}
      rows={items}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'item',
          header: text.item,
          cell: (item) => (
            <button
              type="button"
              className="max-w-full cursor-pointer text-left hover:underline"
              onClick={() => onOpen(item)}
            >
              <span className="font-medium tabular-nums">{text.show(item.id)}</span>{' '}
              {item.itemKey === null ? null : <span className="break-all text-text-2">{item.itemKey}</span>}
            </button>
          ),
        },
        { key: 'status', header: text.status, cell: ({ status }) => <ItemStatus status={status} /> },
        {
          key: 'priority',
          header: text.priority,
          cell: ({ priority }) => priority,
          align: 'right',
          className: 'tabular-nums',
          hideBelow: 'sm',
        },
        {
          key: 'attempts',
          header: text.attempts,
          cell: ({ attemptCount }) => attemptCount,
          align: 'right',
          className: 'tabular-nums',
          hideBelow: 'md',
        },
        {
          key: 'execution',
          header: text.execution,
          cell: ({ lastExecution }) =>
            lastExecution === null ? (
              strings.common.nothing
            ) : (
              <Link
                className="text-accent underline underline-offset-2"
                href={`/executions/${lastExecution}`}
              >
                #{lastExecution}
              </Link>
            ),
          hideBelow: 'sm',
        },
        {
          key: 'created',
          header: text.added,
          cell: ({ created }) => <RelativeTime value={created} />,
          hideBelow: 'md',
        },
        {
          key: 'acts',
          header: strings.common.actions,
          cell: (item) =>
            mayChange && ['queued', 'retry'].includes(item.status) ? (
              <span className="flex justify-end gap-1">
                <IconButton
                  size="sm"
                  label={text.change(item.id)}
                  icon={<Pencil />}
                  onClick={() => onEdit(item)}
                />
                <IconButton
                  size="sm"
                  label={text.cancel(item.id)}
                  icon={<Ban />}
                  onClick={() => onCancel(item)}
                />
              </span>
            ) : null,
          align: 'right',
        },
      ]}
    />
  );
}

function CancelDialog({ item, onClose }: { item: Item; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const cancel = useMutation(trpc.queues.cancelItem.mutationOptions());
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.cancelTitle(item.id)}
      description={text.cancelHint}
      confirmLabel={text.cancelConfirm}
      onConfirm={async () => {
        await cancel
          .mutateAsync({ queueRef: item.queueRef, id: item.id })
          .catch((error: unknown) => {
            throw new Error(toCallError(error).message);
          })
          .finally(() => void queries.invalidateQueries({ queryKey: trpc.queues.pathKey() }));
        toast.success(text.isCancelled(item.id));
      }}
    />
  );
}
