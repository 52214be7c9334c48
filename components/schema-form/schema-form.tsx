'use client';

import { useId } from 'react';
import type { JsonSchema } from '@/engine/json-schema';
import type { ExpressionScope } from '../code/scope';
import { schemaForm as strings } from '../strings/schema-form';
import { fieldsOf } from './field-kind';
import { withField, type FormValue } from './form-value';
import { SchemaField } from './schema-field';

/**
 * A form for the named fields of an object's schema. A cleared field is left out of the value. `errors` are by path
 * (`regions.0.name`). In mode `expressions` each field is either fixed or an expression, which may use the names in
 * `scope`.
 */
export function SchemaForm({
  schema,
  value,
  onChange,
  errors = {},
  mode,
  idPrefix,
  readOnly = false,
  scope = noScope,
}: {
  schema: JsonSchema;
  value: FormValue;
  onChange: (value: FormValue) => void;
  errors?: Record<string, string>;
  mode: 'plain' | 'expressions';
  idPrefix?: string;
  readOnly?: boolean;
  scope?: ExpressionScope;
}) {
  const ownPrefix = useId();
  const fields = fieldsOf(schema);
  return (
    <div className="space-y-4">
      {fields.map((field) => (
        <SchemaField
          key={field.name}
          name={field.name}
          path={field.name}
          schema={field.schema}
          required={field.required}
          value={value[field.name]}
          onChange={(next) => onChange(withField(value, field.name, next))}
          errors={errors}
          mode={mode}
          idPrefix={idPrefix ?? ownPrefix}
          readOnly={readOnly}
          scope={scope}
        />
      ))}
      {errors[''] ? <p className="text-xs text-danger">{errors['']}</p> : null}
      {fields.length === 0 && mode === 'plain' ? (
        <p className="text-sm text-text-2">{strings.noFields}</p>
      ) : null}
    </div>
  );
}

const noScope: ExpressionScope = { names: [] };
