'use client';

import type { ReactNode } from 'react';
import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Table } from '@/components/ui/table';

const text = strings.access;
type Role = RouterOutputs['access']['roles'][number];

export interface Group extends Pick<Role, 'members' | 'sets'> {
  key: string;
  label: ReactNode;
  /** Read out for its button. */
  name: string;
}

/** Teams or roles: who, and what they give. */
export function GroupTable({
  label,
  groups,
  onOpen,
}: {
  label: string;
  groups: readonly Group[];
  onOpen: (key: string) => void;
}) {
  return (
    <Table
      label={label}
      rows={groups}
      rowKey={({ key }) => key}
      columns={[
        { key: 'name', header: text.name, cell: (group) => group.label },
        {
          key: 'members',
          header: text.members,
          cell: ({ members }) =>
            members.length > 3
              ? members.length
              : members.map(({ displayName }) => displayName).join(', ') || strings.common.nothing,
          hideBelow: 'sm',
        },
        {
          key: 'sets',
          header: text.sets,
          cell: ({ sets }) => (
            <span className="flex flex-wrap gap-1">
              {sets.map(({ id, setRef, packRef }) => (
                <Badge key={id}>{packRef === null ? setRef : `${setRef} ${text.onlyPack(packRef)}`}</Badge>
              ))}
            </span>
          ),
        },
        {
          key: 'open',
          header: strings.common.actions,
          align: 'right',
          cell: ({ key, name }) => (
            <Button size="sm" variant="ghost" aria-label={text.open(name)} onClick={() => onOpen(key)}>
              {strings.common.open}
            </Button>
          ),
        },
      ]}
    />
  );
}
