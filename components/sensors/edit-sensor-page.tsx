'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Save } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useShortcuts } from '@/components/shell/shortcuts';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { toast } from '@/components/ui/toast';
import { toSensorDraft, toSensorInput, type Sensor } from './sensor-draft';
import { SensorForm } from './sensor-form';

const text = strings.sensors;

/** What a sensor is, to change. */
export function EditSensorPage({ sensorRef }: { sensorRef: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.sensors.get.queryOptions({ ref: sensorRef }));
  return (
    <QueryState query={query}>
      {(sensor) =>
        sensor.isAdhoc && sensor.mayEdit ? <Edit sensor={sensor} /> : <OfFiles sensor={sensor} />
      }
    </QueryState>
  );
}

const breadcrumbsOf = ({ ref }: Sensor) => [
  { label: strings.nav.sensors, href: '/sensors' },
  { label: ref, href: `/sensors/${ref}` },
  { label: text.edit },
];

function OfFiles({ sensor }: { sensor: Sensor }) {
  return (
    <>
      <PageHeader title={sensor.label} breadcrumbs={breadcrumbsOf(sensor)} />
      <div className="px-4 md:px-6">
        <Callout kind="info">{text.ofFiles}</Callout>
      </div>
    </>
  );
}

function Edit({ sensor }: { sensor: Sensor }) {
  const trpc = useTRPC();
  const router = useRouter();
  const queries = useQueryClient();
  // As it was when it was opened: the page is read anew while it is being edited.
  const [draft, setDraft] = useState(() => toSensorDraft(sensor));
  const { errors, setErrors, tell, changed } = useFieldErrors({ ref: 'name', paramSchema: 'parameters' });
  const update = useMutation(
    trpc.sensors.update.mutationOptions({
      onSuccess: (saved) => {
        toast.success(text.saved);
        queries.setQueryData(trpc.sensors.get.queryKey({ ref: saved.ref }), saved);
        router.push(`/sensors/${saved.ref}`);
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
    if (!('value' in input)) return;
    const { packRef: _, ...changed } = input.value;
    update.mutate(changed);
  };
  useShortcuts([{ keys: 'mod+s', label: strings.common.save, run: submit, whileTyping: true }]);
  return (
    <>
      <PageHeader
        title={sensor.label}
        breadcrumbs={breadcrumbsOf(sensor)}
        actions={
          <Button variant="primary" icon={<Save />} loading={update.isPending} onClick={submit}>
            {strings.common.save}
          </Button>
        }
      />
      <SensorForm draft={draft} onChange={edit} errors={errors} isNew={false} />
    </>
  );
}
