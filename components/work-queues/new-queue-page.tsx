'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Save } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { toast } from '@/components/ui/toast';
import { newQueueDraft, toQueueInput } from './queue-draft';
import { QueueForm } from './queue-form';
import { useFieldErrors } from '@/components/schema-form/use-field-errors';

const text = strings.workQueues;

/** A new queue; it belongs to the pack that its name begins with, where that is one of the tenant's. */
export function NewQueuePage() {
  const trpc = useTRPC();
  const router = useRouter();
  const packs = useQuery(trpc.packs.list.queryOptions());
  const [draft, setDraft] = useState(newQueueDraft);
  const { errors, setErrors, tell, changed } = useFieldErrors();
  const create = useMutation(
    trpc.queues.create.mutationOptions({
      onSuccess: ({ ref }) => {
        toast.success(text.saved);
        router.push(`/queues/${ref}`);
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
    if (!('value' in input)) return;
    const prefix = draft.ref.split('.', 1)[0];
    const pack = packs.data?.find(({ ref, isStandard }) => ref === prefix && !isStandard);
    create.mutate({ ...input.value, packRef: pack?.ref ?? null });
  };
  useShortcuts([{ keys: 'mod+s', label: strings.common.save, run: submit, whileTyping: true }]);
  return (
    <>
      <PageHeader
        title={text.create}
        breadcrumbs={[{ label: strings.nav.queues, href: '/queues' }, { label: text.create }]}
        actions={
          <Button variant="primary" icon={<Save />} loading={create.isPending} onClick={submit}>
            {strings.common.create}
          </Button>
        }
      />
      <div className="px-4 pb-10 md:px-6">
        <QueueForm draft={draft} onChange={edit} errors={errors} isNew />
      </div>
    </>
  );
}
