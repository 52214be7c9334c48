'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Table } from '@/components/ui/table';
import { PersonDialog } from './person-dialog';

const text = strings.people;
type Person = RouterOutputs['people']['list'][number];

/** Who may sign in, and with which permission sets. */
export function PeopleList({ isMaking, onMade }: { isMaking: boolean; onMade: () => void }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.people.list.queryOptions());
  const [open, setOpen] = useState<Person | null>(null);
  return (
    <>
      <QueryState query={query}>
        {(people) => (
          <Table
            label={text.title}
            rows={people}
            rowKey={({ id }) => id}
            rowHref={({ id }) => `/people/${id}`}
            columns={[
              {
                key: 'person',
                header: text.person,
                cell: ({ displayName, login }) => (
                  <span>
                    <span className="font-medium">{displayName}</span>{' '}
                    <span className="text-text-2">{login}</span>
                  </span>
                ),
              },
              {
                key: 'sets',
                header: text.permissionSets,
                cell: ({ permissionSets }) => (
                  <span className="flex flex-wrap gap-1">
                    {permissionSets.map((ref) => (
                      <Badge key={ref}>{ref}</Badge>
                    ))}
                  </span>
                ),
              },
              {
                key: 'status',
                header: text.status,
                cell: ({ frozen }) => (
                  <Badge tone={frozen ? 'warning' : 'success'}>{frozen ? text.frozen : text.active}</Badge>
                ),
                hideBelow: 'sm',
              },
              {
                key: 'seen',
                header: text.lastSeen,
                cell: ({ lastSeen }) => (lastSeen ? <RelativeTime value={lastSeen} /> : text.never),
                hideBelow: 'md',
              },
              {
                key: 'edit',
                header: strings.common.actions,
                cell: (person) => (
                  <Button
                    size="sm"
                    variant="ghost"
                    aria-label={text.edit(person.displayName)}
                    onClick={() => setOpen(person)}
                  >
                    {strings.common.edit}
                  </Button>
                ),
                align: 'right',
              },
            ]}
          />
        )}
      </QueryState>
      {isMaking ? <PersonDialog person={null} onClose={onMade} /> : null}
      {open === null ? null : <PersonDialog person={open} onClose={() => setOpen(null)} />}
    </>
  );
}
