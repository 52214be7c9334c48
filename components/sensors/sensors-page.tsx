'use client';

import { useQuery } from '@tanstack/react-query';
import { Eye, Plus } from 'lucide-react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { SensorState } from './sensor-state';

const text = strings.sensors;

/** Every sensor that the tenant sees, and whether it runs. */
export function SensorsPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.sensors.list.queryOptions(undefined, { refetchInterval: 10_000 }));
  const create = (
    <Button variant="primary" icon={<Plus />} href="/sensors/new">
      {text.create}
    </Button>
  );
  return (
    <>
      <PageHeader title={text.title} description={text.description} actions={create} />
      <QueryState query={query}>
        {(sensors) =>
          sensors.length === 0 ? (
            <EmptyState icon={<Eye />} title={text.empty} description={text.emptyHint} action={create} />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <Table
                label={text.title}
                rows={sensors}
                rowKey={({ ref }) => ref}
                rowHref={({ ref }) => `/sensors/${ref}`}
                columns={[
                  {
                    key: 'ref',
                    header: text.sensor,
                    cell: ({ ref, label }) => (
                      <span>
                        <span className="font-medium">{ref}</span>{' '}
                        <span className="text-text-2">{label === ref ? '' : label}</span>
                      </span>
                    ),
                  },
                  { key: 'state', header: text.state, cell: ({ state }) => <SensorState state={state} /> },
                  {
                    key: 'triggers',
                    header: text.triggers,
                    cell: ({ triggerRefs }) => <span className="text-text-2">{triggerRefs.join(', ')}</span>,
                    hideBelow: 'md',
                  },
                  {
                    key: 'since',
                    header: text.since,
                    cell: ({ startedAt }) => (startedAt ? <RelativeTime value={startedAt} /> : ''),
                    hideBelow: 'sm',
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
