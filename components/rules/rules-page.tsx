'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { GitBranch, Plus } from 'lucide-react';
import Link from 'next/link';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Switch } from '@/components/ui/switch';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';

const text = strings.rules;

/** Every rule, with its switch. */
export function RulesPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.rules.list.queryOptions());
  const setEnabled = useMutation(
    trpc.rules.setEnabled.mutationOptions({
      onSettled: () => void query.refetch(),
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  const create = (
    <Button variant="primary" icon={<Plus />} href="/rules/new">
      {text.create}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.title} description={text.description} actions={create} />
      <QueryState query={query}>
        {(rules) =>
          rules.length === 0 ? (
            <EmptyState
              icon={<GitBranch />}
              title={text.empty}
              description={text.emptyHint}
              action={create}
            />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <Table
                label={text.title}
                rows={rules}
                rowKey={({ ref }) => ref}
                columns={[
                  {
                    key: 'ref',
                    header: text.rule,
                    cell: ({ ref, label }) => (
                      <Link href={`/rules/${ref}`} className="hover:underline">
                        <span className="font-medium">{ref}</span>{' '}
                        <span className="text-text-2">{label}</span>
                      </Link>
                    ),
                  },
                  {
                    key: 'flow',
                    header: text.when,
                    cell: ({ triggerRef, actionRef }) => (
                      <span className="text-text-2">
                        {triggerRef} → {actionRef}
                      </span>
                    ),
                    hideBelow: 'md',
                  },
                  {
                    key: 'enabled',
                    header: text.enabled,
                    cell: ({ ref, enabled }) => (
                      <Switch
                        label={`${text.enabled}: ${ref}`}
                        labelHidden
                        checked={enabled}
                        onCheckedChange={(next) => setEnabled.mutate({ ref, enabled: next })}
                      />
                    ),
                  },
                  {
                    key: 'updated',
                    header: text.updated,
                    cell: ({ updated }) => <RelativeTime value={updated} />,
                    hideBelow: 'lg',
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
