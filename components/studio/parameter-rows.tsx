'use client';

import { Plus, X } from 'lucide-react';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import type { JsonSchema } from '@/engine/json-schema';
import { isSchema, readMixed, writeMixed } from '../schema-form/field-kind';
import { studio } from '../strings/studio';

const strings = studio.workflow;
const types = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'any'] as const;

/** The workflow's parameters, one card each; what a schema says beyond this is kept untouched. */
export function ParameterRows({
  schema,
  onChange,
  readOnly,
}: {
  schema: JsonSchema;
  onChange: (schema: JsonSchema, field: string) => void;
  readOnly: boolean;
}) {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const write = (next: JsonSchema, nextRequired: string[], field: string) => {
    const { required: _, ...rest } = schema;
    onChange(
      {
        ...rest,
        type: 'object',
        properties: next,
        ...(nextRequired.length > 0 ? { required: nextRequired } : {}),
      },
      field,
    );
  };
  const rename = (from: string, to: string) => {
    if (to === from || Object.hasOwn(properties, to)) return;
    write(
      Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name === from ? to : name, value]),
      ),
      required.map((name) => (name === from ? to : name)),
      'names',
    );
  };
  const freeName = () => {
    for (let number = 1; ; number++)
      if (!Object.hasOwn(properties, `parameter_${number}`)) return `parameter_${number}`;
  };
  return (
    <div className="space-y-2">
      {Object.entries(properties).map(([name, value], index) => {
        const property = isSchema(value) ? value : {};
        const set = (key: string, part: JsonSchema[string] | undefined) => {
          const { [key]: _, ...rest } = property;
          write(
            { ...properties, [name]: part === undefined ? rest : { ...rest, [key]: part } },
            required,
            `${name} ${key}`,
          );
        };
        const type = typeof property['type'] === 'string' ? property['type'] : 'any';
        return (
          <fieldset key={index} className="space-y-2 rounded-lg border border-border p-3">
            <legend className="sr-only">{strings.parameter(name)}</legend>
            <div className="flex items-center gap-1.5">
              <Input
                size="sm"
                className="font-mono"
                aria-label={`${strings.name}: ${strings.parameter(name)}`}
                value={name}
                readOnly={readOnly}
                onChange={(event) => rename(name, event.target.value)}
              />
              <Select
                size="sm"
                aria-label={`${strings.type}: ${strings.parameter(name)}`}
                value={type}
                disabled={readOnly}
                options={types.map((option) => ({ value: option, label: strings.types[option] }))}
                onValueChange={(next) => set('type', next === 'any' ? undefined : next)}
              />
              {readOnly ? null : (
                <IconButton
                  size="sm"
                  label={strings.remove(name)}
                  icon={<X />}
                  onClick={() => {
                    const { [name]: _, ...rest } = properties;
                    write(
                      rest,
                      required.filter((other) => other !== name),
                      `remove ${name}`,
                    );
                  }}
                />
              )}
            </div>
            <Input
              size="sm"
              aria-label={`${strings.description}: ${strings.parameter(name)}`}
              placeholder={strings.description}
              value={typeof property['description'] === 'string' ? property['description'] : ''}
              readOnly={readOnly}
              onChange={({ target }) => set('description', target.value === '' ? undefined : target.value)}
            />
            <div className="flex items-center gap-3">
              <Input
                size="sm"
                aria-label={`${strings.default}: ${strings.parameter(name)}`}
                placeholder={strings.default}
                value={writeMixed(property['default'])}
                readOnly={readOnly}
                onChange={({ target }) => set('default', readMixed(target.value, property))}
              />
              <Checkbox
                label={strings.required}
                checked={required.includes(name)}
                disabled={readOnly}
                onCheckedChange={(checked) =>
                  write(
                    properties,
                    checked ? [...required, name] : required.filter((other) => other !== name),
                    `${name} required`,
                  )
                }
              />
              <Checkbox
                label={strings.secret}
                checked={property['secret'] === true}
                disabled={readOnly}
                onCheckedChange={(checked) => set('secret', checked ? true : undefined)}
              />
            </div>
          </fieldset>
        );
      })}
      {readOnly ? null : (
        <Button
          size="sm"
          variant="ghost"
          icon={<Plus />}
          onClick={() => write({ ...properties, [freeName()]: { type: 'string' } }, required, 'add')}
        >
          {strings.addParameter}
        </Button>
      )}
    </div>
  );
}
