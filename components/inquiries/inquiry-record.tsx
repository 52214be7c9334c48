'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { JsonView } from '@/components/ui/json-view';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';

const text = strings.inquiries;
type Inquiry = RouterOutputs['inquiries']['get'];

/** What an execution asked and who answered what, when: for its page. */
export function InquiryRecord({ id }: { id: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.inquiries.get.queryOptions({ id }, { retry: false }));
  return (
    <section aria-label={text.record} className="space-y-3 rounded-lg border border-border p-3">
      <QueryState query={query}>
        {(inquiry) => (
          <>
            <p className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
              <Badge
                tone={
                  inquiry.status === 'pending'
                    ? 'waiting'
                    : inquiry.status === 'responded'
                      ? 'completed'
                      : 'neutral'
                }
              >
                {text.status[inquiry.status]}
              </Badge>
              {inquiry.quorum > 1 ? <span>{text.quorum(inquiry.answers.length, inquiry.quorum)}</span> : null}
              <Link
                className="ml-auto text-accent underline underline-offset-2"
                href={`/inbox?inquiry=${inquiry.id}&view=all`}
              >
                {strings.executions.openInquiry}
              </Link>
            </p>
            <Escalation inquiry={inquiry} />
            {inquiry.status === 'pending' ? (
              <p className="text-sm text-text-2">{text.waitsFor(namesOf(inquiry.assignedTo))}</p>
            ) : null}
            <Answers inquiry={inquiry} />
          </>
        )}
      </QueryState>
    </section>
  );
}

/** That an inquiry was handed on, from whom and when; nothing where it was not. */
export function Escalation({ inquiry }: { inquiry: Inquiry }) {
  if (inquiry.escalatedAt === null) return null;
  return (
    <p className="text-sm text-text-2">
      {text.escalated(namesOf(inquiry.escalatedFrom ?? []))} <RelativeTime value={inquiry.escalatedAt} />.
    </p>
  );
}

/** Who answered what, when, in order. */
export function Answers({ inquiry: { answers, status } }: { inquiry: Inquiry }) {
  if (answers.length === 0)
    return status === 'pending' ? <p className="text-sm text-text-2">{text.noAnswersYet}</p> : null;
  return (
    <ol className="space-y-3">
      {answers.map(({ by, response, comment, created }) => (
        <li key={`${by} ${created}`} className="space-y-1.5 text-sm">
          <p>
            <strong className="font-medium">{by}</strong> {text.saidAt} <RelativeTime value={created} />
          </p>
          <JsonView value={response} label={text.answerOf(by)} />
          {comment ? (
            <blockquote className="border-l-2 border-border-strong pl-3 text-text-2">{comment}</blockquote>
          ) : null}
        </li>
      ))}
    </ol>
  );
}

function namesOf(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : text.everybody;
}
