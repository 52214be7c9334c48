'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { FormValue } from '@/components/schema-form/form-value';
import { fieldsOf } from '@/components/schema-form/field-kind';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Callout } from '@/components/ui/callout';
import { isTimerTrigger, nextFirings, readSchedule, type TimerTrigger } from '@/engine/trigger/schedule';

const text = strings.rules.timer;
const shown = 10;

interface Props {
  triggerRef: string;
  value: FormValue;
  onChange: (value: FormValue) => void;
  errors: Record<string, string>;
}

/** What a trigger wants to know of the rule, such as when a timer fires, with its next times as the clock will have them. */
export function TriggerParams({ triggerRef, value, onChange, errors }: Props) {
  const trpc = useTRPC();
  const query = useQuery({
    ...trpc.triggers.get.queryOptions({ ref: triggerRef }),
    enabled: triggerRef !== '',
  });
  const schema = query.data?.paramSchema;
  if (!schema || fieldsOf(schema).length === 0) return null;
  return (
    <div className="mt-4 space-y-4">
      <SchemaForm
        mode="plain"
        schema={schema}
        value={value}
        onChange={onChange}
        errors={errors}
        idPrefix="trigger-param"
      />
      {isTimerTrigger(triggerRef) ? <NextTimes triggerRef={triggerRef} params={value} /> : null}
    </div>
  );
}

function NextTimes({ triggerRef, params }: { triggerRef: TimerTrigger; params: FormValue }) {
  // As if the rule were switched on when the page was opened.
  const [now] = useState(() => Date.now());
  const key = JSON.stringify(params);
  const next = useMemo(() => {
    const { schedule, problems } = readSchedule(triggerRef, JSON.parse(key) as FormValue, now);
    return schedule
      ? { times: nextFirings(schedule, now, now, shown), problems: [] }
      : { times: [], problems };
  }, [triggerRef, key, now]);
  if (Object.keys(params).length === 0) return null;
  if (next.problems.length > 0)
    return (
      <Callout kind="warning">
        {next.problems.map(({ path, message }) => (
          <p key={path}>
            <span className="font-medium">{path}</span> {message}
          </p>
        ))}
      </Callout>
    );
  if (next.times.length === 0) return <Callout kind="warning">{text.never}</Callout>;
  const zone = typeof params['timezone'] === 'string' ? params['timezone'] : 'UTC';
  const print = new Intl.DateTimeFormat(undefined, {
    ...{ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short', timeZone: zone },
  });
  return (
    <section aria-labelledby="next-times" className="rounded-md border border-border bg-surface-2 px-4 py-3">
      <h3 id="next-times" className="text-xs font-semibold text-text-2">
        {text.next}
      </h3>
      <ol className="mt-2 columns-1 gap-6 text-sm tabular-nums sm:columns-2">
        {next.times.map((at) => (
          <li key={at}>
            <time dateTime={new Date(at).toISOString()}>{print.format(at)}</time>
          </li>
        ))}
      </ol>
    </section>
  );
}
