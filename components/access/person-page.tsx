'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Card } from '@/components/ui/card';
import { IconButton } from '@/components/ui/icon-button';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { AssignDialog } from './assign-dialog';
import { describeLimits } from './sets-tab';

const text = strings.access;
type Resolved = RouterOutputs['access']['resolved'];
type Reason = Resolved['rights'][number]['reasons'][number];

/** One person: what they hold, and what they may do, with the reasons. */
export function PersonPage({ id }: { id: number }) {
  const trpc = useTRPC();
  const people = useQuery(trpc.people.list.queryOptions());
  const query = useQuery(trpc.access.resolved.queryOptions({ identityId: id }));
  const queries = useQueryClient();
  const take = useMutation(
    trpc.access.take.mutationOptions({
      onSuccess: () => queries.invalidateQueries({ queryKey: trpc.access.pathKey() }),
      onError: (cause) => toast.error(toCallError(cause).message),
    }),
  );
  const [isAssigning, setIsAssigning] = useState(false);
  const person = people.data?.find((one) => one.id === id);
  const name = person?.displayName ?? String(id);
  return (
    <>
      <PageHeader
        title={name}
        description={person?.login}
        breadcrumbs={[{ label: strings.people.title, href: '/people' }, { label: name }]}
        actions={
          <Button icon={<Plus />} onClick={() => setIsAssigning(true)}>
            {text.assign}
          </Button>
        }
      />
      <QueryState query={query}>
        {({ holdings, rights, isNewcomer }) => (
          <div className="grid max-w-5xl gap-6 px-4 pb-10 md:px-6">
            <Card title={text.person.holds} description={text.person.holdsHint}>
              {isNewcomer ? <Callout kind="info">{text.person.newcomer}</Callout> : null}
              <ul className="space-y-1 text-sm" aria-label={text.person.holds}>
                {holdings.map(({ assignmentId, setRef, setLabel, packRef, via, name: of }) => (
                  <li key={`${via} ${assignmentId}`} className="flex items-center gap-2">
                    <span className="min-w-0 flex-1">
                      <span className="font-medium">{setLabel}</span>{' '}
                      <span className="text-text-2">
                        {setRef}, {text.person.via[via]} {of}
                      </span>{' '}
                      {packRef === null ? null : <Badge tone="info">{text.onlyPack(packRef)}</Badge>}
                    </span>
                    {via === 'identity' ? (
                      <IconButton
                        label={text.takeSet(setRef)}
                        icon={<X />}
                        onClick={() => take.mutate({ kind: 'assignment', id: assignmentId })}
                      />
                    ) : null}
                  </li>
                ))}
              </ul>
            </Card>
            <Card title={text.person.may} description={text.person.mayHint}>
              <Table
                label={text.person.may}
                rows={rights.toSorted(byName)}
                rowKey={({ resource, action }) => `${resource}:${action}`}
                columns={[
                  {
                    key: 'right',
                    header: text.person.right,
                    cell: ({ resource, action }) => (
                      <span className="font-mono text-xs">{`${resource}:${action}`}</span>
                    ),
                  },
                  {
                    key: 'reasons',
                    header: text.person.because,
                    cell: ({ reasons }) => (
                      <ul className="space-y-0.5">
                        {reasons.map((reason, index) => (
                          <li key={index}>{toText(reason)}</li>
                        ))}
                      </ul>
                    ),
                  },
                ]}
              />
            </Card>
          </div>
        )}
      </QueryState>
      {isAssigning ? (
        <AssignDialog to={{ identityId: id }} name={name} onClose={() => setIsAssigning(false)} />
      ) : null}
    </>
  );
}

const byName = (a: Resolved['rights'][number], b: Resolved['rights'][number]) =>
  `${a.resource}:${a.action}`.localeCompare(`${b.resource}:${b.action}`);

function toText({ setRef, via, name, constraints }: Reason): string {
  const source =
    setRef === null || via === null
      ? text.person.everybody
      : `${setRef} (${[text.person.via[via], name].filter(Boolean).join(' ')})`;
  return constraints ? `${source}, ${describeLimits(constraints)}` : source;
}
