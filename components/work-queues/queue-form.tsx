'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { ExpressionScope } from '@/components/code/scope';
import { fieldsOf } from '@/components/schema-form/field-kind';
import type { FormValue } from '@/components/schema-form/form-value';
import { readObject } from '@/components/schema-form/json-text';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { Card } from '@/components/ui/card';
import { Combobox } from '@/components/ui/combobox';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { Textarea } from '@/components/ui/textarea';
import { tuningSchema, type QueueDraft } from './queue-draft';

const text = strings.workQueues;

interface Props {
  draft: QueueDraft;
  onChange: (draft: QueueDraft) => void;
  errors: Record<string, string>;
  isNew: boolean;
}

/** What a queue is, what it does with its items, and how they go out. */
export function QueueForm({ draft, onChange, errors, isNew }: Props) {
  const set = <Key extends keyof QueueDraft>(key: Key, value: QueueDraft[Key]) =>
    onChange({ ...draft, [key]: value });
  return (
    <div className="grid grid-cols-1 gap-6 xl:grid-cols-2">
      <div className="min-w-0 space-y-6">
        <Card>
          <div className="grid gap-4 sm:grid-cols-2">
            {isNew ? (
              <Field label={text.name} hint={text.nameHint} error={errors['ref']} required>
                <Input
                  value={draft.ref}
                  onChange={(event) => set('ref', event.target.value)}
                  autoComplete="off"
                  spellCheck={false}
                />
              </Field>
            ) : null}
            <Field label={text.label} error={errors['label']} required>
              <Input value={draft.label} onChange={(event) => set('label', event.target.value)} />
            </Field>
          </div>
          <Field label={text.whatFor} error={errors['description']} className="mt-4">
            <Textarea
              rows={2}
              value={draft.description}
              onChange={(event) => set('description', event.target.value)}
            />
          </Field>
          <div className="mt-4 flex flex-wrap gap-x-8 gap-y-3">
            <Switch
              label={text.enabled}
              checked={draft.enabled}
              onCheckedChange={(on) => set('enabled', on)}
            />
            <Switch
              label={text.accepting}
              checked={draft.acceptingNewItems}
              onCheckedChange={(on) => set('acceptingNewItems', on)}
            />
          </div>
        </Card>
        <DispatchPart draft={draft} onChange={onChange} errors={errors} isNew={isNew} />
      </div>
      <div className="min-w-0 space-y-6">
        <Card title={text.items}>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field label={text.sameKey}>
              <Select
                value={draft.sameKey}
                onValueChange={(value) => set('sameKey', value as QueueDraft['sameKey'])}
                options={toOptions(text.sameKeys)}
              />
            </Field>
            <Field
              label={text.defaultPriority}
              hint={text.defaultPriorityHint}
              error={errors['defaultPriority']}
            >
              <Input
                inputMode="numeric"
                value={draft.defaultPriority}
                onChange={(event) => set('defaultPriority', event.target.value)}
              />
            </Field>
          </div>
          <Field
            label={text.itemSchema}
            hint={text.itemSchemaHint}
            error={errors['itemSchema']}
            className="mt-4"
          >
            <Textarea
              mono
              rows={8}
              value={draft.itemSchema}
              onChange={(event) => set('itemSchema', event.target.value)}
              placeholder={'{\n  "host": { "type": "string", "required": true }\n}'}
            />
          </Field>
        </Card>
        <Card title={text.how}>
          <SchemaForm
            mode="plain"
            schema={tuningSchema}
            value={draft.config}
            onChange={(config) => set('config', config)}
            errors={below(errors, 'config.')}
            idPrefix="queue-config"
          />
        </Card>
      </div>
    </div>
  );
}

function toOptions<Value extends string>(labels: Record<Value, string>) {
  return Object.entries<string>(labels).map(([value, label]) => ({ value, label }));
}

function DispatchPart({ draft, onChange, errors }: Props) {
  const trpc = useTRPC();
  const catalog = useQuery(trpc.actions.catalog.queryOptions());
  const scope = useQueueScope();
  const action = catalog.data?.find(({ ref }) => ref === draft.dispatchActionRef);
  const hasFields = action !== undefined && fieldsOf(action.paramSchema).length > 0;
  const setParams = (actionParams: FormValue) => onChange({ ...draft, actionParams });
  return (
    <Card title={text.what}>
      <div className="space-y-5">
        <Field label={text.action} error={errors['dispatchActionRef']} required>
          {(control) => (
            <Combobox
              id={control.id}
              label={text.action}
              placeholder={text.chooseAction}
              value={draft.dispatchActionRef || null}
              onValueChange={(ref) => onChange({ ...draft, dispatchActionRef: ref ?? '', actionParams: {} })}
              options={(catalog.data ?? []).map(({ ref, label, packRef }) => ({
                value: ref,
                label: ref,
                description: label,
                group: packRef,
              }))}
              invalid={Boolean(errors['dispatchActionRef'])}
            />
          )}
        </Field>
        <Field label={text.mode}>
          <Select
            value={draft.batchMode}
            onValueChange={(value) => onChange({ ...draft, batchMode: value as QueueDraft['batchMode'] })}
            options={toOptions(text.modes)}
          />
        </Field>
        {action ? (
          <section aria-label={text.inputs} className="space-y-3">
            <h3 className="text-sm font-semibold">{text.inputs}</h3>
            <p className="text-xs text-text-2">{text.inputsHint}</p>
            {hasFields ? (
              <SchemaForm
                mode="expressions"
                schema={action.paramSchema}
                value={draft.actionParams}
                onChange={setParams}
                errors={below(errors, 'actionParams.')}
                scope={scope}
                idPrefix="queue-input"
              />
            ) : (
              <WrittenParams
                key={draft.dispatchActionRef}
                value={draft.actionParams}
                onChange={setParams}
                error={Object.values(below(errors, 'actionParams.'))[0]}
              />
            )}
          </section>
        ) : null}
      </div>
    </Card>
  );
}

/** For an action that takes any parameters. */
function WrittenParams({
  value,
  onChange,
  error,
}: {
  value: FormValue;
  onChange: (value: FormValue) => void;
  error: string | undefined;
}) {
  const [written, setWritten] = useState(() =>
    Object.keys(value).length > 0 ? JSON.stringify(value, null, 2) : '',
  );
  const read = readObject(written);
  return (
    <Field label={text.inputs} labelHidden error={'error' in read ? read.error : error}>
      <Textarea
        mono
        rows={6}
        value={written}
        placeholder={'{\n  "host": "{{ item.host }}"\n}'}
        onChange={(event) => {
          setWritten(event.target.value);
          const next = readObject(event.target.value);
          if ('value' in next) onChange(next.value);
        }}
      />
    </Field>
  );
}

function below(errors: Record<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).flatMap(([path, message]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), message]] : [],
    ),
  );
}

/** The names that the inputs of a queue may use. */
function useQueueScope(): ExpressionScope {
  return useMemo(
    () => ({
      names: [
        { path: 'item', detail: 'the payload', kind: 'name' },
        { path: 'items', detail: 'the payloads of all', kind: 'name' },
        {
          path: 'queue_item',
          detail: 'id, item_key, priority, attempt_count, payload, metadata',
          kind: 'name',
        },
        { path: 'queue_items', detail: 'the same of all', kind: 'name' },
        { path: 'queue.ref', detail: 'text', kind: 'name' },
        { path: 'config', detail: 'the queue’s, and its pack’s', kind: 'name' },
      ],
    }),
    [],
  );
}
