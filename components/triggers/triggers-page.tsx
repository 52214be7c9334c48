'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus, Zap } from 'lucide-react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { useUrlState } from '@/components/ui/use-url-state';
import { CreateTriggerDialog } from './create-trigger-dialog';

const text = strings.triggers;

/** Every trigger that the tenant sees, and when it last fired. */
export function TriggersPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.triggers.list.queryOptions());
  const [isNew, setNew] = useUrlState('new', '');
  const create = (
    <Button variant="primary" icon={<Plus />} onClick={() => setNew('1')}>
      {text.create}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.title} description={text.description} actions={create} />
      <QueryState query={query}>
        {(triggers) =>
          triggers.length === 0 ? (
            <EmptyState icon={<Zap />} title={text.empty} description={text.emptyHint} action={create} />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <Table
                label={text.title}
                rows={triggers}
                rowKey={({ ref }) => ref}
                rowHref={({ ref }) => `/triggers/${ref}`}
                columns={[
                  {
                    key: 'ref',
                    header: text.trigger,
                    cell: ({ ref, label }) => (
                      <span>
                        <span className="font-medium">{ref}</span>{' '}
                        <span className="text-text-2">{label}</span>
                      </span>
                    ),
                  },
                  {
                    key: 'webhook',
                    header: text.webhook,
                    cell: ({ webhookEnabled }) => (
                      <Badge tone={webhookEnabled ? 'success' : 'neutral'}>
                        {webhookEnabled ? text.webhookOn : text.webhookOff}
                      </Badge>
                    ),
                  },
                  {
                    key: 'rules',
                    header: text.rules,
                    cell: ({ rules }) => rules,
                    align: 'right',
                    hideBelow: 'sm',
                  },
                  {
                    key: 'last',
                    header: text.lastEvent,
                    cell: ({ lastEvent }) => (lastEvent ? <RelativeTime value={lastEvent} /> : text.never),
                    hideBelow: 'md',
                  },
                ]}
              />
            </div>
          )
        }
      </QueryState>
      {isNew ? <CreateTriggerDialog onClose={() => setNew('')} /> : null}
    </>
  );
}
