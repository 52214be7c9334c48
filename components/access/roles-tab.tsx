'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IdCard } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { QueryState } from '@/components/ui/query-state';
import { toast } from '@/components/ui/toast';
import { GroupDialog } from './group-dialog';
import { GroupTable } from './group-table';

const text = strings.access;

interface Props {
  isMaking: boolean;
  onMade: () => void;
}

/** The roles of the tenant: names that join people to permission sets. */
export function RolesTab({ isMaking, onMade }: Props) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const query = useQuery(trpc.access.roles.queryOptions());
  const [open, setOpen] = useState<string | null>(null);
  const told = {
    onSuccess: () => queries.invalidateQueries({ queryKey: trpc.access.pathKey() }),
    onError: (cause: unknown) => {
      toast.error(toCallError(cause).message);
    },
  };
  const give = useMutation(trpc.access.giveRole.mutationOptions(told));
  const take = useMutation(trpc.access.takeRole.mutationOptions(told));
  const role = query.data?.find((one) => one.role === open);
  return (
    <>
      <QueryState query={query}>
        {(roles) =>
          roles.length === 0 ? (
            <EmptyState icon={<IdCard />} title={text.roles.empty} description={text.roles.hint} />
          ) : (
            <GroupTable
              label={text.tabs.roles}
              onOpen={setOpen}
              groups={roles.map(({ role: name, members, sets }) => ({
                ...{ key: name, name, members, sets },
                label: <span className="font-medium">{name}</span>,
              }))}
            />
          )
        }
      </QueryState>
      {isMaking ? <NewRole onClose={onMade} onNamed={(name) => (onMade(), setOpen(name))} /> : null}
      {open === null ? null : (
        <GroupDialog
          title={text.roles.title(open)}
          name={open}
          of={{ role: open }}
          members={role?.members ?? []}
          sets={role?.sets ?? []}
          onAdd={(identityId) => give.mutate({ identityId, role: open })}
          onRemove={(identityId) => take.mutate({ identityId, role: open })}
          onClose={() => setOpen(null)}
        />
      )}
    </>
  );
}

function NewRole({ onClose, onNamed }: { onClose: () => void; onNamed: (name: string) => void }) {
  const [name, setName] = useState('');
  const [error, setError] = useState<string | undefined>();
  const submit = () => {
    if (/^[^\s/\\]{1,200}$/.test(name.trim())) onNamed(name.trim());
    else setError(text.roles.nameHint);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.roles.create}
      footer={
        <Button variant="primary" onClick={submit}>
          {strings.common.next}
        </Button>
      }
    >
      <form onSubmit={(event) => (event.preventDefault(), submit())}>
        <Field label={text.name} hint={text.roles.nameHint} error={error} required>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
      </form>
    </Dialog>
  );
}
