'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { FormValue } from '@/components/schema-form/form-value';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { validateAgainst } from '@/components/schema-form/validate';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { toast } from '@/components/ui/toast';
import { withDefaults } from '@/engine/json-schema';

const text = strings.packDetails;

/** The pack's configuration, as its conf_schema asks for it. */
export function PackConfig({ pack }: { pack: RouterOutputs['packs']['get'] }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [value, setValue] = useState<FormValue>(() => withDefaults(pack.confSchema, pack.config));
  const { errors, setErrors, tell, changed } = useFieldErrors();
  const save = useMutation(
    trpc.packs.configure.mutationOptions({
      onSuccess: () => {
        void queries.invalidateQueries({ queryKey: trpc.packs.pathKey() });
        toast.success(text.configSaved);
      },
      onError: tell,
    }),
  );
  const edit = (next: FormValue) => {
    changed(value, next);
    setValue(next);
  };
  const submit = () => {
    const found = validateAgainst(pack.confSchema, value);
    setErrors(found);
    if (Object.keys(found).length === 0) save.mutate({ ref: pack.ref, config: value });
  };
  const secrets =
    pack.secretFields.length > 0 ? (
      <Callout kind="info">{text.secretFields(pack.secretFields.join(', '))}</Callout>
    ) : null;
  const fields = pack.confSchema['properties'];
  if (typeof fields !== 'object' || fields === null || Object.keys(fields).length === 0)
    return (
      <div className="space-y-4 pt-4">
        {secrets}
        <p className="text-text-2">{text.noConfig}</p>
      </div>
    );
  return (
    <div className="max-w-2xl space-y-4 pt-4">
      {secrets}
      <SchemaForm
        mode="plain"
        schema={pack.confSchema}
        value={value}
        onChange={edit}
        errors={errors}
        readOnly={!pack.mayConfigure}
      />
      {pack.mayConfigure ? (
        <Button variant="primary" loading={save.isPending} onClick={submit}>
          {text.saveConfig}
        </Button>
      ) : null}
    </div>
  );
}
