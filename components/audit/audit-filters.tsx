'use client';

import { useState } from 'react';
import { strings } from '@/components/strings';
import type { RouterInputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';

const text = strings.audit;
type Query = Pick<RouterInputs['audit']['list'], (typeof filterNames)[number]>;

export const filterNames = [
  ...(['actor', 'event_type', 'resource_type', 'resource_ref'] as const),
  ...(['outcome', 'since', 'until', 'request_id'] as const),
] as const;
const outcomes = ['success', 'failure', 'denied'] as const;

/** What the address says of the filters; what no filter takes is left out. */
export function toQuery(search: { get: (name: string) => string | null }): Query {
  const query: Record<string, string> = {};
  for (const name of filterNames) {
    const value = search.get(name)?.trim();
    const isTaken =
      name === 'outcome'
        ? outcomes.some((one) => one === value)
        : name === 'since' || name === 'until'
          ? !Number.isNaN(Date.parse(value ?? ''))
          : value !== undefined && value !== '';
    if (value && isTaken) query[name] = value;
  }
  return query;
}

/** For a field of the person's own zone. */
function toLocal(time: string | undefined): string {
  if (time === undefined) return '';
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

interface Props {
  values: Query;
  onApply: (values: Record<string, string | null>) => void;
}

/** Who, what, on what, outcome, time and request. */
export function AuditFilters({ values, onApply }: Props) {
  const [draft, setDraft] = useState<Record<string, string | undefined>>({
    ...values,
    since: toLocal(values.since),
    until: toLocal(values.until),
  });
  const input = (name: string, label: string, hint = '', type = 'text') => (
    <Field label={label} className="min-w-36 flex-1">
      <Input
        type={type}
        value={draft[name] ?? ''}
        placeholder={hint}
        onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
      />
    </Field>
  );
  const apply = (chosen: Record<string, string | undefined>) =>
    onApply(
      Object.fromEntries(
        filterNames.map((name) => {
          const value = chosen[name]?.trim() ?? '';
          const isTime = name === 'since' || name === 'until';
          return [name, value === '' ? null : isTime ? new Date(value).toISOString() : value];
        }),
      ),
    );
  return (
    <form
      aria-label={text.filters}
      className="flex flex-wrap items-end gap-3 px-4 pb-4 md:px-6"
      onSubmit={(event) => (event.preventDefault(), apply(draft))}
    >
      {input('actor', text.who)}
      {input('event_type', text.what, text.whatHint)}
      {input('resource_type', text.kind, text.kindHint)}
      {input('resource_ref', text.on)}
      <Field label={text.outcome} className="min-w-32">
        <Select
          value={draft['outcome'] ?? ''}
          onValueChange={(outcome) => setDraft({ ...draft, outcome })}
          options={[
            { value: '', label: text.all },
            ...outcomes.map((value) => ({ value, label: text.outcomes[value] })),
          ]}
        />
      </Field>
      {input('since', text.since, '', 'datetime-local')}
      {input('until', text.until, '', 'datetime-local')}
      {input('request_id', text.request)}
      <Button type="submit">{text.apply}</Button>
      {Object.keys(values).length > 0 ? (
        <Button type="button" variant="ghost" onClick={() => apply({})}>
          {text.clear}
        </Button>
      ) : null}
    </form>
  );
}
