'use client';

import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import type { Items } from '@/engine/definition/schema';
import { ExpressionField } from '../code/expression-field';
import { readMixed, writeMixed } from '../schema-form/field-kind';
import { taskSettings as strings } from '../strings/task-settings';
import { toNumberValue, withValues } from './setting-values';
import { useScope } from './use-scope';
import type { TaskSettings } from './use-task-settings';

const shared = [
  { field: 'as', label: strings.itemName, hint: strings.itemNameHint, isNumber: false },
  { field: 'batch_size', label: strings.batchSize, hint: strings.batchSizeHint, isNumber: true },
  { field: 'concurrency', label: strings.concurrency, hint: strings.concurrencyHint, isNumber: true },
  { field: 'allow_failures', label: strings.allowFailures, hint: strings.allowFailuresHint, isNumber: true },
] as const;

/** Whether a task runs once for each item of a list, and how. What belongs to a list shows once there is one. */
export function ItemsFields({ task, set, text, fault, errors, readOnly }: TaskSettings) {
  const scope = useScope(task, false);
  const repeat = task.with_items;
  const setRepeat = (part: Partial<Record<keyof Items, unknown>>, field: string) => {
    const next = withValues({ ...repeat, ...part });
    set({ with_items: next?.['items'] === undefined ? undefined : next }, field);
  };
  const listError = errors['with_items.items'] ?? errors['with_items'];
  return (
    <>
      <div className="space-y-1.5" data-field="with_items">
        <span className="text-xs font-medium">{strings.items}</span>
        <p className="text-xs text-text-2">{strings.itemsHint}</p>
        <ExpressionField
          label={strings.items}
          value={writeMixed(repeat?.items)}
          onChange={(written) =>
            setRepeat({ items: readMixed(written, { type: ['array', 'string'] }) }, 'with_items')
          }
          scope={scope}
          readOnly={readOnly}
          invalid={listError !== undefined}
          placeholder="{{ parameters.list }}"
        />
        {listError ? <p className="text-xs text-danger">{listError}</p> : null}
      </div>
      {repeat === undefined ? null : (
        <div className="grid grid-cols-2 gap-3">
          {shared.map(({ field, label, hint, isNumber }) => (
            <Field key={field} label={label} hint={hint} {...fault(`with_items.${field}`)}>
              <Input
                {...text(`with_items.${field}`, repeat[field])}
                {...(field === 'as' ? { mono: true } : {})}
                onChange={({ target }) =>
                  setRepeat(
                    { [field]: isNumber ? toNumberValue(target.value) : target.value },
                    `with_items.${field}`,
                  )
                }
              />
            </Field>
          ))}
          <Field
            className="col-span-2"
            label={strings.onItemFailure}
            {...fault('with_items.on_item_failure')}
          >
            <div data-field="with_items.on_item_failure">
              <Select
                aria-label={strings.onItemFailure}
                value={repeat.on_item_failure ?? 'continue'}
                disabled={readOnly}
                options={(['continue', 'stop'] as const).map((value) => ({
                  value,
                  label: strings.onItemFailures[value],
                }))}
                onValueChange={(value) =>
                  setRepeat(
                    { on_item_failure: value === 'continue' ? undefined : value },
                    'with_items.on_item_failure',
                  )
                }
              />
            </div>
          </Field>
        </div>
      )}
    </>
  );
}
