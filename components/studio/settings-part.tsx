'use client';

import { useMemo } from 'react';
import { Checkbox } from '@/components/ui/checkbox';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { updateTask } from '@/engine/definition/edit';
import type { Task } from '@/engine/definition/schema';
import { ExpressionField } from '../code/expression-field';
import { readMixed, writeMixed } from '../schema-form/field-kind';
import { studio } from '../strings/studio';
import { problemsAt } from './problems-at';
import { toDurationValue, toNumberValue } from './setting-values';
import { useStudio } from './studio-context';
import { useScope } from './use-scope';

const strings = studio.settings;

/** How a task is run: timeout, retries, joins, items. */
export function SettingsPart({ task }: { task: Task }) {
  const { problems, readOnly, editDefinition } = useStudio();
  const scope = useScope(task, false);
  const errors = useMemo(() => problemsAt(problems, task.name, ''), [problems, task.name]);
  const set = (part: Partial<Record<keyof Task, unknown>>, field: string) =>
    editDefinition(
      studio.steps.edit(task.name),
      (definition) => updateTask(definition, task.name, part),
      `settings ${task.name} ${field}`,
    );
  const retry = task.retry;
  const setRetry = (part: Partial<NonNullable<Task['retry']>>, field: string) => {
    const next = clean({ count: 0, ...retry, ...part });
    set({ retry: next['count'] === 0 && Object.keys(next).length === 1 ? undefined : next }, field);
  };
  const on = retry?.on ?? ['failed', 'timeout'];
  const join = task.join;
  const joinKind = join === undefined ? 'none' : typeof join === 'number' ? 'count' : join;
  const repeat = task.with_items;
  const setRepeat = (part: Record<string, unknown>, field: string) => {
    const next = clean({ ...repeat, ...part });
    set({ with_items: next['items'] === undefined ? undefined : next }, field);
  };
  const text = (field: string, value: unknown) => ({
    value: value === undefined ? '' : String(value),
    readOnly,
    'data-field': field,
  });
  const fault = (field: string) => (errors[field] ? { error: errors[field] } : {});
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
      <fieldset className="space-y-3">
        <legend className="mb-2 text-sm font-semibold">{strings.retry}</legend>
        <div className="grid grid-cols-2 gap-3">
          <Field label={strings.count} hint={strings.countHint} {...fault('retry.count')}>
            <Input
              {...text('retry.count', retry?.count)}
              inputMode="numeric"
              onChange={({ target }) =>
                setRetry({ count: (toNumberValue(target.value) ?? 0) as number }, 'retry.count')
              }
            />
          </Field>
          <Field label={strings.retryDelay} {...fault('retry.delay')}>
            <Input
              {...text('retry.delay', retry?.delay)}
              onChange={({ target }) => setRetry({ delay: toDurationValue(target.value) }, 'retry.delay')}
            />
          </Field>
          <Field label={strings.backoff}>
            <Select
              value={retry?.backoff ?? 'constant'}
              disabled={readOnly}
              options={(['constant', 'linear', 'exponential'] as const).map((value) => ({
                value,
                label: strings.backoffs[value],
              }))}
              onValueChange={(backoff) => setRetry({ backoff } as never, 'retry.backoff')}
            />
          </Field>
          <Field label={strings.maxDelay} {...fault('retry.max_delay')}>
            <Input
              {...text('retry.max_delay', retry?.max_delay)}
              onChange={({ target }) =>
                setRetry({ max_delay: toDurationValue(target.value) }, 'retry.max_delay')
              }
            />
          </Field>
        </div>
        <div role="group" aria-label={strings.on} className="flex flex-wrap items-center gap-4">
          <span className="text-sm">{strings.on}</span>
          {(['failed', 'timeout'] as const).map((outcome) => (
            <Checkbox
              key={outcome}
              label={outcome === 'failed' ? strings.onFailed : strings.onTimeout}
              checked={on.includes(outcome)}
              disabled={readOnly || retry === undefined}
              onCheckedChange={(checked) =>
                setRetry(
                  { on: checked ? [...on, outcome] : on.filter((other) => other !== outcome) },
                  'retry.on',
                )
              }
            />
          ))}
        </div>
      </fieldset>
      <div className="grid grid-cols-2 gap-3">
        <Field className="col-span-2" label={strings.join} {...fault('join')}>
          <div data-field="join">
            <Select
              value={joinKind}
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
      <div className="space-y-1.5" data-field="with_items">
        <span className="text-xs font-medium">{strings.items}</span>
        <p className="text-xs text-text-2">{strings.itemsHint}</p>
        <ExpressionField
          label={strings.items}
          value={writeMixed(repeat?.items)}
          onChange={(text) =>
            setRepeat({ items: readMixed(text, { type: ['array', 'string'] }) }, 'with_items')
          }
          scope={scope}
          readOnly={readOnly}
          invalid={(errors['with_items.items'] ?? errors['with_items']) !== undefined}
          placeholder="{{ parameters.list }}"
        />
        {errors['with_items.items'] ? (
          <p className="text-xs text-danger">{errors['with_items.items']}</p>
        ) : null}
      </div>
      {repeat !== undefined ? (
        <Field
          label={strings.concurrency}
          hint={strings.concurrencyHint}
          {...fault('with_items.concurrency')}
        >
          <Input
            {...text('with_items.concurrency', repeat.concurrency)}
            inputMode="numeric"
            onChange={({ target }) =>
              setRepeat({ concurrency: toNumberValue(target.value) }, 'with_items.concurrency')
            }
          />
        </Field>
      ) : null}
    </div>
  );
}

function clean(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined));
}
