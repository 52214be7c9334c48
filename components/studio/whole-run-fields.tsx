'use client';

import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Textarea } from '@/components/ui/textarea';
import type { Cancellation, Definition } from '@/engine/definition/schema';
import { taskSettings } from '../strings/task-settings';
import { FailureSelect } from './failure-select';
import { toDurationValue, toNumberValue, withValues } from './setting-values';

const strings = taskSettings.whole;

interface Props {
  definition: Definition;
  errors: Record<string, string>;
  readOnly: boolean;
  set: (part: Partial<Record<keyof Definition, unknown>>, field: string) => void;
}

/** What holds for a whole run: its timeout, its end by failure or cancelling, the guard against loops. */
export function WholeRunFields({ definition, errors, readOnly, set }: Props) {
  const { cancellation } = definition;
  const text = (field: string, value: unknown) => ({
    value: value === undefined ? '' : String(value),
    readOnly,
    'data-field': field,
  });
  const fault = (field: string) => (errors[field] ? { error: errors[field] } : {});
  const setCancellation = (part: Partial<Record<keyof Cancellation, unknown>>, field: string) =>
    set({ cancellation: withValues({ ...cancellation, ...part }) }, field);
  return (
    <fieldset className="min-w-0 space-y-3">
      <legend className="mb-2 text-sm font-semibold">{strings.title}</legend>
      <Field label={strings.timeout} hint={strings.timeoutHint} {...fault('timeout')}>
        <Input
          {...text('timeout', definition.timeout)}
          onChange={({ target }) => set({ timeout: toDurationValue(target.value) }, 'timeout')}
        />
      </Field>
      <Field label={strings.maxTaskRuns} hint={strings.maxTaskRunsHint} {...fault('max_task_runs')}>
        <Input
          {...text('max_task_runs', definition.max_task_runs)}
          inputMode="numeric"
          onChange={({ target }) => set({ max_task_runs: toNumberValue(target.value) }, 'max_task_runs')}
        />
      </Field>
      <Field label={strings.onFailure} {...fault('on_failure')}>
        <FailureSelect
          value={definition.on_failure}
          none={taskSettings.onFailures.none}
          label={strings.onFailure}
          readOnly={readOnly}
          onChange={(value) => set({ on_failure: value }, 'on_failure')}
        />
      </Field>
      <Field label={strings.cancel} {...fault('cancellation.running')}>
        <div data-field="cancellation.running">
          <Select
            aria-label={strings.cancel}
            value={cancellation?.running ?? 'cancel'}
            disabled={readOnly}
            options={(['cancel', 'finish'] as const).map((value) => ({
              value,
              label: strings.running[value],
            }))}
            onValueChange={(value) =>
              setCancellation({ running: value === 'cancel' ? undefined : value }, 'cancellation.running')
            }
          />
        </div>
      </Field>
      <Field label={strings.grace} hint={strings.graceHint} {...fault('cancellation.grace')}>
        <Input
          {...text('cancellation.grace', cancellation?.grace)}
          onChange={({ target }) =>
            setCancellation({ grace: toDurationValue(target.value) }, 'cancellation.grace')
          }
        />
      </Field>
    </fieldset>
  );
}

/** What the workflow is, for people. */
export function AboutFields({ definition, errors, readOnly, set }: Props) {
  return (
    <fieldset className="min-w-0 space-y-3">
      <legend className="mb-2 text-sm font-semibold">{strings.about}</legend>
      <Field
        label={taskSettings.description}
        hint={taskSettings.descriptionHint}
        {...(errors['description'] ? { error: errors['description'] } : {})}
      >
        <Textarea
          data-field="description"
          rows={2}
          readOnly={readOnly}
          value={definition.description ?? ''}
          onChange={({ target }) => set({ description: target.value || undefined }, 'description')}
        />
      </Field>
      <Field
        label={strings.version}
        hint={strings.versionHint}
        {...(errors['version'] ? { error: errors['version'] } : {})}
      >
        <Input
          data-field="version"
          readOnly={readOnly}
          value={definition.version ?? ''}
          onChange={({ target }) => set({ version: target.value || undefined }, 'version')}
        />
      </Field>
    </fieldset>
  );
}
