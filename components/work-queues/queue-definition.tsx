'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Save } from 'lucide-react';
import { useState } from 'react';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { toast } from '@/components/ui/toast';
import { toQueueDraft, toQueueInput, type Queue } from './queue-draft';
import { QueueForm } from './queue-form';
import { useFieldErrors } from '@/components/schema-form/use-field-errors';

const text = strings.workQueues;

/** What the queue is, to read and edit. */
export function QueueDefinition({ queue }: { queue: Queue }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => toQueueDraft(queue));
  const { errors, setErrors, tell, changed } = useFieldErrors();
  const isChanged = JSON.stringify(draft) !== JSON.stringify(toQueueDraft(queue));
  const update = useMutation(
    trpc.queues.update.mutationOptions({
      onSuccess: (saved) => {
        toast.success(text.saved);
        queries.setQueryData(trpc.queues.get.queryKey({ ref: queue.ref }), saved);
      },
      onError: tell,
    }),
  );
  const edit = (next: typeof draft) => {
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const input = toQueueInput(draft);
    setErrors('errors' in input ? input.errors : {});
    if ('value' in input) update.mutate(input.value);
  };
  useShortcuts([
    {
      keys: 'mod+s',
      label: strings.common.save,
      run: submit,
      whileTyping: true,
      enabled: isChanged && queue.mayEdit,
    },
  ]);
  return (
    <div className="space-y-4 pt-4">
      {queue.mayEdit ? (
        <div className="flex justify-end">
          <Button icon={<Save />} disabled={!isChanged} loading={update.isPending} onClick={submit}>
            {strings.common.save}
          </Button>
        </div>
      ) : (
        <Callout kind="info">{text.readOnly}</Callout>
      )}
      <QueueForm draft={draft} onChange={edit} errors={errors} isNew={false} />
    </div>
  );
}
