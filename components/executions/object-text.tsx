'use client';

import { useState } from 'react';
import type { FormValue } from '@/components/schema-form/form-value';
import { parseJsonText } from '@/components/schema-form/json-text';
import { Field } from '@/components/ui/field';
import { Textarea } from '@/components/ui/textarea';

interface Props {
  label: string;
  value: FormValue;
  onChange: (value: FormValue) => void;
  /** Told whether the text is an object at the moment; while it is not, the value stays. */
  onValid: (isValid: boolean) => void;
  /** The sentence for a text that is JSON and no object. */
  error: string;
}

/** An object as JSON text. It follows the value until it is typed in, and the value follows it. */
export function ObjectText({ label, value, onChange, onValid, error }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const take = (next: string) => {
    setTyped(next);
    const parsed = parseJsonText(next);
    const found = 'error' in parsed ? parsed.error : isObject(parsed.value) ? null : error;
    setProblem(found);
    onValid(found === null);
    if (!('error' in parsed) && isObject(parsed.value)) onChange(parsed.value);
  };
  return (
    <Field label={label} labelHidden error={problem} className="mt-2">
      <Textarea
        mono
        rows={8}
        value={typed ?? JSON.stringify(value, null, 2)}
        onChange={(event) => take(event.target.value)}
        onBlur={() => (problem === null ? setTyped(null) : undefined)}
      />
    </Field>
  );
}

function isObject(value: unknown): value is FormValue {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
