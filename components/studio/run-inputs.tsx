'use client';

import { useState } from 'react';
import type { JsonSchema } from '@/engine/json-schema';
import { cn } from '../ui/cn';
import { startValue } from '../schema-form/field-kind';
import type { FormValue } from '../schema-form/form-value';
import { putValue } from '../schema-form/put-value';
import { SchemaForm } from '../schema-form/schema-form';
import { EventInputs } from './event-inputs';
import { InputSource } from './input-source';

/** The inputs of a run: where they are taken from, an event's payload beside them, and the form. */
export function RunInputs({
  workflowRef,
  schema,
  value,
  errors,
  hint,
  onTake,
  onChange,
}: {
  workflowRef: string;
  schema: JsonSchema;
  value: FormValue;
  errors: Record<string, string>;
  /** What is to be said of where they come from. */
  hint: string | null;
  /** `run` is the run that they come from, if any. */
  onTake: (value: FormValue, run: number | null) => void;
  onChange: (value: FormValue) => void;
}) {
  const [isEvent, setIsEvent] = useState(false);
  const start = startValue(schema);
  return (
    <>
      <InputSource
        onEvent={() => setIsEvent(true)}
        onTake={(parameters, run) => {
          setIsEvent(false);
          onTake({ ...start, ...parameters }, run);
        }}
      />
      {hint ? <p className="text-xs text-text-2">{hint}</p> : null}
      <div className={cn(isEvent && 'grid items-start gap-4 md:grid-cols-2')}>
        {isEvent ? (
          <EventInputs
            workflowRef={workflowRef}
            schema={schema}
            onTake={(parameters) => onTake({ ...start, ...parameters }, null)}
            onPut={(place, given) => onChange(putValue(value, place, given))}
          />
        ) : null}
        <SchemaForm
          idPrefix="run"
          mode="plain"
          schema={schema}
          value={value}
          onChange={onChange}
          errors={errors}
        />
      </div>
    </>
  );
}
