'use client';

import { strings } from '@/components/strings';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';

const text = strings.concurrency;

interface Props {
  value: number;
  onChange: (value: number) => void;
  error?: string | undefined;
  disabled?: boolean;
}

/** Who goes first, -100 to 100. */
export function PriorityField({ value, onChange, error, disabled = false }: Props) {
  return (
    <Field label={text.priority} hint={text.priorityHint} error={error}>
      <Input
        type="number"
        min={-100}
        max={100}
        step={1}
        value={String(value)}
        disabled={disabled}
        onChange={({ target }) => onChange(Math.trunc(Number(target.value)))}
      />
    </Field>
  );
}
