'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Radio } from 'lucide-react';
import Link from 'next/link';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { EmptyState } from '@/components/ui/empty-state';
import { More } from '@/components/ui/more';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Select } from '@/components/ui/select';
import { Table } from '@/components/ui/table';
import { Tabs } from '@/components/ui/tabs';
import { useUrlState } from '@/components/ui/use-url-state';
import { EnforcementsView } from './enforcements-view';

const text = strings.events;
type Event = RouterOutputs['events']['list']['items'][number];

/** What happened, and what rules started. */
export function EventsPage() {
  const [view, setView] = useUrlState('view', 'events');
  return (
    <>
      <PageHeader title={text.title} description={text.description} />
      <div className="px-4 pb-8 md:px-6">
        <Tabs
          label={text.views}
          value={view}
          onValueChange={setView}
          tabs={[
            { value: 'events', label: text.title, content: <EventsView /> },
            { value: 'enforcements', label: text.enforcementsTitle, content: <EnforcementsView /> },
          ]}
        />
      </div>
    </>
  );
}

/** What happened, newest first, and how many rules answered. */
function EventsView() {
  const trpc = useTRPC();
  const [triggerRef, setTriggerRef] = useUrlState('trigger', 'all');
  const triggers = useQuery(trpc.triggers.list.queryOptions());
  const query = useInfiniteQuery(
    trpc.events.list.infiniteQueryOptions(
      { limit: 50, ...(triggerRef === 'all' ? {} : { triggerRef }) },
      { getNextPageParam: (page) => page.next ?? undefined },
    ),
  );
  const options = [
    { value: 'all', label: text.allTriggers },
    ...(triggers.data ?? []).map(({ ref, label }) => ({ value: ref, label: `${label} (${ref})` })),
  ];
  return (
    <div className="space-y-3 pt-3">
      <Select label={text.trigger} value={triggerRef} onValueChange={setTriggerRef} options={options} />
      <QueryState query={query}>
        {({ pages }) => {
          const events = pages.flatMap((page) => page.items);
          return events.length === 0 ? (
            <EmptyState icon={<Radio />} title={text.empty} description={text.emptyHint} />
          ) : (
            <>
              <EventTable events={events} />
              <More query={query} />
            </>
          );
        }}
      </QueryState>
    </div>
  );
}

/** Events as rows: what, when, and how the rules answered. */
export function EventTable({ events }: { events: readonly Event[] }) {
  return (
    <Table
      label={text.title}
      rows={events}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'event',
          header: text.event,
          cell: ({ id, triggerRef }) => (
            <Link href={`/events/${id}`} className="font-medium hover:underline">
              {triggerRef} <span className="font-normal text-text-3">#{id}</span>
            </Link>
          ),
        },
        {
          key: 'source',
          header: text.source,
          cell: ({ source }) => (
            <span className="text-text-2">
              {source in text.sources ? text.sources[source as keyof typeof text.sources] : source}
            </span>
          ),
          hideBelow: 'sm',
        },
        { key: 'rules', header: text.rules, cell: (event) => <RuleCounts event={event} /> },
        { key: 'created', header: text.when, cell: ({ created }) => <RelativeTime value={created} /> },
      ]}
    />
  );
}

/** How the rules on the trigger answered, in words. */
export function RuleCounts({
  event,
}: {
  event: Pick<Event, 'processedAt' | 'matched' | 'silent' | 'failed'>;
}) {
  if (event.processedAt === null) return <Badge tone="queued">{text.asking}</Badge>;
  if (event.matched + event.silent + event.failed === 0)
    return <span className="text-text-2">{text.noRules}</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {event.matched > 0 ? <Badge tone="completed">{text.matched(event.matched)}</Badge> : null}
      {event.silent > 0 ? <Badge tone="neutral">{text.silent(event.silent)}</Badge> : null}
      {event.failed > 0 ? <Badge tone="failed">{text.failed(event.failed)}</Badge> : null}
    </span>
  );
}
