'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Users } from 'lucide-react';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog } from '@/components/ui/dialog';
import { EmptyState } from '@/components/ui/empty-state';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { QueryState } from '@/components/ui/query-state';
import { toast } from '@/components/ui/toast';
import { GroupDialog } from './group-dialog';
import { GroupTable } from './group-table';

const text = strings.access;
type Team = RouterOutputs['access']['teams'][number];

interface Props {
  isMaking: boolean;
  onMade: () => void;
}

/** The teams of the tenant. */
export function TeamsTab({ isMaking, onMade }: Props) {
  const trpc = useTRPC();
  const query = useQuery(trpc.access.teams.queryOptions());
  const [openId, setOpenId] = useState<number | null>(null);
  const open = query.data?.find(({ id }) => id === openId);
  return (
    <>
      <QueryState query={query}>
        {(teams) =>
          teams.length === 0 ? (
            <EmptyState icon={<Users />} title={text.teams.empty} description={text.teams.emptyHint} />
          ) : (
            <GroupTable
              label={text.tabs.teams}
              onOpen={(key) => setOpenId(Number(key))}
              groups={teams.map(({ id, name, label, members, sets }) => ({
                ...{ key: String(id), name, members, sets },
                label: (
                  <span>
                    <span className="font-medium">{label}</span> <span className="text-text-2">{name}</span>
                  </span>
                ),
              }))}
            />
          )
        }
      </QueryState>
      {isMaking ? <NewTeam onClose={onMade} onMade={(id) => (onMade(), setOpenId(id))} /> : null}
      {open ? <TeamDialog team={open} onClose={() => setOpenId(null)} /> : null}
    </>
  );
}

function TeamDialog({ team, onClose }: { team: Team; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [isLeaving, setIsLeaving] = useState(false);
  const refresh = () => queries.invalidateQueries({ queryKey: trpc.access.pathKey() });
  const update = useMutation(
    trpc.access.updateTeam.mutationOptions({
      onSuccess: refresh,
      onError: (cause) => toast.error(toCallError(cause).message),
    }),
  );
  const remove = useMutation(
    trpc.access.removeTeam.mutationOptions({ onSuccess: () => (onClose(), refresh()) }),
  );
  const ids = team.members.map(({ id }) => id);
  return (
    <>
      <GroupDialog
        title={text.teams.title(team.name)}
        name={team.name}
        of={{ teamId: team.id }}
        members={team.members}
        sets={team.sets}
        onAdd={(id) => update.mutate({ id: team.id, members: [...ids, id] })}
        onRemove={(id) => update.mutate({ id: team.id, members: ids.filter((one) => one !== id) })}
        onClose={onClose}
        actions={
          <Button variant="ghost" onClick={() => setIsLeaving(true)}>
            {text.teams.remove}
          </Button>
        }
      />
      <ConfirmDialog
        open={isLeaving}
        onOpenChange={setIsLeaving}
        title={text.teams.removeTitle(team.name)}
        description={text.teams.removeDescription}
        confirmLabel={text.teams.remove}
        onConfirm={() => remove.mutateAsync({ id: team.id })}
      />
    </>
  );
}

function NewTeam({ onClose, onMade }: { onClose: () => void; onMade: (id: number) => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState({ name: '', label: '' });
  const create = useMutation(
    trpc.access.createTeam.mutationOptions({
      onSuccess: async ({ id }) => {
        await queries.invalidateQueries({ queryKey: trpc.access.teams.queryKey() });
        onMade(id);
      },
    }),
  );
  const { failure, errorOf } = useFailure(create.error, draft);
  const submit = () =>
    create.mutate({ name: draft.name.trim(), label: draft.label.trim() || draft.name.trim() });
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.teams.create}
      footer={
        <Button variant="primary" loading={create.isPending} onClick={submit}>
          {text.teams.create}
        </Button>
      }
    >
      <form className="space-y-4" onSubmit={(event) => (event.preventDefault(), submit())}>
        {failure && failure.details.length === 0 ? <Callout kind="error">{failure.message}</Callout> : null}
        <Field label={text.teams.name} hint={text.teams.nameHint} error={errorOf('name')} required>
          <Input
            value={draft.name}
            maxLength={100}
            onChange={(event) => setDraft({ ...draft, name: event.target.value })}
          />
        </Field>
        <Field label={text.teams.label}>
          <Input
            value={draft.label}
            maxLength={200}
            onChange={(event) => setDraft({ ...draft, label: event.target.value })}
          />
        </Field>
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
