'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { Tabs } from '@/components/ui/tabs';
import { useUrlState } from '@/components/ui/use-url-state';
import { DispatchTable } from './dispatch-table';
import { ItemDialog } from './item-dialog';
import { ItemsView } from './items-view';
import type { Queue } from './queue-draft';
import { QueueDefinition } from './queue-definition';

const text = strings.workQueues;

/** One queue: its items, what went out, and its definition. */
export function QueuePage({ queueRef }: { queueRef: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.queues.get.queryOptions({ ref: queueRef }));
  return <QueryState query={query}>{(queue) => <Whole queue={queue} />}</QueryState>;
}

function Whole({ queue }: { queue: Queue }) {
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  const [tab, setTab] = useUrlState('tab', 'items');
  const [isAdding, setAdding] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const remove = useMutation(trpc.queues.remove.mutationOptions());
  return (
    <>
      <PageHeader
        title={queue.label}
        breadcrumbs={[{ label: strings.nav.queues, href: '/queues' }, { label: queue.ref }]}
        description={queue.description || `→ ${queue.dispatchActionRef}`}
        actions={
          <>
            {queue.mayDelete ? (
              <Button variant="ghost" icon={<Trash2 />} onClick={() => setRemoving(true)}>
                {text.remove}
              </Button>
            ) : null}
            {queue.mayEnqueue ? (
              <Button
                variant="primary"
                icon={<Plus />}
                disabled={!queue.acceptingNewItems}
                onClick={() => setAdding(true)}
              >
                {text.add}
              </Button>
            ) : null}
          </>
        }
      />
      <div className="space-y-4 px-4 pb-10 md:px-6">
        {queue.enabled ? null : <Callout kind="info">{text.off}</Callout>}
        {queue.acceptingNewItems ? null : <Callout kind="info">{text.closed}</Callout>}
        <Tabs
          label={text.views}
          value={tab}
          onValueChange={setTab}
          tabs={[
            {
              value: 'items',
              label: text.items,
              count: queue.pending + queue.leased || undefined,
              content: <ItemsView queue={queue} />,
            },
            {
              value: 'dispatches',
              label: text.dispatches,
              content: <DispatchTable dispatches={queue.dispatches} />,
            },
            {
              value: 'definition',
              label: text.definition,
              content: <QueueDefinition key={queue.updated} queue={queue} />,
            },
          ]}
        />
      </div>
      {isAdding ? <ItemDialog queue={queue} known={null} onClose={() => setAdding(false)} /> : null}
      <ConfirmDialog
        open={isRemoving}
        onOpenChange={setRemoving}
        title={text.removeTitle(queue.ref)}
        description={text.removeHint}
        confirmLabel={text.remove}
        onConfirm={async () => {
          await remove.mutateAsync({ ref: queue.ref }).catch((error: unknown) => {
            throw new Error(toCallError(error).message);
          });
          router.push('/queues');
          queries.removeQueries({ queryKey: trpc.queues.get.queryKey({ ref: queue.ref }) });
        }}
      />
    </>
  );
}
