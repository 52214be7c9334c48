'use client';

import { strings } from '@/components/strings';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import type { GuardsDraft } from './guards';

const text = strings.rules.guards;

interface Props {
  value: GuardsDraft;
  onChange: (value: GuardsDraft) => void;
  errors: Record<string, string>;
}

/** What holds a rule back though it matches. */
export function GuardsFields({ value, onChange, errors }: Props) {
  const number = (
    name: Exclude<keyof GuardsDraft, 'dedupeKey'>,
    label: string,
    path: string,
    hint?: string,
  ) => (
    <Field label={label} hint={hint} error={errors[`guards.${path}`]}>
      <Input
        type="number"
        min={name === 'rateCount' ? 1 : 0.1}
        step={name === 'rateCount' ? 1 : 'any'}
        value={value[name]}
        onChange={({ target }) => onChange({ ...value, [name]: target.value })}
      />
    </Field>
  );
  return (
    <div className="space-y-5">
      <p className="text-xs text-text-2">{text.hint}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {number('cooldown', text.cooldown, 'cooldown_seconds', text.cooldownHint)}
      </div>
      <fieldset className="space-y-3">
        <legend className="text-sm font-semibold">{text.dedupe}</legend>
        <p className="text-xs text-text-2">{text.dedupeHint}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={text.dedupeKey} error={errors['guards.dedupe.key']}>
            <Input
              mono
              placeholder="{{ event.payload.… }}"
              value={value.dedupeKey}
              onChange={({ target }) => onChange({ ...value, dedupeKey: target.value })}
              autoComplete="off"
              spellCheck={false}
            />
          </Field>
          {number('dedupeWindow', text.dedupeWindow, 'dedupe.window_seconds')}
        </div>
      </fieldset>
      <fieldset className="space-y-3">
        <legend className="text-sm font-semibold">{text.rate}</legend>
        <p className="text-xs text-text-2">{text.rateHint}</p>
        <div className="grid gap-4 sm:grid-cols-2">
          {number('rateCount', text.rateCount, 'rate.count')}
          {number('rateWindow', text.rateWindow, 'rate.window_seconds')}
        </div>
      </fieldset>
    </div>
  );
}
