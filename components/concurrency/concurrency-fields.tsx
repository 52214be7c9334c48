'use client';

import { strings } from '@/components/strings';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { ExpressionField } from '../code/expression-field';
import type { ExpressionScope } from '../code/scope';
import { toPolicy, type WrittenPolicy } from './written-policy';

const text = strings.concurrency;

interface Props {
  value: WrittenPolicy | null;
  /** Null: no limit. */
  onChange: (value: WrittenPolicy | null, field: string) => void;
  /** By field: `concurrency.limit`, … */
  errors: Record<string, string>;
  readOnly: boolean;
  /** The names that the key may use, where they can be completed. */
  scope?: ExpressionScope;
}

/** How many executions of an action or workflow may run at a time. What belongs to a limit shows once there is one. */
export function ConcurrencyFields({ value, onChange, errors, readOnly, scope }: Props) {
  const set = (field: keyof WrittenPolicy, written: string) =>
    onChange(toPolicy(value, field, written), `concurrency.${field}`);
  const control = (field: keyof WrittenPolicy) => ({
    'data-field': `concurrency.${field}`,
    value: String(value?.[field] ?? ''),
    readOnly,
    onChange: ({ target }: { target: { value: string } }) => set(field, target.value),
  });
  const fault = (...fields: string[]) => {
    const error = fields.map((field) => errors[field]).find(Boolean);
    return error ? { error } : {};
  };
  return (
    <fieldset className="min-w-0 space-y-3">
      <legend className="mb-2 text-sm font-semibold">{text.title}</legend>
      <Field label={text.limit} hint={text.limitHint} {...fault('concurrency.limit', 'concurrency')}>
        <Input {...control('limit')} inputMode="numeric" />
      </Field>
      {value === null ? null : (
        <>
          <Field label={text.key} hint={text.keyHint} {...fault('concurrency.key')}>
            {scope ? (
              (field) => (
                <div data-field="concurrency.key">
                  <ExpressionField
                    label={text.key}
                    value={value.key ?? ''}
                    onChange={(written) => set('key', written)}
                    scope={scope}
                    readOnly={readOnly}
                    invalid={field['aria-invalid'] === true}
                    describedBy={field['aria-describedby']}
                    placeholder="{{ parameters.host }}"
                  />
                </div>
              )
            ) : (
              <Input {...control('key')} mono placeholder="{{ parameters.host }}" />
            )}
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <Field label={text.whenFull} {...fault('concurrency.when_full')}>
              <Select
                aria-label={text.whenFull}
                value={value.when_full === 'reject' ? 'reject' : 'queue'}
                disabled={readOnly}
                options={(['queue', 'reject'] as const).map((each) => ({
                  value: each,
                  label: text.whenFulls[each],
                }))}
                onValueChange={(each) => set('when_full', each === 'queue' ? '' : each)}
              />
            </Field>
            {value.when_full === 'reject' ? null : (
              <Field label={text.maxQueued} hint={text.maxQueuedHint} {...fault('concurrency.max_queued')}>
                <Input {...control('max_queued')} inputMode="numeric" />
              </Field>
            )}
          </div>
        </>
      )}
    </fieldset>
  );
}
