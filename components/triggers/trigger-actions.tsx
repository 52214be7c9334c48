'use client';

import { useMutation } from '@tanstack/react-query';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { EditTriggerDialog } from './edit-trigger-dialog';

const text = strings.triggers;

/** What can be done with a trigger as a whole. */
export function TriggerActions({ trigger }: { trigger: RouterOutputs['triggers']['get'] }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [asks, setAsks] = useState<'edit' | 'remove' | null>(null);
  const remove = useMutation(trpc.triggers.remove.mutationOptions());
  const { ref, mayEdit, isAdhoc } = trigger;
  return (
    // On a phone they fill their lines: the three do not fit into one.
    <div className="flex flex-wrap items-center gap-2 max-sm:w-full max-sm:*:grow">
      {mayEdit && isAdhoc ? (
        <Button variant="ghost" icon={<Trash2 />} onClick={() => setAsks('remove')}>
          {text.remove}
        </Button>
      ) : null}
      {mayEdit ? (
        <Button icon={<Pencil />} onClick={() => setAsks('edit')}>
          {text.edit}
        </Button>
      ) : null}
      <Button variant="primary" icon={<Plus />} href={`/rules/new?trigger=${ref}`}>
        {text.newRule}
      </Button>
      {asks === 'edit' ? <EditTriggerDialog trigger={trigger} onClose={() => setAsks(null)} /> : null}
      <ConfirmDialog
        open={asks === 'remove'}
        onOpenChange={(open) => open || setAsks(null)}
        title={text.removeTitle(ref)}
        description={text.removeHint}
        confirmLabel={text.remove}
        onConfirm={async () => {
          await remove.mutateAsync({ ref }).catch((error: unknown) => {
            throw new Error(toCallError(error).message);
          });
          router.push('/triggers');
        }}
      />
    </div>
  );
}
