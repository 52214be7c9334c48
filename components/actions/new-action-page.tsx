'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation } from '@tanstack/react-query';
import { Save } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { toast } from '@/components/ui/toast';
import { newDraft, readDraft } from './action-draft';
import { ActionForm } from './action-form';

const text = strings.actions;

/** A new action, from a template of the language. */
export function NewActionPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const [draft, setDraft] = useState(newDraft);
  const { errors, setErrors, tell, changed } = useFieldErrors({ ref: 'name', paramSchema: 'parameters' });
  const create = useMutation(
    trpc.actions.create.mutationOptions({
      onSuccess: (action) => {
        toast.success(text.saved(action.revision));
        router.push(`/actions/${action.ref}`);
      },
      onError: tell,
    }),
  );
  const edit = (next: typeof draft) => {
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const read = readDraft(draft);
    const missing = {
      ...(draft.packRef ? {} : { packRef: strings.packs.choose }),
      ...(draft.name.trim() ? {} : { ref: strings.common.required }),
      ...(draft.label.trim() ? {} : { label: strings.common.required }),
      ...('errors' in read ? read.errors : {}),
    };
    setErrors(missing);
    if (Object.keys(missing).length > 0 || 'errors' in read) return;
    const { name, parameters: _, ...fields } = draft;
    create.mutate({ ...fields, ref: `${draft.packRef}.${name.trim()}`, ...read.value });
  };
  useShortcuts([{ keys: 'mod+s', label: strings.common.save, run: submit }]);
  return (
    <>
      <PageHeader
        title={text.create}
        breadcrumbs={[{ label: strings.nav.actions, href: '/actions' }, { label: text.create }]}
        actions={
          <Button variant="primary" icon={<Save />} loading={create.isPending} onClick={submit}>
            {strings.common.create}
          </Button>
        }
      />
      <ActionForm draft={draft} onChange={edit} errors={errors} readOnly={false} isNew />
    </>
  );
}
