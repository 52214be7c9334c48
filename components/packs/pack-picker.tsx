'use client';

import { useQuery } from '@tanstack/react-query';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';

interface Props {
  value: string;
  onChange: (ref: string) => void;
  error?: string | undefined;
}

/** Chooses one of the tenant's own packs: standard packs take nothing new. */
export function PackPicker({ value, onChange, error }: Props) {
  const trpc = useTRPC();
  const packs = useQuery(trpc.packs.list.queryOptions());
  const options = (packs.data ?? [])
    .filter(({ isStandard }) => !isStandard)
    .map(({ ref, label }) => ({ value: ref, label: ref, description: label }));
  return (
    <Field label={strings.packs.pack} error={error} required>
      {(control) => (
        <Combobox
          id={control.id}
          label={strings.packs.pack}
          placeholder={strings.packs.choose}
          value={value || null}
          onValueChange={(ref) => onChange(ref ?? '')}
          options={options}
          invalid={Boolean(error)}
        />
      )}
    </Field>
  );
}
