'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { ListOrdered, Plus } from 'lucide-react';
import Link from 'next/link';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { Switch } from '@/components/ui/switch';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { useHasRight } from '@/components/identities/use-has-right';

const text = strings.workQueues;

/** Every queue, with what waits in it and its switch. */
export function QueuesPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.queues.list.queryOptions());
  const mayCreate = useHasRight('queues', 'create');
  const mayUpdate = useHasRight('queues', 'update');
  const update = useMutation(
    trpc.queues.update.mutationOptions({
      onSettled: () => void query.refetch(),
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  const create = mayCreate ? (
    <Button variant="primary" icon={<Plus />} href="/queues/new">
      {text.create}
    </Button>
  ) : null;
  return (
    <>
      <PageHeader title={text.title} description={text.description} actions={create} />
      <QueryState query={query}>
        {(queues) =>
          queues.length === 0 ? (
            <EmptyState
              icon={<ListOrdered />}
              title={text.empty}
              description={text.emptyHint}
              action={create}
            />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <Table
                label={text.title}
                rows={queues}
                rowKey={({ ref }) => ref}
                columns={[
                  {
                    key: 'ref',
                    header: text.queue,
                    cell: ({ ref, label }) => (
                      <Link href={`/queues/${ref}`} className="hover:underline">
                        <span className="font-medium break-all">{ref}</span>{' '}
                        <span className="text-text-2">{label}</span>
                      </Link>
                    ),
                  },
                  {
                    key: 'action',
                    header: text.action,
                    cell: ({ dispatchActionRef }) => <span className="text-text-2">{dispatchActionRef}</span>,
                    hideBelow: 'md',
                  },
                  {
                    key: 'pending',
                    header: text.pending,
                    cell: ({ pending }) => pending,
                    align: 'right',
                    className: 'tabular-nums',
                  },
                  {
                    key: 'leased',
                    header: text.leased,
                    cell: ({ leased }) => leased,
                    align: 'right',
                    className: 'tabular-nums',
                  },
                  {
                    key: 'enabled',
                    header: text.enabled,
                    cell: ({ ref, enabled }) => (
                      <Switch
                        label={`${text.enabled}: ${ref}`}
                        labelHidden
                        checked={enabled}
                        disabled={!mayUpdate}
                        onCheckedChange={(next) => update.mutate({ ref, enabled: next })}
                      />
                    ),
                  },
                ]}
              />
            </div>
          )
        }
      </QueryState>
    </>
  );
}
