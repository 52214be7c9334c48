'use client';

import { useState } from 'react';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Textarea } from '@/components/ui/textarea';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import { schemaForm as strings } from '../strings/schema-form';
import { kindOfField, readMixed, writeMixed } from './field-kind';

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
    case 'secret':
    case 'date':
    case 'dateTime':
      return (
        <Input
          {...shared}
          type={kind === 'secret' ? 'password' : kind === 'date' ? 'date' : 'text'}
          autoComplete={kind === 'secret' ? 'new-password' : 'off'}
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

/** Numbers are kept as typed while they are typed: `1.`, `-` and `1e` are on the way to one. */
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
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? writeMixed(value);
  const broken = shown.trim() !== '' && !Number.isFinite(Number(shown));
  return (
    <>
      <Input
        id={id}
        inputMode="decimal"
        disabled={readOnly}
        aria-required={required}
        aria-invalid={invalid || broken}
        aria-describedby={[broken ? `${id}-form` : null, describedBy].filter(Boolean).join(' ') || undefined}
        placeholder={exampleOf(schema)}
        value={shown}
        onChange={({ target }) => {
          setDraft(target.value);
          if (target.value.trim() === '') onChange(undefined);
          else if (Number.isFinite(Number(target.value))) onChange(Number(target.value));
        }}
        onBlur={() => {
          if (!broken) setDraft(null);
        }}
      />
      {broken ? (
        <p id={`${id}-form`} className="text-xs text-danger">
          {strings.notANumber}
        </p>
      ) : null}
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
  const [draft, setDraft] = useState<string | null>(null);
  return (
    <Input
      id={id}
      disabled={readOnly}
      aria-required={required}
      aria-invalid={invalid}
      aria-describedby={describedBy}
      placeholder={exampleOf(schema)}
      value={draft ?? writeMixed(value)}
      onChange={({ target }) => {
        setDraft(target.value);
        onChange(readMixed(target.value, schema));
      }}
      onBlur={() => setDraft(null)}
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
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? (value === undefined ? '' : JSON.stringify(value, null, 2));
  const broken = draft === null ? null : reasonNotJson(draft);
  return (
    <>
      <Textarea
        id={id}
        rows={Math.min(Math.max(shown.split('\n').length, 2), 14)}
        spellCheck={false}
        disabled={readOnly}
        aria-required={required}
        aria-invalid={invalid || broken !== null}
        aria-describedby={[broken ? `${id}-form` : null, describedBy].filter(Boolean).join(' ') || undefined}
        placeholder={schema['type'] === 'array' ? '[]' : '{}'}
        mono
        value={shown}
        onChange={({ target }) => {
          setDraft(target.value);
          if (target.value.trim() === '') onChange(undefined);
          else if (reasonNotJson(target.value) === null) onChange(JSON.parse(target.value) as Json);
        }}
        onBlur={() => {
          if (broken === null) setDraft(null);
        }}
      />
      {broken ? (
        <p id={`${id}-form`} className="text-xs text-danger">
          {strings.notJson(broken)}
        </p>
      ) : null}
    </>
  );
}

function reasonNotJson(text: string): string | null {
  if (text.trim() === '') return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function exampleOf(schema: JsonSchema): string | undefined {
  const [example] = Array.isArray(schema['examples']) ? schema['examples'] : [];
  return example === undefined
    ? schema['default'] === undefined
      ? undefined
      : writeMixed(schema['default'])
    : writeMixed(example);
}
