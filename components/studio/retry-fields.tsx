'use client';

import { Checkbox } from '@/components/ui/checkbox';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { RetryOutcome, type Retry } from '@/engine/definition/schema';
import { ConditionField } from './condition-field';
import { taskSettings as strings } from '../strings/task-settings';
import { toDurationValue, toFractionValue, toNumberValue, withValues } from './setting-values';
import { useScope } from './use-scope';
import type { TaskSettings } from './use-task-settings';

/** When a task is tried again, and after how long. */
export function RetryFields({ task, set, text, fault, errors, readOnly }: TaskSettings) {
  const scope = useScope(task, true);
  const { retry } = task;
  const setRetry = (part: Partial<Record<keyof Retry, unknown>>, field: keyof Retry) => {
    const next = withValues({ count: 0, ...retry, ...part }) ?? {};
    const isNone = next['count'] === 0 && Object.keys(next).length === 1;
    set({ retry: isNone ? undefined : next }, `retry.${field}`);
  };
  const on = retry?.on ?? ['failed', 'timeout'];
  const toggle = (outcome: RetryOutcome, isOn: boolean) =>
    setRetry({ on: isOn ? [...on, outcome] : on.filter((other) => other !== outcome) }, 'on');
  return (
    <fieldset className="min-w-0 space-y-3">
      <legend className="mb-2 text-sm font-semibold">{strings.retry}</legend>
      <div className="grid grid-cols-2 gap-3">
        <Field label={strings.count} hint={strings.countHint} {...fault('retry.count')}>
          <Input
            {...text('retry.count', retry?.count)}
            inputMode="numeric"
            onChange={({ target }) => setRetry({ count: toNumberValue(target.value) ?? 0 }, 'count')}
          />
        </Field>
        <Field label={strings.retryDelay} {...fault('retry.delay')}>
          <Input
            {...text('retry.delay', retry?.delay)}
            onChange={({ target }) => setRetry({ delay: toDurationValue(target.value) }, 'delay')}
          />
        </Field>
        <Field label={strings.backoff} {...fault('retry.backoff')}>
          <Select
            value={retry?.backoff ?? 'constant'}
            disabled={readOnly}
            options={(['constant', 'linear', 'exponential'] as const).map((value) => ({
              value,
              label: strings.backoffs[value],
            }))}
            onValueChange={(backoff) => setRetry({ backoff }, 'backoff')}
          />
        </Field>
        <Field label={strings.maxDelay} {...fault('retry.max_delay')}>
          <Input
            {...text('retry.max_delay', retry?.max_delay)}
            onChange={({ target }) => setRetry({ max_delay: toDurationValue(target.value) }, 'max_delay')}
          />
        </Field>
        <Field
          className="col-span-2"
          label={strings.jitter}
          hint={strings.jitterHint}
          {...fault('retry.jitter')}
        >
          <Input
            {...text('retry.jitter', retry?.jitter)}
            inputMode="decimal"
            onChange={({ target }) => setRetry({ jitter: toFractionValue(target.value) }, 'jitter')}
            onBlur={({ target }) => {
              const number = Number(target.value);
              if (typeof retry?.jitter === 'string' && !Number.isNaN(number))
                setRetry({ jitter: number }, 'jitter');
            }}
          />
        </Field>
      </div>
      <div role="group" aria-label={strings.on} data-field="retry.on" className="space-y-1">
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <span className="text-sm">{strings.on}</span>
          {RetryOutcome.options.map((outcome) => (
            <Checkbox
              key={outcome}
              label={strings.outcomes[outcome]}
              checked={on.includes(outcome)}
              disabled={readOnly || retry === undefined}
              onCheckedChange={(isOn) => toggle(outcome, isOn)}
            />
          ))}
        </div>
        <p className="text-xs text-text-2">{strings.abandonedHint}</p>
        {errors['retry.on'] ? <p className="text-xs text-danger">{errors['retry.on']}</p> : null}
      </div>
      <ConditionField
        label={strings.retryWhen}
        hint={strings.retryWhenHint}
        field="retry.when"
        value={retry?.when ?? ''}
        error={errors['retry.when']}
        scope={scope}
        readOnly={readOnly}
        placeholder="{{ result().exit_code != 2 }}"
        onChange={(when) => setRetry({ when: when === '' ? undefined : when }, 'when')}
      />
    </fieldset>
  );
}
