'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus, SquareTerminal } from 'lucide-react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { Input } from '@/components/ui/input';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { useUrlState } from '@/components/ui/use-url-state';

const text = strings.actions;

/** Every action that the tenant sees, by ref. */
export function ActionsPage() {
  const trpc = useTRPC();
  const [search, setSearch] = useUrlState('search', '');
  const query = useQuery(trpc.actions.list.queryOptions());
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (
    <>
      <PageHeader
        title={text.title}
        description={text.description}
        actions={
          <Button variant="primary" icon={<Plus />} href="/actions/new">
            {text.create}
          </Button>
        }
      />
      <div className="px-4 pb-3 md:px-6">
        <Input
          aria-label={text.search}
          placeholder={text.search}
          value={search}
          onChange={(event) => setSearch(event.target.value, { replace: true })}
          className="max-w-sm"
        />
      </div>
      <QueryState query={query}>
        {(actions) => {
          const shown = actions.filter((action) =>
            words.every((word) =>
              `${action.ref} ${action.label} ${action.description}`.toLowerCase().includes(word),
            ),
          );
          return shown.length === 0 ? (
            <EmptyState icon={<SquareTerminal />} title={text.empty} description={text.emptyHint} />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <Table
                label={text.title}
                rows={shown}
                rowKey={({ ref }) => ref}
                rowHref={({ ref }) => `/actions/${ref}`}
                columns={[
                  {
                    key: 'ref',
                    header: text.action,
                    cell: ({ ref, label }) => (
                      <span>
                        <span className="font-medium">{ref}</span>{' '}
                        <span className="text-text-2">{label}</span>
                      </span>
                    ),
                  },
                  {
                    key: 'description',
                    header: text.whatItDoes,
                    cell: ({ description }) => (
                      <span className="line-clamp-1 max-w-lg text-text-2">{description}</span>
                    ),
                    hideBelow: 'lg',
                  },
                  {
                    key: 'runtime',
                    header: text.runtime,
                    cell: ({ runtime }) => <Badge>{text.runtimes[runtime]}</Badge>,
                  },
                  {
                    key: 'updated',
                    header: text.updated,
                    cell: ({ updated }) => <RelativeTime value={updated} />,
                    hideBelow: 'md',
                  },
                ]}
              />
            </div>
          );
        }}
      </QueryState>
    </>
  );
}
