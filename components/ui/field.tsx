'use client';

import { createContext, useContext, useId, type ReactNode } from 'react';
import { CircleAlert } from 'lucide-react';
import { strings } from '@/components/strings';
import { cn } from './cn';

/** What a control inside a field says of itself to a screen reader. */
export interface FieldControl {
  id?: string | undefined;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: boolean | undefined;
  'aria-required'?: boolean | undefined;
}

const FieldContext = createContext<FieldControl>({});

/** The attributes that tie a control to the field around it; what the control was given itself wins. */
export function useFieldControl(own: FieldControl & { invalid?: boolean | undefined }): FieldControl {
  const field = useContext(FieldContext);
  const describedBy = [field['aria-describedby'], own['aria-describedby']].filter(Boolean).join(' ');
  const invalid = own.invalid ?? own['aria-invalid'] ?? field['aria-invalid'];
  return {
    id: own.id ?? field.id,
    'aria-describedby': describedBy || undefined,
    'aria-invalid': invalid || undefined,
    'aria-required': own['aria-required'] ?? field['aria-required'],
  };
}

interface Props {
  label: ReactNode;
  hint?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  /** Says "optional" beside the label: for forms where most fields are required. */
  optional?: boolean;
  /** The control's id, where it has one of its own. */
  htmlFor?: string;
  labelHidden?: boolean;
  className?: string;
  /** One control of `components/ui`, which ties itself; or a function that ties another. */
  children: ReactNode | ((control: FieldControl) => ReactNode);
}

/** A label, its control, a hint and the error, tied together for screen readers. */
export function Field({
  label,
  hint,
  error,
  required = false,
  optional = false,
  htmlFor,
  labelHidden = false,
  className,
  children,
}: Props) {
  const ownId = useId();
  const id = htmlFor ?? ownId;
  const describedBy = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ');
  const control: FieldControl = {
    id,
    'aria-describedby': describedBy || undefined,
    'aria-invalid': error ? true : undefined,
    'aria-required': required || undefined,
  };
  return (
    <div className={cn('flex flex-col gap-1', className)}>
      <label
        htmlFor={id}
        className={labelHidden ? 'sr-only' : 'flex items-baseline gap-1.5 text-xs font-medium text-text'}
      >
        {label}
        {required ? (
          <span aria-hidden className="text-danger">
            *
          </span>
        ) : null}
        {optional ? <span className="font-normal text-text-3">{strings.common.optional}</span> : null}
      </label>
      <FieldContext value={control}>
        {typeof children === 'function' ? children(control) : children}
      </FieldContext>
      {hint ? (
        <p id={`${id}-hint`} className="text-xs text-text-2">
          {hint}
        </p>
      ) : null}
      <FieldError id={`${id}-error`}>{error}</FieldError>
    </div>
  );
}

/** The sentence under a field that is wrong. */
export function FieldError({ id, children }: { id?: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <p id={id} role="alert" className="flex items-start gap-1.5 text-xs text-danger">
      <CircleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
      <span className="min-w-0">{children}</span>
    </p>
  );
}
