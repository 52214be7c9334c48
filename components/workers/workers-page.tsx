'use client';

import { useQuery } from '@tanstack/react-query';
import { Server } from 'lucide-react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { VisuallyHidden } from '@/components/ui/visually-hidden';
import { CordonButton } from './cordon-button';
import { readWalls } from './read-walls';

const text = strings.workers;
const tones = { active: 'completed', draining: 'waiting', offline: 'failed' } as const;

/** The processes that carry out executions: whether they live, how busy they are, and how strong their walls are. */
export function WorkersPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.workers.list.queryOptions(undefined, { refetchInterval: 5_000 }));
  return (
    <>
      <PageHeader title={text.title} description={text.description} />
      <QueryState query={query}>
        {(workers) =>
          workers.length === 0 ? (
            <EmptyState icon={<Server />} title={text.empty} description={text.emptyHint} />
          ) : (
            <div className="px-4 pb-8 md:px-6">
              <Table
                label={text.title}
                rows={workers}
                rowKey={({ id }) => id}
                columns={[
                  {
                    key: 'name',
                    header: text.name,
                    cell: ({ name, host, pid }) => (
                      <span>
                        <span className="font-medium">{name}</span>{' '}
                        <span className="text-text-3">
                          {host}:{pid}
                        </span>
                      </span>
                    ),
                  },
                  {
                    key: 'status',
                    header: text.status,
                    cell: ({ status, cordonedAt, cordonedBy, cordonReason }) =>
                      cordonedAt === null || status === 'offline' ? (
                        <Badge tone={tones[status]}>{text.statuses[status]}</Badge>
                      ) : (
                        <div className="max-w-xs whitespace-normal">
                          <Badge tone="waiting">{text.cordoned}</Badge>
                          <p className="text-sm text-text-2">
                            {text.cordonedBy(cordonedBy ?? '', cordonReason)}
                          </p>
                        </div>
                      ),
                  },
                  {
                    key: 'slots',
                    header: text.busy,
                    cell: ({ busy, slots }) => (
                      <span className="tabular-nums">{text.busyOf(busy, slots)}</span>
                    ),
                  },
                  {
                    key: 'sandbox',
                    header: text.walls,
                    cell: ({ sandbox }) => <WallsCell text={sandbox} />,
                    hideBelow: 'md',
                  },
                  {
                    key: 'runtimes',
                    header: text.runtimes,
                    cell: ({ runtimes }) => (
                      <span className="text-text-2">
                        {Object.entries(runtimes)
                          .map(([name, version]) =>
                            `${name} ${typeof version === 'string' ? version : ''}`.trim(),
                          )
                          .join(', ')}
                      </span>
                    ),
                    hideBelow: 'lg',
                  },
                  {
                    key: 'heartbeat',
                    header: text.heartbeat,
                    cell: ({ heartbeatAt }) => <RelativeTime value={heartbeatAt} />,
                    hideBelow: 'md',
                  },
                  {
                    key: 'actions',
                    header: <VisuallyHidden>{text.actions}</VisuallyHidden>,
                    cell: (worker) =>
                      worker.mayManage && worker.status !== 'offline' ? (
                        <CordonButton worker={worker} />
                      ) : null,
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

/** The level, and in words what holds behind it and what does not. */
function WallsCell({ text: said }: { text: string }) {
  const { level, holds, missing } = readWalls(said);
  return (
    <div className="max-w-sm whitespace-normal">
      <span className="font-medium">{level}</span>
      {missing.length > 0 ? (
        <p className="text-sm text-text-2">
          {text.notHeld} {missing.join(', ')}
        </p>
      ) : null}
      {holds.length > 0 ? (
        <details className="text-sm text-text-2">
          <summary className="cursor-pointer">{text.holds(holds.length)}</summary>
          {holds.join(', ')}
        </details>
      ) : null}
    </div>
  );
}
