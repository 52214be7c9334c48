'use client';

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { PhoneIncoming, RotateCcw } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { EmptyState } from '@/components/ui/empty-state';
import { IconButton } from '@/components/ui/icon-button';
import { More } from '@/components/ui/more';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Select } from '@/components/ui/select';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { useUrlState } from '@/components/ui/use-url-state';
import { CallSheet } from './call-sheet';
import { VerdictBadge, type Verdict } from './verdict-badge';

const text = strings.webhooks;
type Call = RouterOutputs['webhooks']['deliveries']['items'][number];
const verdicts = Object.keys(text.verdicts) as Verdict[];
const refreshMs = 5_000;

/** The last calls to a trigger's webhook, and what became of each. */
export function CallsPage({ triggerRef }: { triggerRef: string }) {
  const trpc = useTRPC();
  const [chosen, setChosen] = useUrlState('verdict', 'all');
  const [openId, setOpenId] = useState<number | null>(null);
  const verdict = verdicts.find((each) => each === chosen);
  const query = useInfiniteQuery(
    trpc.webhooks.deliveries.infiniteQueryOptions(
      { ref: triggerRef, limit: 50, ...(verdict && { verdict }) },
      // Refused calls are no changes that the feed tells of.
      { getNextPageParam: (page) => page.next ?? undefined, refetchInterval: refreshMs },
    ),
  );
  return (
    <>
      <PageHeader
        title={text.deliveriesTitle}
        breadcrumbs={[
          { label: strings.nav.triggers, href: '/triggers' },
          { label: triggerRef, href: `/triggers/${triggerRef}` },
          { label: text.calls },
        ]}
        description={text.deliveriesAbout}
      />
      <div className="px-4 pb-3 md:px-6">
        <Select
          label={text.verdict}
          value={verdict ?? 'all'}
          onValueChange={setChosen}
          options={[
            { value: 'all', label: text.allVerdicts },
            ...verdicts.map((value) => ({ value, label: text.verdicts[value] })),
          ]}
        />
      </div>
      <QueryState query={query}>
        {({ pages }) => {
          const calls = pages.flatMap((page) => page.items);
          if (calls.length === 0)
            return (
              <EmptyState
                icon={<PhoneIncoming />}
                title={verdict ? text.noSuchCalls : text.noCalls}
                description={text.noCallsHint}
              />
            );
          return (
            <div className="px-4 pb-8 md:px-6">
              <CallTable triggerRef={triggerRef} calls={calls} onLook={setOpenId} />
              <More query={query} />
            </div>
          );
        }}
      </QueryState>
      {openId === null ? null : (
        <CallSheet triggerRef={triggerRef} id={openId} onClose={() => setOpenId(null)} />
      )}
    </>
  );
}

function CallTable({
  triggerRef,
  calls,
  onLook,
}: {
  triggerRef: string;
  calls: readonly Call[];
  onLook: (id: number) => void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const again = useMutation(
    trpc.webhooks.redeliver.mutationOptions({
      onSuccess: ({ eventId }) => {
        toast.success(text.sentAgain(eventId));
        void queries.invalidateQueries({ queryKey: trpc.webhooks.deliveries.pathKey() });
      },
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  return (
    <Table
      label={text.deliveriesTitle}
      rows={calls}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'when',
          header: text.when,
          cell: ({ id, created }) => (
            <button
              type="button"
              aria-label={text.look(id)}
              onClick={() => onLook(id)}
              className="min-h-6 cursor-pointer underline-offset-2 hover:underline"
            >
              <RelativeTime value={created} />
            </button>
          ),
        },
        {
          key: 'verdict',
          header: text.verdict,
          cell: ({ verdict, unkept, redelivery_of }) => (
            <span className="flex flex-wrap items-center gap-x-2">
              <VerdictBadge verdict={verdict} />
              {unkept > 0 ? <span className="text-xs text-text-2">{text.unkept(unkept)}</span> : null}
              {redelivery_of === null ? null : (
                <span className="text-xs text-text-2">{text.redelivered}</span>
              )}
            </span>
          ),
        },
        { key: 'status', header: text.status, cell: ({ status }) => status, hideBelow: 'md' },
        {
          key: 'from',
          header: text.from,
          cell: ({ address }) => <span className="font-mono text-xs">{address}</span>,
          hideBelow: 'sm',
        },
        {
          key: 'size',
          header: text.bytes,
          cell: ({ size_bytes }) => text.bytesTold(size_bytes),
          align: 'right',
          hideBelow: 'lg',
        },
        {
          key: 'event',
          header: text.event,
          cell: ({ id, event, verdict }) =>
            event === null ? null : (
              <span className="flex items-center gap-1">
                <Link href={`/events/${event}`} className="text-accent underline underline-offset-2">
                  {text.eventLink(event)}
                </Link>
                {verdict === 'accepted' ? (
                  <IconButton
                    size="sm"
                    label={text.againFor(id)}
                    icon={<RotateCcw />}
                    onClick={() => again.mutate({ ref: triggerRef, id })}
                  />
                ) : null}
              </span>
            ),
        },
      ]}
    />
  );
}
