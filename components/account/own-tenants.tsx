'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';

const text = strings.account.tenants;

type Tenant = RouterOutputs['auth']['tenants'][number];

/** The tenants that one is in, and how to leave one; nothing for whoever is in one alone. */
export function OwnTenants() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { data: tenants = [] } = useQuery(trpc.auth.tenants.queryOptions());
  const [leaving, setLeaving] = useState<Tenant | null>(null);
  const leave = useMutation(
    trpc.auth.leaveTenant.mutationOptions({
      onSuccess: () => {
        toast.success(text.left(leaving?.name ?? ''));
        return queries.invalidateQueries({ queryKey: trpc.auth.tenants.queryKey() });
      },
    }),
  );
  if (tenants.length < 2) return null;
  return (
    <Card title={text.title} description={text.hint}>
      <Table
        label={text.title}
        rows={tenants}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'name',
            header: text.name,
            cell: ({ name, isThis, isHome }) => (
              <span className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{name}</span>
                {isThis ? <Badge tone="success">{text.this}</Badge> : null}
                {isHome ? <Badge>{text.home}</Badge> : null}
              </span>
            ),
          },
          {
            key: 'actions',
            header: strings.common.actions,
            align: 'right',
            cell: (tenant) =>
              tenant.isHome || tenant.isThis ? null : (
                <Button
                  size="sm"
                  variant="ghost"
                  aria-label={text.leaveOf(tenant.name)}
                  onClick={() => setLeaving(tenant)}
                >
                  {text.leave}
                </Button>
              ),
          },
        ]}
      />
      <ConfirmDialog
        open={leaving !== null}
        onOpenChange={(open) => open || setLeaving(null)}
        title={text.leaveTitle(leaving?.name ?? '')}
        description={text.leaveHint}
        confirmLabel={text.leave}
        onConfirm={() => leaving && leave.mutateAsync({ tenantId: leaving.id })}
      />
    </Card>
  );
}
