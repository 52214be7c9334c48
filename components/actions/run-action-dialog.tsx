'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { MoreOptions } from '@/components/ui/more-options';
import { PriorityField } from '@/components/concurrency/priority-field';
import type { FormValue } from '@/components/schema-form/form-value';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { validateAgainst } from '@/components/schema-form/validate';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { withDefaults } from '@/engine/json-schema';

const text = strings.actions;

/** Asks for an action's parameters, starts it, and leads to its execution. */
export function RunActionDialog({
  action,
  onClose,
}: {
  action: RouterOutputs['actions']['get'];
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const router = useRouter();
  const [value, setValue] = useState<FormValue>(() => withDefaults(action.paramSchema, {}));
  const [priority, setPriority] = useState(0);
  const { errors, setErrors, changed } = useFieldErrors();
  const request = useMutation(
    trpc.executions.request.mutationOptions({ onSuccess: ({ id }) => router.push(`/executions/${id}`) }),
  );
  const edit = (next: FormValue) => {
    changed(value, next);
    setValue(next);
  };
  const start = () => {
    const found = validateAgainst(action.paramSchema, value);
    setErrors(found);
    if (Object.keys(found).length === 0)
      request.mutate({ actionRef: action.ref, parameters: value, priority });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={text.runTitle(action.ref)}
      description={action.description}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button
            variant="primary"
            icon={<Play />}
            loading={request.isPending || request.isSuccess}
            onClick={start}
          >
            {text.run}
          </Button>
        </>
      }
    >
      {request.error ? <Callout kind="error">{toCallError(request.error).message}</Callout> : null}
      <SchemaForm mode="plain" schema={action.paramSchema} value={value} onChange={edit} errors={errors} />
      <MoreOptions>
        <PriorityField value={priority} onChange={setPriority} />
      </MoreOptions>
    </Dialog>
  );
}
