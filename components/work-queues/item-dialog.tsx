'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldsOf } from '@/components/schema-form/field-kind';
import type { FormValue } from '@/components/schema-form/form-value';
import { parseJsonText, readObject } from '@/components/schema-form/json-text';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { validateAgainst } from '@/components/schema-form/validate';
import { strings } from '@/components/strings';
import { toCallError, useTRPC } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { MoreOptions } from '@/components/ui/more-options';
import { Textarea } from '@/components/ui/textarea';
import { toast } from '@/components/ui/toast';
import { toJsonSchema } from '@/engine/definition/parameters';
import type { Json } from '@/engine/expression/expression';
import { withDefaults } from '@/engine/json-schema';
import type { Item } from './item-status';
import type { Queue } from './queue-draft';

const text = strings.workQueues;

/** An item while it is being written. */
interface Written {
  itemKey: string;
  priority: string;
  form: FormValue;
  payload: string;
  metadata: string;
}

function toWritten(item: Item | null, schema: ReturnType<typeof toJsonSchema>): Written {
  const payload = item?.payload ?? {};
  const isObject = typeof payload === 'object' && !Array.isArray(payload);
  const metadata = item?.metadata ?? {};
  return {
    itemKey: item?.itemKey ?? '',
    priority: item ? String(item.priority) : '',
    form: isObject ? (item ? payload : withDefaults(schema, {})) : {},
    payload: JSON.stringify(payload, null, 2),
    metadata: Object.keys(metadata).length > 0 ? JSON.stringify(metadata, null, 2) : '',
  };
}

/** Adds an item, by the form of the queue's schema, or changes one that waits. */
export function ItemDialog({
  queue,
  known,
  onClose,
}: {
  queue: Queue;
  known: Item | null;
  onClose: () => void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const schema = toJsonSchema(queue.itemSchema);
  const hasForm = fieldsOf(schema).length > 0;
  const [written, setWritten] = useState(() => toWritten(known, schema));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const done = (message: string) => {
    void queries.invalidateQueries({ queryKey: trpc.queues.pathKey() });
    toast.success(message);
    onClose();
  };
  const onError = (error: unknown) =>
    setErrors(Object.fromEntries(toCallError(error).details.map(({ path, message }) => [path, message])));
  const enqueue = useMutation(
    trpc.queues.enqueue.mutationOptions({
      onSuccess: ({ item, isMerged }) => done(isMerged ? text.isMerged(item.id) : text.isAdded(item.id)),
      onError,
    }),
  );
  const change = useMutation(
    trpc.queues.changeItem.mutationOptions({ onSuccess: () => done(text.isChanged), onError }),
  );
  const failure = enqueue.error ?? change.error;
  const set = (changed: Partial<Written>) => {
    setWritten({ ...written, ...changed });
    // What was wrong is over once it is another one.
    setErrors({});
    enqueue.reset();
    change.reset();
  };
  const submit = () => {
    const read = readItem(written, hasForm);
    // Of an item that waits secrets show masks, which only the server can judge.
    const found = hasForm && !known ? validateAgainst(schema, written.form) : {};
    const wrong = {
      ...('errors' in read ? read.errors : {}),
      ...Object.fromEntries(Object.entries(found).map(([path, message]) => [`payload.${path}`, message])),
    };
    setErrors(wrong);
    if ('errors' in read || Object.keys(wrong).length > 0) return;
    const { priority, ...content } = read.value;
    if (known)
      change.mutate({
        ...{ queueRef: queue.ref, id: known.id },
        ...content,
        ...(priority === null ? {} : { priority }),
      });
    else enqueue.mutate({ queueRef: queue.ref, ...content, priority });
  };
  const payloadErrors = Object.fromEntries(
    Object.entries(errors).flatMap(([path, message]) =>
      path === 'payload' || path.startsWith('payload.') ? [[path.slice('payload.'.length), message]] : [],
    ),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => open || onClose()}
      title={known ? text.changeTitle(known.id) : text.addTitle(queue.ref)}
      footer={
        <>
          <Button variant="ghost" onClick={onClose}>
            {strings.common.cancel}
          </Button>
          <Button variant="primary" loading={enqueue.isPending || change.isPending} onClick={submit}>
            {known ? strings.common.save : text.add}
          </Button>
        </>
      }
    >
      <form className="space-y-4" onSubmit={(event) => (event.preventDefault(), submit())}>
        {failure ? <Callout kind="error">{toCallError(failure).message}</Callout> : null}
        {hasForm ? (
          <SchemaForm
            mode="plain"
            schema={schema}
            value={written.form}
            onChange={(form) => set({ form })}
            errors={payloadErrors}
            idPrefix="queue-item"
          />
        ) : (
          <Field label={text.payload} error={errors['payload']} required>
            <Textarea
              mono
              rows={8}
              value={written.payload}
              onChange={(event) => set({ payload: event.target.value })}
            />
          </Field>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={text.key} hint={text.keyHint} error={errors['itemKey']} optional>
            <Input value={written.itemKey} onChange={(event) => set({ itemKey: event.target.value })} />
          </Field>
          <Field
            label={text.priority}
            hint={text.priorityHint(queue.defaultPriority)}
            error={errors['priority']}
            optional
          >
            <Input
              inputMode="numeric"
              value={written.priority}
              onChange={(event) => set({ priority: event.target.value })}
            />
          </Field>
        </div>
        <MoreOptions>
          <Field label={text.metadata} error={errors['metadata']}>
            <Textarea
              mono
              rows={4}
              value={written.metadata}
              onChange={(event) => set({ metadata: event.target.value })}
            />
          </Field>
        </MoreOptions>
        {/* So that Enter in a field saves. */}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function readItem(
  written: Written,
  hasForm: boolean,
):
  | { value: { itemKey: string | null; priority: number | null; payload: Json; metadata: FormValue } }
  | { errors: Record<string, string> } {
  const payload = hasForm ? { value: written.form } : parseJsonText(written.payload);
  const metadata = readObject(written.metadata);
  const priority = written.priority.trim() === '' ? null : Number(written.priority);
  const isWhole = priority === null || Number.isInteger(priority);
  if ('error' in payload || 'error' in metadata || !isWhole)
    return {
      errors: {
        ...('error' in payload ? { payload: payload.error } : {}),
        ...('error' in metadata ? { metadata: metadata.error } : {}),
        ...(isWhole ? {} : { priority: text.whole }),
      },
    };
  return {
    value: {
      ...{ itemKey: written.itemKey.trim() || null, priority },
      ...{ payload: payload.value, metadata: metadata.value },
    },
  };
}
