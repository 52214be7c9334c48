'use client';

import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';
import { formatAbsolute } from '@/components/ui/format-time';
import { Select } from '@/components/ui/select';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import { ValueTree } from '../code/value-tree';
import { useHasRight } from '../identities/use-has-right';
import type { FormValue } from '../schema-form/form-value';
import { holdsMask } from '../schema-form/masks';
import { placesOf, type Place } from '../schema-form/put-value';
import { runInputs as strings } from '../strings/run-inputs';
import { toCallError, useTRPC, useTRPCClient, type Client, type RouterOutputs } from '../trpc';
import { inputsByName, inputsByRule } from './inputs-of-event';

const eventsAtATime = 20;
type Rule = RouterOutputs['rules']['list'][number];

/**
 * Inputs from something that happened: of a trigger's events one is chosen, which is rendered by the rule that leads
 * here or matched by name; beside, its payload, of which any value can be put into a field.
 */
export function EventInputs({
  workflowRef,
  schema,
  onTake,
  onPut,
}: {
  workflowRef: string;
  schema: JsonSchema;
  onTake: (parameters: FormValue) => void;
  onPut: (place: Place, value: Json) => void;
}) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const mayReadRules = useHasRight('rules', 'read');
  const mayReadTriggers = useHasRight('triggers', 'read');
  const rules = useQuery(trpc.rules.list.queryOptions(undefined, { enabled: mayReadRules }));
  const triggers = useQuery(trpc.triggers.list.queryOptions(undefined, { enabled: mayReadTriggers }));
  const leading = (rules.data ?? [])
    .filter(({ actionRef }) => actionRef === workflowRef)
    .sort((a, b) => Number(b.enabled) - Number(a.enabled));
  const [chosenTrigger, setTrigger] = useState<string | null>(null);
  const [chosenRule, setRule] = useState<string | null>(null);
  const [said, setSaid] = useState<{ kind: 'info' | 'warning'; text: string } | null>(null);
  const triggerRef = chosenTrigger ?? leading[0]?.triggerRef ?? null;
  const through = leading.filter((rule) => rule.triggerRef === triggerRef);
  const rule = through.find(({ ref }) => ref === chosenRule) ?? through[0] ?? null;

  const taken = useMutation({
    mutationFn: async ({ id, by }: { id: number; by: Rule | null }) => {
      const event = await client.events.get.query({ id });
      return { event, inputs: by ? await renderBy(client, by, id) : inputsByName(schema, event.payload) };
    },
    onSuccess: ({ inputs }) => {
      setSaid({ kind: inputs.isComplete ? 'info' : 'warning', text: inputs.said });
      onTake(inputs.parameters);
    },
  });
  const take = (id: number, by: Rule | null) => {
    setSaid(null);
    taken.mutate({ id, by });
  };
  const event = taken.data?.event.triggerRef === triggerRef ? taken.data.event : null;
  return (
    <section aria-label={strings.event} className="space-y-3 rounded-lg border border-border p-3">
      <Field label={strings.trigger}>
        <Combobox
          label={strings.trigger}
          placeholder={strings.chooseTrigger}
          value={triggerRef}
          options={optionsOf(triggers.data ?? [], leading)}
          onValueChange={(ref) => {
            setTrigger(ref);
            setRule(null);
            setSaid(null);
          }}
        />
      </Field>
      {through.length > 1 ? (
        <Select
          label={strings.rule}
          value={rule?.ref ?? ''}
          options={through.map(({ ref, label, enabled }) => ({
            value: ref,
            label: enabled ? `${label} (${ref})` : `${label} (${ref}), ${strings.ruleOff}`,
          }))}
          onValueChange={(ref) => {
            setRule(ref);
            if (event) take(event.id, through.find((one) => one.ref === ref) ?? null);
          }}
        />
      ) : null}
      {triggerRef === null ? null : (
        <EventPicker
          key={triggerRef}
          triggerRef={triggerRef}
          chosen={event?.id ?? null}
          onPick={(id) => take(id, rule)}
        />
      )}
      <div role="status" className="space-y-3">
        {taken.error ? <Callout kind="error">{toCallError(taken.error).message}</Callout> : null}
        {said && event ? <Callout kind={said.kind}>{said.text}</Callout> : null}
      </div>
      {event ? <Payload value={event.payload} schema={schema} onPut={onPut} /> : null}
    </section>
  );
}

/** The inputs that a rule gives for an event, and whether its criteria would have let it: the server says both. */
async function renderBy(client: Client, { ref }: Rule, eventId: number) {
  const { triggerRef, actionParams } = await client.rules.get.query({ ref });
  // Without criteria, so that the inputs are rendered also where the rule leaves the event alone; `before` says so.
  const trial = { ref, triggerRef, actionParams, conditions: {}, eventId };
  return inputsByRule(ref, eventId, await client.rules.test.query(trial));
}

function optionsOf(triggers: RouterOutputs['triggers']['list'], leading: readonly Rule[]) {
  const leads = new Set(leading.map(({ triggerRef }) => triggerRef));
  const known = new Set(triggers.map(({ ref }) => ref));
  const all = [
    ...triggers.map(({ ref, label }) => ({ value: ref, label, description: ref })),
    ...[...leads]
      .filter((ref) => !known.has(ref))
      .map((ref) => ({ value: ref, label: ref, description: '' })),
  ];
  return all
    .map((one) => ({ ...one, group: leads.has(one.value) ? strings.leadsHere : strings.others }))
    .sort((a, b) => Number(leads.has(b.value)) - Number(leads.has(a.value)));
}

function EventPicker({
  triggerRef,
  chosen,
  onPick,
}: {
  triggerRef: string;
  chosen: number | null;
  onPick: (id: number) => void;
}) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.events.list.infiniteQueryOptions(
      { triggerRef, limit: eventsAtATime },
      { getNextPageParam: (page) => page.next ?? undefined },
    ),
  );
  const events = query.data?.pages.flatMap(({ items }) => items) ?? [];
  if (query.isSuccess && events.length === 0)
    return <p className="text-sm text-text-2">{strings.noEvents}</p>;
  return (
    <div className="flex flex-wrap items-end gap-2">
      <Field label={strings.event} className="min-w-0 flex-1 basis-48">
        <Combobox
          label={strings.event}
          placeholder={strings.chooseEvent}
          value={chosen === null ? null : String(chosen)}
          options={events.map(({ id, created }) => ({
            value: String(id),
            label: strings.eventName(id),
            description: formatAbsolute(Date.parse(created)),
          }))}
          onValueChange={(id) => (id === null ? undefined : onPick(Number(id)))}
        />
      </Field>
      {query.hasNextPage ? (
        <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {strings.older}
        </Button>
      ) : null}
    </div>
  );
}

function Payload({
  value,
  schema,
  onPut,
}: {
  value: Json;
  schema: JsonSchema;
  onPut: (place: Place, value: Json) => void;
}) {
  const places = placesOf(schema);
  return (
    <div className="space-y-1.5">
      <h3 className="text-sm font-semibold">{strings.payload}</h3>
      <p className="text-xs text-text-2">{strings.payloadHint}</p>
      <ValueTree
        value={value}
        path="event.payload"
        label="payload"
        openDepth={2}
        menuOf={(part) =>
          holdsMask(part)
            ? [{ heading: strings.cannotPut }]
            : [
                { heading: strings.putInto },
                ...places.map((place) => ({
                  key: place.path.join('.'),
                  label: place.label,
                  onSelect: () => onPut(place, part),
                })),
              ]
        }
      />
    </div>
  );
}
