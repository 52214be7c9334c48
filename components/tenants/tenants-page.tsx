'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { NewTenant } from './new-tenant';

const text = strings.tenants;
type Tenant = RouterOutputs['tenants']['list'][number];

/** The tenants of the installation, for those who keep it. */
export function TenantsPage() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const query = useQuery(trpc.tenants.list.queryOptions());
  const [isMaking, setIsMaking] = useState(false);
  const [leaving, setLeaving] = useState<Tenant | null>(null);
  const change = useMutation(
    trpc.tenants.setSuspended.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.tenants.pathKey() }),
      onError: (cause) => toast.error(toCallError(cause).message),
    }),
  );
  return (
    <>
      <PageHeader
        title={text.title}
        description={text.description}
        actions={
          <Button variant="primary" icon={<Plus />} onClick={() => setIsMaking(true)}>
            {text.create}
          </Button>
        }
      />
      <QueryState query={query}>
        {(tenants) => (
          <div className="px-4 pb-8 md:px-6">
            <Table
              label={text.title}
              rows={tenants}
              rowKey={({ id }) => id}
              columns={[
                {
                  key: 'name',
                  header: text.name,
                  cell: ({ name, slug }) => (
                    <span>
                      <span className="font-medium">{name}</span> <span className="text-text-2">{slug}</span>
                    </span>
                  ),
                },
                { key: 'people', header: text.people, cell: ({ people }) => people, hideBelow: 'sm' },
                {
                  key: 'status',
                  header: text.status,
                  cell: ({ suspendedAt }) => (
                    <Badge tone={suspendedAt ? 'warning' : 'success'}>
                      {suspendedAt ? text.suspended : text.active}
                    </Badge>
                  ),
                },
                {
                  key: 'created',
                  header: strings.common.created,
                  cell: ({ created }) => <RelativeTime value={created} />,
                  hideBelow: 'md',
                },
                {
                  key: 'actions',
                  header: strings.common.actions,
                  align: 'right',
                  cell: (tenant) => (
                    <Button
                      size="sm"
                      variant="ghost"
                      aria-label={
                        tenant.suspendedAt ? text.resumeOf(tenant.name) : text.suspendOf(tenant.name)
                      }
                      onClick={() =>
                        tenant.suspendedAt
                          ? change.mutate({ id: tenant.id, suspended: false })
                          : setLeaving(tenant)
                      }
                    >
                      {tenant.suspendedAt ? text.resume : text.suspend}
                    </Button>
                  ),
                },
              ]}
            />
          </div>
        )}
      </QueryState>
      {isMaking ? <NewTenant onClose={() => setIsMaking(false)} /> : null}
      <ConfirmDialog
        open={leaving !== null}
        onOpenChange={() => setLeaving(null)}
        title={text.suspendTitle(leaving?.name ?? '')}
        description={text.suspendDescription}
        confirmLabel={text.suspend}
        onConfirm={() => (leaving ? change.mutateAsync({ id: leaving.id, suspended: true }) : null)}
      />
    </>
  );
}
