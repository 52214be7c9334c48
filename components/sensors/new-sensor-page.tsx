'use client';

import { useMutation } from '@tanstack/react-query';
import { Save } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { PageHeader } from '@/components/ui/page-header';
import { toast } from '@/components/ui/toast';
import { useUrlState } from '@/components/ui/use-url-state';
import { newSensorDraft, toSensorInput } from './sensor-draft';
import { SensorForm } from './sensor-form';

const text = strings.sensors;

/** A new sensor, from a template of its language; `?trigger=` names what it emits. */
export function NewSensorPage() {
  const trpc = useTRPC();
  const router = useRouter();
  const [triggerRef] = useUrlState('trigger', '');
  const [draft, setDraft] = useState(() => newSensorDraft(triggerRef || null));
  const { errors, setErrors, tell, changed } = useFieldErrors({ ref: 'name', paramSchema: 'parameters' });
  const create = useMutation(
    trpc.sensors.create.mutationOptions({
      onSuccess: ({ ref }) => {
        toast.success(text.saved);
        router.push(`/sensors/${ref}`);
      },
      onError: tell,
    }),
  );
  const edit = (next: typeof draft) => {
    changed(draft, next);
    setDraft(next);
  };
  const submit = () => {
    const input = toSensorInput(draft);
    setErrors('errors' in input ? input.errors : {});
    if ('value' in input) create.mutate(input.value);
  };
  useShortcuts([{ keys: 'mod+s', label: strings.common.save, run: submit, whileTyping: true }]);
  return (
    <>
      <PageHeader
        title={text.create}
        breadcrumbs={[{ label: strings.nav.sensors, href: '/sensors' }, { label: text.create }]}
        actions={
          <Button variant="primary" icon={<Save />} loading={create.isPending} onClick={submit}>
            {strings.common.create}
          </Button>
        }
      />
      <SensorForm draft={draft} onChange={edit} errors={errors} isNew />
    </>
  );
}
