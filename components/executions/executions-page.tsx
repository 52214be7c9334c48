'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Activity } from 'lucide-react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterInputs } from '@/components/trpc';
import { EmptyState } from '@/components/ui/empty-state';
import { Input } from '@/components/ui/input';
import { More } from '@/components/ui/more';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { Select } from '@/components/ui/select';
import { useUrlState } from '@/components/ui/use-url-state';
import { ExecutionTable } from './execution-table';

const text = strings.executions;

type States = NonNullable<RouterInputs['executions']['list']['states']>;

const filters: Record<string, States | undefined> = {
  all: undefined,
  open: ['requested', 'delayed', 'queued', 'scheduled', 'running', 'waiting', 'paused', 'canceling'],
  running: ['running', 'canceling'],
  waiting: ['waiting', 'paused', 'delayed', 'queued'],
  troubled: ['failed', 'timeout', 'abandoned'],
  completed: ['completed'],
  cancelled: ['cancelled'],
};

/** Every run of the tenant, newest first; filters live in the URL. */
export function ExecutionsPage() {
  const trpc = useTRPC();
  const [state, setState] = useUrlState('state', 'all');
  const [actionRef, setActionRef] = useUrlState('action', '');
  const [scope, setScope] = useUrlState('scope', 'roots');
  const states = filters[state];
  const query = useInfiniteQuery(
    trpc.executions.list.infiniteQueryOptions(
      {
        limit: 50,
        rootsOnly: scope === 'roots',
        ...(states ? { states } : {}),
        ...(actionRef.trim() ? { actionRef: actionRef.trim() } : {}),
      },
      { getNextPageParam: (page) => page.next ?? undefined },
    ),
  );
  return (
    <>
      <PageHeader title={text.title} description={text.description} />
      <div className="flex flex-wrap items-end gap-3 px-4 pb-3 md:px-6">
        <Select
          label={text.state}
          value={state}
          onValueChange={setState}
          options={Object.keys(filters).map((value) => ({
            value,
            label: text.filters[value as keyof typeof text.filters],
          }))}
        />
        <Input
          aria-label={text.actionFilter}
          placeholder={text.actionFilter}
          value={actionRef}
          onChange={(event) => setActionRef(event.target.value)}
          className="w-64"
        />
        <Select
          label={text.scope}
          value={scope}
          onValueChange={setScope}
          options={[
            { value: 'roots', label: text.scopes.roots },
            { value: 'all', label: text.scopes.all },
          ]}
        />
      </div>
      <QueryState query={query}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items);
          return items.length === 0 ? (
            <EmptyState
              icon={<Activity />}
              title={state === 'all' && !actionRef ? text.empty : text.nothingMatches}
              description={text.emptyHint}
            />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <ExecutionTable executions={items} label={text.title} />
              <More query={query} />
            </div>
          );
        }}
      </QueryState>
    </>
  );
}
