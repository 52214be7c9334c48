'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { ConfirmDialog } from '@/components/ui/confirm-dialog';
import { JsonView } from '@/components/ui/json-view';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { StatusBadge } from '@/components/ui/status-badge';
import { toast } from '@/components/ui/toast';
import { isExecutionState } from '@/engine/execution/status';
import { ClauseTable } from './clause-table';
import { RuleCounts } from './events-page';

const text = strings.events;
type Event = RouterOutputs['events']['get'];
type Evaluation = Event['evaluations'][number];

/** One event: its payload, what each rule on its trigger said of it and why, and what came of it. */
export function EventPage({ id }: { id: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.events.get.queryOptions({ id }));
  return (
    <QueryState query={query}>
      {(event) => (
        <>
          <PageHeader
            title={event.triggerRef}
            breadcrumbs={[{ label: strings.nav.events, href: '/events' }, { label: `#${event.id}` }]}
            actions={event.mayReplay ? <Replay id={event.id} /> : undefined}
            description={
              <span className="flex flex-wrap items-center gap-3">
                <RuleCounts event={event} />
                <RelativeTime value={event.created} />
                {event.executionId === null ? null : (
                  <span>
                    {text.cause}{' '}
                    <Link
                      href={`/executions/${event.executionId}`}
                      className="text-accent underline underline-offset-2"
                    >
                      {text.causeExecution(event.executionId)}
                    </Link>
                  </span>
                )}
                {event.replayOf === null ? null : (
                  <span>
                    {':redelivery_of' in event.headers ? text.repeats : text.replayOf}{' '}
                    <Link
                      href={`/events/${event.replayOf}`}
                      className="text-accent underline underline-offset-2"
                    >
                      {text.earlierEvent(event.replayOf)}
                    </Link>
                  </span>
                )}
                {event.replayOf === null && typeof event.headers[':redelivery_of'] === 'number' ? (
                  <span>
                    {text.repeats}{' '}
                    <Link
                      href={`/events/${event.headers[':redelivery_of']}`}
                      className="text-accent underline underline-offset-2"
                    >
                      {text.earlierEvent(event.headers[':redelivery_of'])}
                    </Link>
                  </span>
                ) : null}
              </span>
            }
          />
          <div className="grid grid-cols-1 gap-6 px-4 pb-10 md:px-6 xl:grid-cols-2">
            <div className="min-w-0 space-y-6">
              <Enforcements enforcements={event.enforcements} />
              <section aria-labelledby="rules" className="space-y-3">
                <h2 id="rules" className="text-base font-semibold">
                  {text.whatRulesSaid}
                </h2>
                {event.evaluations.length === 0 && event.silent === 0 ? (
                  <p className="text-sm text-text-2">{event.processedAt ? text.noRulesHint : text.asking}</p>
                ) : null}
                {event.evaluations.map((evaluation) => (
                  <EvaluationCard key={evaluation.ruleId} evaluation={evaluation} />
                ))}
                {event.processedAt === null || silentUnkept(event) <= 0 ? null : (
                  <p className="text-sm text-text-2">{text.notKept(silentUnkept(event))}</p>
                )}
              </section>
            </div>
            <div className="min-w-0 space-y-6">
              <JsonView value={event.payload} label={text.payload} />
              {Object.keys(event.headers).length > 0 ? (
                <JsonView value={event.headers} label={text.headers} openDepth={0} />
              ) : null}
            </div>
          </div>
        </>
      )}
    </QueryState>
  );
}

/** Of how many rules that stayed silent nothing more is known. */
function silentUnkept({ silent, evaluations }: Event): number {
  return silent - evaluations.filter(({ verdict }) => verdict === 'silent').length;
}

/** Has the event happen again, and leads to the new one. */
function Replay({ id }: { id: number }) {
  const trpc = useTRPC();
  const router = useRouter();
  const [isAsking, setAsking] = useState(false);
  const replay = useMutation(
    trpc.events.replay.mutationOptions({
      onSuccess: (made) => {
        toast.success(text.replayed);
        router.push(`/events/${made.id}`);
      },
    }),
  );
  return (
    <>
      <Button icon={<RotateCcw />} onClick={() => setAsking(true)}>
        {text.replay}
      </Button>
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setAsking}
        title={text.replayTitle(id)}
        description={text.replayHint}
        confirmLabel={text.replay}
        onConfirm={() => replay.mutateAsync({ id })}
      />
    </>
  );
}

function Enforcements({ enforcements }: { enforcements: Event['enforcements'] }) {
  if (enforcements.length === 0) return null;
  return (
    <section aria-labelledby="enforcements" className="space-y-3">
      <h2 id="enforcements" className="text-base font-semibold">
        {text.enforcements}
      </h2>
      <ul className="space-y-2">
        {enforcements.map((enforcement) => (
          <li
            key={enforcement.id}
            className="flex flex-wrap items-center gap-x-3 gap-y-1 rounded-lg border border-border bg-surface px-4 py-3 text-sm"
          >
            <span className="text-text-2">#{enforcement.id}</span>
            <Link href={`/rules/${enforcement.ruleRef}`} className="font-medium hover:underline">
              {enforcement.ruleRef}
            </Link>
            <span aria-hidden className="text-text-3">
              →
            </span>
            {enforcement.executionId === null ? (
              <span>{enforcement.actionRef}</span>
            ) : (
              <Link
                href={`/executions/${enforcement.executionId}`}
                className="font-medium text-accent underline underline-offset-2"
              >
                {text.execution(enforcement.actionRef, enforcement.executionId)}
              </Link>
            )}
            {enforcement.executionState !== null && isExecutionState(enforcement.executionState) ? (
              <StatusBadge state={enforcement.executionState} />
            ) : null}
            {enforcement.error ? <Callout kind="error">{enforcement.error}</Callout> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

const tones = { matched: 'completed', silent: 'neutral', error: 'failed' } as const;

function EvaluationCard({ evaluation }: { evaluation: Evaluation }) {
  return (
    <article aria-label={evaluation.ruleRef} className="rounded-lg border border-border bg-surface">
      <header className="flex flex-wrap items-center gap-2 px-4 py-3">
        <Link href={`/rules/${evaluation.ruleRef}`} className="text-sm font-medium hover:underline">
          {evaluation.ruleRef}
        </Link>
        <Badge tone={tones[evaluation.verdict]}>{text.verdicts[evaluation.verdict]}</Badge>
        {evaluation.held === null ? null : <Badge tone="neutral">{text.held[evaluation.held]}</Badge>}
        <span className="text-sm text-text-2">{evaluation.reason}</span>
      </header>
      <ClauseTable clauses={evaluation.clauses} />
    </article>
  );
}
