'use client';

import { useState } from 'react';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Textarea } from '@/components/ui/textarea';
import { secretMask } from '@/engine/definition/secret-parameters';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import { schemaForm as strings } from '../strings/schema-form';
import { kindOfField, readMixed, writeMixed } from './field-kind';
import { SecretControl } from './secret-control';

interface ControlProps {
  id: string;
  name: string;
  schema: JsonSchema;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  required: boolean;
  readOnly: boolean;
  invalid: boolean;
  describedBy: string | undefined;
}

/** The control for a fixed value, by the type of its schema. */
export function FixedControl(props: ControlProps) {
  const { id, name, schema, value, onChange, required, readOnly, invalid, describedBy } = props;
  const shared = {
    id,
    disabled: readOnly,
    'aria-required': required,
    'aria-invalid': invalid,
    'aria-describedby': describedBy,
    placeholder: exampleOf(schema),
  };
  const text = typeof value === 'string' ? value : writeMixed(value);
  const setText = (next: string) => onChange(next === '' ? undefined : next);
  const kind = kindOfField(name, schema);
  // A mask is all that is known of a value that became secret on its way here.
  if (kind === 'secret' || value === secretMask) return <SecretControl {...props} />;
  switch (kind) {
    case 'choice':
      return <Choice {...props} options={Array.isArray(schema['enum']) ? schema['enum'] : []} />;
    case 'boolean':
      return <Choice {...props} options={[true, false]} />;
    case 'number':
      return <NumberControl {...props} />;
    case 'longText':
      return <Textarea {...shared} rows={3} value={text} onChange={(event) => setText(event.target.value)} />;
    case 'json':
    case 'object':
      return <JsonControl {...props} />;
    case 'mixed':
      return <MixedControl {...props} />;
    case 'text':
    case 'date':
    case 'dateTime':
      return (
        <Input
          {...shared}
          type={kind === 'date' ? 'date' : 'text'}
          autoComplete="off"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      );
  }
}

function Choice({
  id,
  value,
  onChange,
  readOnly,
  invalid,
  options,
}: ControlProps & { options: readonly Json[] }) {
  const place = options.findIndex((option) => JSON.stringify(option) === JSON.stringify(value));
  const stray = value !== undefined && place < 0;
  return (
    <Select
      id={id}
      disabled={readOnly}
      invalid={invalid}
      value={stray ? 'stray' : place < 0 ? 'unset' : String(place)}
      onValueChange={(next) => onChange(next === 'unset' ? undefined : options[Number(next)])}
      options={[
        { value: 'unset', label: strings.notSet },
        ...(stray ? [{ value: 'stray', label: writeMixed(value), disabled: true }] : []),
        ...options.map((option, index) => ({
          value: String(index),
          label: option === true ? strings.yes : option === false ? strings.no : writeMixed(option),
        })),
      ]}
    />
  );
}

/**
 * What was typed stays as it was typed for as long as it stands for the value: `1.`, `[ ]`, a list on one line. Put
 * in order only when the value changes from outside, so that nothing jumps while a person writes.
 */
function useTyped(
  value: Json | undefined,
  show: (value: Json | undefined) => string,
  read: (text: string) => Reading,
) {
  const [typed, setTyped] = useState<string | null>(null);
  const reading = typed === null ? null : read(typed);
  const stands = reading !== null && (reading.fault !== null || isSame(reading.value, value));
  return {
    text: stands && typed !== null ? typed : show(value),
    fault: stands ? reading.fault : null,
    type: (text: string, onChange: (value: Json | undefined) => void) => {
      setTyped(text);
      const next = read(text);
      if (next.fault === null) onChange(next.value);
    },
  };
}
interface Reading {
  value: Json | undefined;
  fault: string | null;
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function readNumber(text: string): Reading {
  if (text.trim() === '') return { value: undefined, fault: null };
  const number = Number(text);
  return Number.isFinite(number)
    ? { value: number, fault: null }
    : { value: undefined, fault: strings.notANumber };
}

function readJson(text: string): Reading {
  if (text.trim() === '') return { value: undefined, fault: null };
  try {
    return { value: JSON.parse(text) as Json, fault: null };
  } catch (error) {
    return {
      value: undefined,
      fault: strings.notJson(error instanceof Error ? error.message : String(error)),
    };
  }
}

function NumberControl({
  id,
  value,
  onChange,
  required,
  readOnly,
  invalid,
  describedBy,
  schema,
}: ControlProps) {
  const { text, fault, type } = useTyped(value, writeMixed, readNumber);
  return (
    <>
      <Input
        id={id}
        inputMode="decimal"
        disabled={readOnly}
        aria-required={required}
        aria-invalid={invalid || fault !== null}
        aria-describedby={withFault(id, fault, describedBy)}
        placeholder={exampleOf(schema)}
        value={text}
        onChange={({ target }) => type(target.value, onChange)}
      />
      <Fault id={id} fault={fault} />
    </>
  );
}

function MixedControl({
  id,
  value,
  onChange,
  required,
  readOnly,
  invalid,
  describedBy,
  schema,
}: ControlProps) {
  const { text, type } = useTyped(value, writeMixed, (typed) => ({
    value: readMixed(typed, schema),
    fault: null,
  }));
  return (
    <Input
      id={id}
      disabled={readOnly}
      aria-required={required}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      placeholder={exampleOf(schema)}
      value={text}
      onChange={({ target }) => type(target.value, onChange)}
    />
  );
}

/** Lists and free objects as JSON; the value changes only while the text is JSON. */
function JsonControl({
  id,
  value,
  onChange,
  required,
  readOnly,
  invalid,
  describedBy,
  schema,
}: ControlProps) {
  const { text, fault, type } = useTyped(value, writePretty, readJson);
  return (
    <>
      <Textarea
        id={id}
        rows={Math.min(Math.max(text.split('\n').length, 2), 14)}
        spellCheck={false}
        disabled={readOnly}
        aria-required={required}
        aria-invalid={invalid || fault !== null}
        aria-describedby={withFault(id, fault, describedBy)}
        placeholder={schema['type'] === 'array' ? '[]' : '{}'}
        mono
        value={text}
        onChange={({ target }) => type(target.value, onChange)}
      />
      <Fault id={id} fault={fault} />
    </>
  );
}

function writePretty(value: Json | undefined): string {
  return value === undefined ? '' : JSON.stringify(value, null, 2);
}

function withFault(id: string, fault: string | null, describedBy: string | undefined): string | undefined {
  return [fault ? `${id}-form` : null, describedBy].filter(Boolean).join(' ') || undefined;
}

function Fault({ id, fault }: { id: string; fault: string | null }) {
  return fault ? (
    <p id={`${id}-form`} className="text-xs text-danger">
      {fault}
    </p>
  ) : null;
}

function exampleOf(schema: JsonSchema): string | undefined {
  const [example] = Array.isArray(schema['examples']) ? schema['examples'] : [];
  return example === undefined
    ? schema['default'] === undefined
      ? undefined
      : writeMixed(schema['default'])
    : writeMixed(example);
}
