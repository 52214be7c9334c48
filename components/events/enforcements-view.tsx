'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { GitBranch } from 'lucide-react';
import Link from 'next/link';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { EmptyState } from '@/components/ui/empty-state';
import { More } from '@/components/ui/more';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Select } from '@/components/ui/select';
import { StatusBadge } from '@/components/ui/status-badge';
import { Table } from '@/components/ui/table';
import { useUrlState } from '@/components/ui/use-url-state';

const text = strings.events;
type Enforcement = RouterOutputs['events']['enforcements']['items'][number];

/** What rules started, newest first. */
export function EnforcementsView() {
  const trpc = useTRPC();
  const [ruleRef, setRuleRef] = useUrlState('rule', 'all');
  const rules = useQuery(trpc.rules.list.queryOptions());
  const query = useInfiniteQuery(
    trpc.events.enforcements.infiniteQueryOptions(
      { limit: 50, ...(ruleRef === 'all' ? {} : { ruleRef }) },
      { getNextPageParam: (page) => page.next ?? undefined },
    ),
  );
  const options = [
    { value: 'all', label: text.allRules },
    ...(rules.data ?? []).map(({ ref, label }) => ({ value: ref, label: `${label} (${ref})` })),
  ];
  return (
    <div className="space-y-3 pt-3">
      <Select label={text.rule} value={ruleRef} onValueChange={setRuleRef} options={options} />
      <QueryState query={query}>
        {({ pages }) => {
          const enforcements = pages.flatMap((page) => page.items);
          return enforcements.length === 0 ? (
            <EmptyState
              icon={<GitBranch />}
              title={text.noEnforcement}
              description={text.noEnforcementHint}
            />
          ) : (
            <>
              <EnforcementTable enforcements={enforcements} />
              <More query={query} />
            </>
          );
        }}
      </QueryState>
    </div>
  );
}

function EnforcementTable({ enforcements }: { enforcements: readonly Enforcement[] }) {
  return (
    <Table
      label={text.enforcementsTitle}
      rows={enforcements}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'rule',
          header: text.rule,
          cell: ({ id, ruleRef, eventId }) => (
            <span className="break-words">
              <Link href={`/rules/${ruleRef}`} className="font-medium hover:underline">
                {ruleRef} <span className="font-normal text-text-3">#{id}</span>
              </Link>
              <Link
                href={`/events/${eventId}`}
                className="block text-text-2 underline underline-offset-2 md:hidden"
              >
                {text.earlierEvent(eventId)}
              </Link>
            </span>
          ),
        },
        {
          key: 'event',
          header: text.event,
          cell: ({ eventId, triggerRef }) => (
            <Link href={`/events/${eventId}`} className="hover:underline">
              {triggerRef} <span className="text-text-3">#{eventId}</span>
            </Link>
          ),
          hideBelow: 'md',
        },
        { key: 'execution', header: text.started, cell: (enforcement) => <Started {...enforcement} /> },
        {
          key: 'created',
          header: text.when,
          cell: ({ created }) => <RelativeTime value={created} />,
          hideBelow: 'sm',
        },
      ]}
    />
  );
}

/** Its execution with how that stands, or why there is none. */
function Started({ executionId, executionState, actionRef, error }: Enforcement) {
  if (executionId === null) return <span className="text-text-2">{error ?? text.nothingStarted}</span>;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <Link href={`/executions/${executionId}`} className="hover:underline">
        {text.execution(actionRef, executionId)}
      </Link>
      {executionState === null ? null : <StatusBadge state={executionState} />}
    </span>
  );
}
