'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Combobox } from '@/components/ui/combobox';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { toast } from '@/components/ui/toast';

const text = strings.access;
export type Holder = { identityId: number } | { teamId: number } | { role: string };

/** Gives a set to a person, a team or a role: for everything, or for one pack. */
export function AssignDialog({ to, name, onClose }: { to: Holder; name: string; onClose: () => void }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const sets = useQuery(trpc.access.sets.queryOptions());
  const packs = useQuery(trpc.packs.list.queryOptions());
  const [setRef, setSetRef] = useState<string | null>(null);
  const [packRef, setPackRef] = useState<string | null>(null);
  const assign = useMutation(
    trpc.access.assign.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: trpc.access.pathKey() });
        void queries.invalidateQueries({ queryKey: trpc.people.pathKey() });
        toast.success(text.assigned);
        onClose();
      },
    }),
  );
  const submit = () => {
    if (setRef !== null) assign.mutate({ ...to, setRef, ...(packRef !== null && { packRef }) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.assignTitle(name)}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={assign.isPending} disabled={setRef === null} onClick={submit}>
            {text.assign}
          </Button>
        </>
      }
    >
      <form className="space-y-4" onSubmit={(event) => (event.preventDefault(), submit())}>
        {assign.error ? <Callout kind="error">{toCallError(assign.error).message}</Callout> : null}
        <Field label={text.set} required>
          <Combobox
            value={setRef}
            onValueChange={setSetRef}
            options={(sets.data ?? []).map(({ ref, label, description }) => ({
              value: ref,
              label: `${label} (${ref})`,
              description,
            }))}
          />
        </Field>
        <Field label={text.pack} hint={text.packHint}>
          <Combobox
            value={packRef}
            onValueChange={setPackRef}
            clearable
            placeholder={text.everything}
            options={(packs.data ?? []).map(({ ref, label }) => ({ value: ref, label: `${label} (${ref})` }))}
          />
        </Field>
      </form>
    </Dialog>
  );
}
