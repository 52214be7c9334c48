'use client';

import { useState } from 'react';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import { ExpressionField } from '../code/expression-field';
import type { ExpressionScope } from '../code/scope';
import { readDraggedPath, readDraggedValue } from '../code/value-path';
import { schemaForm as strings } from '../strings/schema-form';
import { fieldsOf, isExpression, kindOfField, labelOf, writeMixed } from './field-kind';
import { FixedControl } from './fixed-control';
import { withField, type FormValue } from './form-value';
import { holdsMask } from './masks';
import { fitValue } from './put-value';

export interface SchemaFieldProps {
  name: string;
  /** Where the field is in the form's value, such as `options.region`. */
  path: string;
  schema: JsonSchema;
  required: boolean;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  errors: Record<string, string>;
  mode: 'plain' | 'expressions';
  idPrefix: string;
  readOnly: boolean;
  scope: ExpressionScope;
}

/** One field: its label, what it is for, its control, what is wrong with it. */
export function SchemaField(props: SchemaFieldProps) {
  const { name, path, schema, required, value, onChange, errors, mode, idPrefix, readOnly, scope } = props;
  const [wantsExpression, setWantsExpression] = useState<boolean | null>(null);
  const label = labelOf(name, schema);
  const id = `${idPrefix}-${path.replaceAll('.', '-')}`;
  const asExpression = mode === 'expressions' && (wantsExpression ?? isExpression(value));
  // An expression takes what is dropped at its character.
  const takesDrops = !asExpression && !readOnly;
  const [refusal, setRefusal] = useState<string | null>(null);
  const kind = kindOfField(name, schema);
  const error = refusal ?? errorAt(errors, path, kind === 'object' && !asExpression);
  const hint = hintOf(schema, kind === 'secret', mode === 'expressions' && !asExpression);
  const describedBy =
    [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(' ') || undefined;
  const drop = (transfer: DataTransfer) => {
    if (mode === 'expressions') {
      setWantsExpression(true);
      return onChange(`{{ ${readDraggedPath(transfer, false) ?? ''} }}`);
    }
    const dragged = readDraggedValue(transfer);
    if (dragged === null) return;
    const isMasked = holdsMask(dragged.value);
    setRefusal(isMasked ? strings.maskedValue : null);
    if (!isMasked) onChange(fitValue(dragged.value, name, schema));
  };
  if (kind === 'object' && !asExpression && (value === undefined || isObject(value))) {
    return (
      <fieldset className="rounded-lg border border-border px-3 pb-3" data-field={path}>
        <legend className="flex items-center gap-2 px-1 text-sm font-medium">
          <Label text={label} required={required} />
        </legend>
        <Hint id={id} hint={hint} />
        <Nested {...props} value={value ?? {}} />
        <Problem id={id} error={error} />
      </fieldset>
    );
  }
  return (
    <div
      data-field={path}
      className="space-y-1.5"
      onDragOver={(event) => {
        if (!takesDrops || readDraggedPath(event.dataTransfer, true) === null) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDrop={(event) => {
        if (!takesDrops || readDraggedPath(event.dataTransfer, true) === null) return;
        event.preventDefault();
        drop(event.dataTransfer);
      }}
    >
      <div className="flex min-h-6 items-center justify-between gap-2">
        <label htmlFor={asExpression ? undefined : id} className="text-xs font-medium">
          <Label text={label} required={required} />
        </label>
        {mode === 'expressions' ? (
          <ModeToggle
            expression={asExpression}
            disabled={readOnly}
            onChange={(expression) => {
              setWantsExpression(expression);
              if (expression && value !== undefined && typeof value !== 'string')
                onChange(JSON.stringify(value));
              if (!expression && isExpression(value)) onChange(undefined);
            }}
          />
        ) : null}
      </div>
      {asExpression ? (
        <ExpressionField
          label={label}
          value={typeof value === 'string' ? value : writeMixed(value)}
          onChange={(text) => onChange(text === '' ? undefined : text)}
          scope={scope}
          lines={kind === 'longText' ? 3 : 1}
          readOnly={readOnly}
          invalid={error !== null}
          describedBy={describedBy}
          placeholder="{{ parameters. }}"
        />
      ) : (
        <FixedControl
          id={id}
          name={name}
          schema={schema}
          value={value}
          onChange={(next) => {
            setRefusal(null);
            onChange(next);
          }}
          required={required}
          readOnly={readOnly}
          invalid={error !== null}
          describedBy={describedBy}
        />
      )}
      <Hint id={id} hint={hint} />
      <Problem id={id} error={error} />
    </div>
  );
}

function Nested(props: SchemaFieldProps & { value: FormValue }) {
  const { schema, value, onChange, path } = props;
  return (
    <div className="mt-2 space-y-3">
      {fieldsOf(schema).map((field) => (
        <SchemaField
          {...props}
          key={field.name}
          name={field.name}
          path={`${path}.${field.name}`}
          schema={field.schema}
          required={field.required}
          value={value[field.name]}
          onChange={(next) => {
            const whole = withField(value, field.name, next);
            onChange(Object.keys(whole).length === 0 && !props.required ? undefined : whole);
          }}
        />
      ))}
    </div>
  );
}

function Label({ text, required }: { text: string; required: boolean }) {
  return (
    <>
      {text}
      {required ? (
        <>
          <span aria-hidden="true" className="ml-0.5 text-danger">
            *
          </span>
          <span className="sr-only"> ({strings.required})</span>
        </>
      ) : null}
    </>
  );
}

function Hint({ id, hint }: { id: string; hint: string | null }) {
  return hint ? (
    <p id={`${id}-hint`} className="text-xs text-text-2">
      {hint}
    </p>
  ) : null;
}

function Problem({ id, error }: { id: string; error: string | null }) {
  return error ? (
    <p id={`${id}-error`} className="text-xs text-danger">
      {error}
    </p>
  ) : null;
}

/** Fixed or expression: two buttons that say what is on. */
function ModeToggle({
  expression,
  disabled,
  onChange,
}: {
  expression: boolean;
  disabled: boolean;
  onChange: (expression: boolean) => void;
}) {
  return (
    <span role="group" aria-label={strings.mode} className="flex rounded-md bg-surface-2 p-0.5 text-xs">
      {[false, true].map((value) => (
        <button
          key={String(value)}
          type="button"
          aria-pressed={expression === value}
          disabled={disabled}
          onClick={() => onChange(value)}
          className="rounded px-1.5 py-0.5 text-text-2 aria-pressed:bg-surface aria-pressed:text-text aria-pressed:shadow-sm"
        >
          {value ? strings.expression : strings.fixed}
        </button>
      ))}
    </span>
  );
}

/** The message at the field, or for fields that are not split further the first one inside it. */
function errorAt(errors: Record<string, string>, path: string, split: boolean): string | null {
  const own = errors[path];
  if (own !== undefined || split) return own ?? null;
  const inside = Object.keys(errors).find((key) => key.startsWith(`${path}.`));
  return inside === undefined ? null : `${inside.slice(path.length + 1)}: ${errors[inside] ?? ''}`;
}

/** What it is for and what it is without a value. A secret's default is not shown; one typed here would be. */
function hintOf(schema: JsonSchema, isSecret: boolean, isWritten: boolean): string | null {
  const description = typeof schema['description'] === 'string' ? schema['description'] : '';
  if (isSecret) return (isWritten ? `${description} ${strings.readableSecret}` : description).trim() || null;
  const fallback = schema['default'];
  if (fallback === undefined || fallback === '' || /\(Default:/.test(description)) return description || null;
  return `${description} ${strings.defaultIs(writeMixed(fallback))}`.trim();
}

function isObject(value: Json): value is FormValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
