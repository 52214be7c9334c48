'use client';

import { useFailure } from '@/components/schema-form/use-failure';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { QueryState } from '@/components/ui/query-state';
import { Table } from '@/components/ui/table';
import { toast } from '@/components/ui/toast';
import { GrantsEditor, type Grant } from './grants-editor';

const text = strings.access.setsPage;
type Details = RouterOutputs['access']['sets'][number];

interface Props {
  isMaking: boolean;
  onMade: () => void;
}

/** The permission sets that may be assigned; those made here can be changed. */
export function SetsTab({ isMaking, onMade }: Props) {
  const trpc = useTRPC();
  const query = useQuery(trpc.access.sets.queryOptions());
  const [open, setOpen] = useState<Details | null>(null);
  return (
    <>
      <QueryState query={query}>
        {(sets) => (
          <Table
            label={strings.access.tabs.sets}
            rows={sets}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'set',
                header: strings.access.set,
                cell: ({ label, ref, description }) => (
                  <span>
                    <span className="font-medium">{label}</span> <span className="text-text-2">{ref}</span>
                    <span className="block text-xs text-text-2">{description}</span>
                  </span>
                ),
              },
              {
                key: 'origin',
                header: text.origin,
                cell: ({ origin, packRef }) => <Badge>{packRef ?? text.origins[origin]}</Badge>,
                hideBelow: 'sm',
              },
              { key: 'grants', header: text.grants, cell: ({ grants }) => grants.length, hideBelow: 'md' },
              { key: 'uses', header: text.uses, cell: ({ uses }) => uses, hideBelow: 'md' },
              {
                key: 'open',
                header: strings.common.actions,
                align: 'right',
                cell: (set) => (
                  <Button
                    size="sm"
                    variant="ghost"
                    aria-label={strings.access.open(set.ref)}
                    onClick={() => setOpen(set)}
                  >
                    {set.origin === 'here' ? strings.common.edit : strings.common.open}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </QueryState>
      {isMaking ? <SetDialog set={null} onClose={onMade} /> : null}
      {open ? <SetDialog set={open} onClose={() => setOpen(null)} /> : null}
    </>
  );
}

function SetDialog({ set, onClose }: { set: Details | null; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState({
    ref: set?.ref ?? '',
    label: set?.label ?? '',
    description: set?.description ?? '',
    grants: set?.grants ?? [],
  });
  const [isLeaving, setIsLeaving] = useState(false);
  const isFixed = set !== null && set.origin !== 'here';
  const finish = (said: string) => {
    void queries.invalidateQueries({ queryKey: trpc.access.pathKey() });
    void queries.invalidateQueries({ queryKey: trpc.people.pathKey() });
    toast.success(said);
    onClose();
  };
  const saved = { onSuccess: () => finish(text.saved(draft.ref)) };
  const create = useMutation(trpc.access.createSet.mutationOptions(saved));
  const update = useMutation(trpc.access.updateSet.mutationOptions(saved));
  const remove = useMutation(
    trpc.access.removeSet.mutationOptions({ onSuccess: () => finish(text.removed(draft.ref)) }),
  );
  const mutation = set ? update : create;
  const { failure, errorOf } = useFailure(mutation.error, draft);
  return (
    <Dialog
      open
      size="lg"
      onOpenChange={(open) => open || onClose()}
      title={set === null ? text.create : isFixed ? `${set.label} (${set.ref})` : text.edit}
      footer={
        isFixed ? (
          <Button variant="primary" onClick={onClose}>
            {strings.common.close}
          </Button>
        ) : (
          <>
            {set ? (
              <Button variant="ghost" onClick={() => setIsLeaving(true)}>
                {text.remove}
              </Button>
            ) : null}
            <Button variant="primary" loading={mutation.isPending} onClick={() => mutation.mutate(draft)}>
              {strings.common.save}
            </Button>
          </>
        )
      }
    >
      {isFixed ? (
        <GrantsList grants={set.grants} />
      ) : (
        <div className="space-y-4">
          {failure ? <Callout kind="error">{failure.message}</Callout> : null}
          {set ? null : (
            <Field label={text.ref} hint={text.refHint} error={errorOf('ref')} required>
              <Input
                value={draft.ref}
                onChange={(event) => setDraft({ ...draft, ref: event.target.value.trim() })}
              />
            </Field>
          )}
          <Field label={strings.common.label} error={errorOf('label')} required>
            <Input
              value={draft.label}
              onChange={(event) => setDraft({ ...draft, label: event.target.value })}
            />
          </Field>
          <Field label={strings.common.description}>
            <Input
              value={draft.description}
              onChange={(event) => setDraft({ ...draft, description: event.target.value })}
            />
          </Field>
          <GrantsEditor grants={draft.grants} onChange={(grants) => setDraft({ ...draft, grants })} />
        </div>
      )}
      <ConfirmDialog
        open={isLeaving}
        onOpenChange={setIsLeaving}
        title={text.removeTitle(draft.ref)}
        description={text.removeDescription}
        confirmLabel={text.remove}
        onConfirm={() => remove.mutateAsync({ ref: draft.ref })}
      />
    </Dialog>
  );
}

function GrantsList({ grants }: { grants: readonly Grant[] }) {
  return (
    <ul className="space-y-1 text-sm" aria-label={text.grants}>
      {grants.map(({ resource, actions, constraints }, index) => (
        <li key={index}>
          <span className="font-medium">{resource}</span>: {actions.join(', ')}{' '}
          {constraints ? <span className="text-text-2">{describeLimits(constraints)}</span> : null}
        </li>
      ))}
    </ul>
  );
}

/** What a grant is limited to, in words. */
export function describeLimits(constraints: NonNullable<Grant['constraints']>): string {
  const parts = Object.entries(constraints).flatMap(([name, values]) =>
    values === undefined
      ? []
      : [`${text.constraints[name as keyof typeof text.constraints].toLowerCase()} ${values.join(', ')}`],
  );
  return strings.access.person.only(parts.join('; '));
}
