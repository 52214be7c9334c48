'use client';

import { useId } from 'react';
import { ExpressionField } from '../code/expression-field';
import type { ExpressionScope } from '../code/scope';

/** A condition: an expression, with braces or without, with its label, hint and what is wrong with it. */
export function ConditionField({
  label,
  hint,
  field,
  value,
  error,
  scope,
  readOnly,
  placeholder,
  onChange,
}: {
  label: string;
  hint?: string;
  /** Its place in the definition. */
  field: string;
  value: string;
  error: string | undefined;
  scope: ExpressionScope;
  readOnly: boolean;
  placeholder: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const describedBy = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  return (
    <div className="space-y-1.5" data-field={field}>
      <span className="text-xs font-medium">{label}</span>
      {hint ? (
        <p id={`${id}-hint`} className="text-xs text-text-2">
          {hint}
        </p>
      ) : null}
      <ExpressionField
        label={label}
        value={value}
        onChange={onChange}
        scope={scope}
        bare
        readOnly={readOnly}
        invalid={error !== undefined}
        describedBy={describedBy || undefined}
        placeholder={placeholder}
      />
      {error ? (
        <p id={`${id}-error`} className="text-xs text-danger">
          {error}
        </p>
      ) : null}
    </div>
  );
}
