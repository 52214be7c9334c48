'use client';

import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Textarea } from '@/components/ui/textarea';
import type { Task } from '@/engine/definition/schema';
import { taskSettings as strings } from '../strings/task-settings';
import { FailureSelect } from './failure-select';
import { ItemsFields } from './items-fields';
import { RetryFields } from './retry-fields';
import { toDurationValue, toNumberValue } from './setting-values';
import { useTaskSettings, type TaskSettings } from './use-task-settings';

/** How a task is run: timeout, retries, joins, items, what its failure does. */
export function SettingsPart({ task }: { task: Task }) {
  const settings = useTaskSettings(task);
  const { set, text, fault, readOnly } = settings;
  return (
    <div className="space-y-5 p-4">
      <div className="grid grid-cols-2 gap-3">
        <Field label={strings.timeout} hint={strings.timeoutHint} {...fault('timeout')}>
          <Input
            {...text('timeout', task.timeout)}
            onChange={({ target }) => set({ timeout: toDurationValue(target.value) }, 'timeout')}
          />
        </Field>
        <Field label={strings.delay} hint={strings.delayHint} {...fault('delay')}>
          <Input
            {...text('delay', task.delay)}
            onChange={({ target }) => set({ delay: toDurationValue(target.value) }, 'delay')}
          />
        </Field>
      </div>
      <RetryFields {...settings} />
      <JoinFields {...settings} />
      <ItemsFields {...settings} />
      <Field label={strings.onFailure} {...fault('on_failure')}>
        <FailureSelect
          value={task.on_failure}
          none={strings.onFailureOfTask}
          label={strings.onFailure}
          readOnly={readOnly}
          onChange={(value) => set({ on_failure: value }, 'on_failure')}
        />
      </Field>
      <Field label={strings.description} hint={strings.descriptionHint} {...fault('description')}>
        <Textarea
          {...text('description', task.description)}
          rows={2}
          onChange={({ target }) => set({ description: target.value || undefined }, 'description')}
        />
      </Field>
    </div>
  );
}

function JoinFields({ task: { join }, set, text, fault, readOnly }: TaskSettings) {
  const kind = join === undefined ? 'none' : typeof join === 'number' ? 'count' : join;
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field className="col-span-2" label={strings.join} {...fault('join')}>
        <div data-field="join">
          <Select
            value={kind}
            disabled={readOnly}
            options={(['none', 'all', 'any', 'count'] as const).map((value) => ({
              value,
              label: strings.joins[value],
            }))}
            onValueChange={(value) =>
              set({ join: value === 'none' ? undefined : value === 'count' ? 2 : value }, 'join')
            }
          />
        </div>
      </Field>
      {typeof join === 'number' ? (
        <Field label={strings.joinCount}>
          <Input
            {...text('join', join)}
            inputMode="numeric"
            onChange={({ target }) => set({ join: toNumberValue(target.value) ?? 1 }, 'join')}
          />
        </Field>
      ) : null}
    </div>
  );
}
