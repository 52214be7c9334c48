'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { toast } from '@/components/ui/toast';

const text = strings.workers;

/** Has a worker take nothing new, with the reason, or take new executions again. */
export function CordonButton({ worker }: { worker: RouterOutputs['workers']['list'][number] }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const [isOpen, setIsOpen] = useState(false);
  const [reason, setReason] = useState('');
  const onSuccess = () => client.invalidateQueries({ queryKey: trpc.workers.list.queryKey() });
  const cordon = useMutation(trpc.workers.cordon.mutationOptions({ onSuccess }));
  const uncordon = useMutation(
    trpc.workers.uncordon.mutationOptions({
      onSuccess,
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  const { id, name, cordonedAt } = worker;
  if (cordonedAt !== null)
    return (
      <Button size="sm" loading={uncordon.isPending} onClick={() => uncordon.mutate({ id })}>
        {text.uncordon}
      </Button>
    );
  return (
    <>
      <Button size="sm" onClick={() => setIsOpen(true)}>
        {text.cordon}
      </Button>
      <ConfirmDialog
        open={isOpen}
        onOpenChange={setIsOpen}
        title={text.cordonTitle(name)}
        description={text.cordonDescription}
        confirmLabel={text.cordon}
        onConfirm={() => cordon.mutateAsync({ id, reason })}
      >
        <Field label={text.cordonReason} hint={text.cordonReasonHint}>
          <Input value={reason} maxLength={1000} onChange={(event) => setReason(event.target.value)} />
        </Field>
      </ConfirmDialog>
    </>
  );
}
