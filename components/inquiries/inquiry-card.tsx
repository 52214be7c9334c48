'use client';

import { useFieldErrors } from '@/components/schema-form/use-field-errors';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useRef, useState, type SubmitEvent } from 'react';
import Markdown from 'react-markdown';
import { toast } from '@/components/ui/toast';
import { SchemaForm } from '@/components/schema-form/schema-form';
import { validateAgainst } from '@/components/schema-form/validate';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Field } from '@/components/ui/field';
import { JsonView } from '@/components/ui/json-view';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Answers, Escalation } from './inquiry-record';
import { Textarea } from '@/components/ui/textarea';
import type { Json } from '@/engine/expression/expression';

const text = strings.inquiries;
type Inquiry = RouterOutputs['inquiries']['get'];
type Answer = { [key: string]: Json };

/** One inquiry: the question, what it belongs to, and the form, or how it was decided. */
export function InquiryCard({ id }: { id: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.inquiries.get.queryOptions({ id }));
  return (
    <QueryState query={query}>
      {(inquiry) => (
        <article aria-label={text.card} className="mx-auto max-w-2xl space-y-5 p-4 md:p-6">
          <div className="prose-attune text-base">
            <Markdown>{inquiry.prompt}</Markdown>
          </div>
          <p className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-text-2">
            <Link
              href={`/executions/${inquiry.rootId}?at=${inquiry.executionId}`}
              className="text-accent underline underline-offset-2"
            >
              {text.asksFor(inquiry.workflowRef ?? `#${inquiry.executionId}`, inquiry.taskName)}
            </Link>
            <span>
              {text.asked} <RelativeTime value={inquiry.created} />
            </span>
            <span>
              {inquiry.assignedTo.length > 0
                ? text.assignedTo(inquiry.assignedTo.join(', '))
                : text.forEverybody}
            </span>
            {inquiry.quorum > 1 ? <span>{text.quorum(inquiry.answers.length, inquiry.quorum)}</span> : null}
          </p>
          {inquiry.status === 'pending' ? <Open inquiry={inquiry} /> : <Decided inquiry={inquiry} />}
        </article>
      )}
    </QueryState>
  );
}

function Open({ inquiry }: { inquiry: Inquiry }) {
  return (
    <>
      {inquiry.timeoutAt ? (
        <Callout kind="info">
          {text.deadline} <RelativeTime value={inquiry.timeoutAt} />: {thenWhat(inquiry)}
        </Callout>
      ) : null}
      <Escalation inquiry={inquiry} />
      {inquiry.quorum > 1 && inquiry.answers.length > 0 ? <Answers inquiry={inquiry} /> : null}
      {inquiry.mayRespond ? (
        <AnswerForm inquiry={inquiry} />
      ) : (
        <Callout kind="info">{text.notForYou}</Callout>
      )}
    </>
  );
}

function thenWhat({ onTimeout, escalateTo }: Inquiry): string {
  switch (onTimeout) {
    case 'default':
      return text.thenDefault;
    case 'fail':
      return text.thenFail;
    case 'escalate':
      return text.thenEscalate(escalateTo.join(', '));
  }
}

function isApproval(schema: Inquiry['responseSchema']): boolean {
  const properties = schema['properties'];
  if (properties === null || typeof properties !== 'object' || Array.isArray(properties)) return false;
  const approved = properties['approved'];
  return (
    approved !== null &&
    typeof approved === 'object' &&
    !Array.isArray(approved) &&
    approved['type'] === 'boolean'
  );
}

function AnswerForm({ inquiry }: { inquiry: Inquiry }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [answer, setAnswer] = useState<Answer>({});
  const [comment, setComment] = useState('');
  const { errors, setErrors, changed } = useFieldErrors();
  const form = useRef<HTMLFormElement>(null);
  const approves = isApproval(inquiry.responseSchema);
  const respond = useMutation(
    trpc.inquiries.respond.mutationOptions({
      onSuccess: (decided) => {
        queries.setQueryData(trpc.inquiries.get.queryKey({ id: inquiry.id }), decided);
        toast.success(decided.status === 'pending' ? text.kept : text.sent);
      },
      onError: (error) => {
        const { message, details, word } = toCallError(error);
        setErrors(
          Object.fromEntries(
            details.map((detail) => [detail.path.replace(/^response\.?/, ''), detail.message]),
          ),
        );
        toast.error(message);
        if (word === 'already_decided')
          void queries.invalidateQueries({ queryKey: trpc.inquiries.pathKey() });
      },
    }),
  );
  const send = (response: Answer) => {
    const found = validateAgainst(inquiry.responseSchema, response);
    setErrors(found);
    if (Object.keys(found).length > 0) {
      form.current?.querySelector<HTMLElement>('input, textarea, select, [role="combobox"]')?.focus();
      return;
    }
    respond.mutate({ id: inquiry.id, response, comment });
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    send(answer);
  };
  return (
    <form ref={form} aria-label={text.form} onSubmit={onSubmit} noValidate className="space-y-4">
      <SchemaForm
        idPrefix={`inquiry-${inquiry.id}`}
        mode="plain"
        schema={approves ? without(inquiry.responseSchema, 'approved') : inquiry.responseSchema}
        value={answer}
        onChange={(next) => {
          changed(answer, next);
          setAnswer(next);
        }}
        errors={errors}
      />
      <Field label={text.comment} htmlFor={`comment-${inquiry.id}`}>
        <Textarea
          id={`comment-${inquiry.id}`}
          rows={2}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
      </Field>
      <div className="flex flex-wrap gap-2">
        {approves ? (
          <>
            <Button
              type="button"
              variant="primary"
              loading={respond.isPending}
              onClick={() => send({ ...answer, approved: true })}
            >
              {text.approve}
            </Button>
            <Button
              type="button"
              variant="danger"
              disabled={respond.isPending}
              onClick={() => send({ ...answer, approved: false })}
            >
              {text.reject}
            </Button>
          </>
        ) : (
          <Button type="submit" variant="primary" loading={respond.isPending}>
            {text.answer}
          </Button>
        )}
      </div>
    </form>
  );
}

/** The schema without a property that has buttons of its own. */
function without(schema: Inquiry['responseSchema'], name: string): Inquiry['responseSchema'] {
  const properties = schema['properties'];
  const required = schema['required'];
  if (properties === null || typeof properties !== 'object' || Array.isArray(properties)) return schema;
  const { [name]: _, ...rest } = properties;
  return {
    ...schema,
    properties: rest,
    ...(Array.isArray(required) ? { required: required.filter((other) => other !== name) } : {}),
  };
}

function Decided({ inquiry }: { inquiry: Inquiry }) {
  const sentence =
    inquiry.status === 'responded'
      ? text.answeredBy(inquiry.respondedBy ?? text.somebody)
      : inquiry.status === 'timeout'
        ? text.ranOut
        : text.wasCancelled;
  return (
    <section aria-label={text.decision} className="space-y-3">
      <Callout kind={inquiry.status === 'responded' ? 'success' : 'info'} title={sentence}>
        {inquiry.respondedAt ? <RelativeTime value={inquiry.respondedAt} /> : null}
      </Callout>
      <Escalation inquiry={inquiry} />
      {inquiry.response !== null && inquiry.answers.length === 0 ? (
        <JsonView value={inquiry.response} label={text.response} />
      ) : null}
      <Answers inquiry={inquiry} />
    </section>
  );
}
