'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { toDevice } from './device';

const text = strings.account.sessions;

/** Where one is signed in, and how to end it. */
export function Sessions() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const query = useQuery(trpc.auth.sessions.queryOptions());
  const [isLeaving, setIsLeaving] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.auth.sessions.queryKey() });
  const end = useMutation(
    trpc.auth.endSession.mutationOptions({
      onSuccess: refresh,
      onError: (cause) => toast.error(toCallError(cause).message),
    }),
  );
  const endOthers = useMutation(
    trpc.auth.endOtherSessions.mutationOptions({
      onSuccess: (count) => {
        toast.success(text.ended(count));
        return refresh();
      },
    }),
  );
  return (
    <Card
      title={text.title}
      description={text.hint}
      actions={
        <Button size="sm" onClick={() => setIsLeaving(true)}>
          {text.endOthers}
        </Button>
      }
    >
      <QueryState query={query}>
        {(sessions) => (
          <Table
            label={text.title}
            rows={sessions}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'device',
                header: text.device,
                cell: ({ userAgent, token, tenantName, isThis }) => (
                  <span>
                    <span className="font-medium">{token ?? toDevice(userAgent)}</span>{' '}
                    {isThis ? <Badge tone="success">{text.this}</Badge> : null}
                    <span className="block text-xs text-text-2">{tenantName}</span>
                  </span>
                ),
              },
              { key: 'address', header: text.address, cell: ({ address }) => address, hideBelow: 'sm' },
              {
                key: 'seen',
                header: text.lastUsed,
                cell: ({ lastSeen }) => <RelativeTime value={lastSeen} />,
              },
              {
                key: 'actions',
                header: strings.common.actions,
                align: 'right',
                cell: ({ id, isThis, userAgent, token }) =>
                  isThis ? null : (
                    <Button
                      size="sm"
                      variant="ghost"
                      aria-label={text.endOf(token ?? toDevice(userAgent))}
                      onClick={() => end.mutate({ id })}
                    >
                      {text.end}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </QueryState>
      <ConfirmDialog
        open={isLeaving}
        onOpenChange={setIsLeaving}
        title={text.endOthersTitle}
        description={text.endOthersDescription}
        confirmLabel={text.endOthers}
        onConfirm={() => endOthers.mutateAsync()}
      />
    </Card>
  );
}
