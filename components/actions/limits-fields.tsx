'use client';

import { strings } from '@/components/strings';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Switch } from '@/components/ui/switch';
import { amounts, type WrittenLimits } from './written-limits';

const text = strings.limits;

interface Props {
  value: WrittenLimits;
  onChange: (value: WrittenLimits) => void;
  /** By field: `limits.memory_mb`, … */
  errors: Record<string, string>;
  readOnly: boolean;
}

/** What one attempt of a program may use. */
export function LimitsFields({ value, onChange, errors, readOnly }: Props) {
  return (
    <fieldset className="min-w-0 space-y-3">
      <legend className="mb-2 text-sm font-semibold">{text.title}</legend>
      <p className="text-sm text-text-2">{text.hint}</p>
      <div className="grid grid-cols-2 gap-3">
        {amounts.map((name) => (
          <Field
            key={name}
            label={text.fields[name]}
            hint={text.hints[name]}
            error={errors[`limits.${name}`]}
          >
            <Input
              value={value[name]}
              readOnly={readOnly}
              inputMode={name === 'cpu' ? 'decimal' : 'numeric'}
              autoComplete="off"
              onChange={({ target }) => onChange({ ...value, [name]: target.value })}
            />
          </Field>
        ))}
      </div>
      <Switch
        label={text.network}
        description={text.networkHint}
        checked={value.network === 'on'}
        onCheckedChange={(isOn) => onChange({ ...value, network: isOn ? 'on' : 'off' })}
        disabled={readOnly}
      />
    </fieldset>
  );
}
