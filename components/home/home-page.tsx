'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Activity, ArrowRight, Bell, Inbox, Play, Plus, Zap } from 'lucide-react';
import Link from 'next/link';
import { useState, type ReactNode } from 'react';
import { toast } from '@/components/ui/toast';
import { ExecutionTable } from '@/components/executions/execution-table';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, type RouterOutputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Card } from '@/components/ui/card';
import { CodeBlock } from '@/components/ui/code-block';
import { EmptyState } from '@/components/ui/empty-state';
import { PageHeader } from '@/components/ui/page-header';
import { QueryState } from '@/components/ui/query-state';

const text = strings.home;
type Home = RouterOutputs['home']['get'];

/** Where one arrives: how things stand, the example to try, and the latest runs. */
export function HomePage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.home.get.queryOptions());
  return (
    <>
      <PageHeader title={text.title} description={text.description} />
      <QueryState query={query}>
        {(home) => (
          <div className="space-y-6 px-4 pb-10 md:px-6">
            <Counts counts={home.counts} />
            {home.example ? <Example example={home.example} /> : null}
            <section aria-labelledby="recent" className="space-y-3">
              <div className="flex items-center justify-between">
                <h2 id="recent" className="text-base font-semibold">
                  {text.recent}
                </h2>
                <Link
                  href="/executions"
                  className="flex h-6 items-center gap-1 text-sm text-accent hover:underline"
                >
                  {text.all} <ArrowRight aria-hidden className="size-4" />
                </Link>
              </div>
              {home.recent.length === 0 ? (
                <EmptyState
                  icon={<Activity />}
                  title={text.nothingYet}
                  description={text.nothingYetHint}
                  action={<NewWorkflow />}
                />
              ) : (
                <ExecutionTable executions={home.recent} label={text.recent} />
              )}
            </section>
          </div>
        )}
      </QueryState>
    </>
  );
}

function NewWorkflow() {
  return (
    <Link
      href="/workflows?new=1"
      className="inline-flex h-9 items-center gap-2 rounded-md bg-accent px-3 text-sm font-medium text-on-accent"
    >
      <Plus aria-hidden className="size-4" /> {text.newWorkflow}
    </Link>
  );
}

function Counts({ counts }: { counts: Home['counts'] }) {
  const cards: { label: string; value: number; href: string; alarm?: boolean }[] = [
    { label: text.counts.running, value: counts.running, href: '/executions?state=running' },
    { label: text.counts.waiting, value: counts.waiting, href: '/executions?state=waiting' },
    { label: text.counts.inbox, value: counts.inbox, href: '/inbox' },
    {
      label: text.counts.failedToday,
      value: counts.failedToday,
      href: '/executions?state=troubled',
      alarm: counts.failedToday > 0,
    },
    { label: text.counts.endedToday, value: counts.endedToday, href: '/executions' },
    { label: text.counts.workers, value: counts.workers, href: '/workers', alarm: counts.workers === 0 },
  ];
  return (
    <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
      {cards.map(({ label, value, href, alarm }) => (
        <li key={label}>
          <Link
            href={href}
            className="block rounded-lg border border-border bg-surface px-4 py-3 hover:border-border-strong"
          >
            <span className="block text-xs text-text-2">{label}</span>
            <span
              className={`block text-2xl font-semibold tabular-nums ${alarm ? 'text-status-failed' : ''}`}
            >
              {value}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The story to try within two minutes: one button sends the alert that a monitoring system would. */
function Example({ example }: { example: NonNullable<Home['example']> }) {
  const trpc = useTRPC();
  const [eventId, setEventId] = useState<number | null>(null);
  const event = useQuery(
    trpc.events.get.queryOptions(
      { id: eventId ?? 0 },
      {
        enabled: eventId !== null,
        refetchInterval: ({ state }) => (state.data?.enforcements.length ? false : 500),
      },
    ),
  );
  const send = useMutation(
    trpc.triggers.emit.mutationOptions({
      onSuccess: (sent) => setEventId(sent.eventId),
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  const executionId = event.data?.enforcements[0]?.executionId ?? null;
  return (
    <Card>
      <div className="grid gap-6 lg:grid-cols-[1fr_minmax(280px,420px)]">
        <div className="space-y-4">
          <div>
            <h2 className="text-lg font-semibold">{text.example.title}</h2>
            <p className="mt-1 max-w-prose text-sm text-text-2">{text.example.story}</p>
          </div>
          <ol
            aria-label={text.example.steps}
            className="flex flex-wrap items-center gap-2 text-xs text-text-2"
          >
            <Step icon={<Zap />}>{text.example.alert}</Step>
            <Step icon={<Activity />}>{text.example.check}</Step>
            <Step icon={<Inbox />}>{text.example.approval}</Step>
            <Step icon={<Play />}>{text.example.cleanUp}</Step>
            <Step icon={<Bell />} isLast>
              {text.example.report}
            </Step>
          </ol>
          <div className="flex flex-wrap items-center gap-3">
            <Button
              variant="primary"
              icon={<Zap />}
              loading={send.isPending}
              onClick={() => send.mutate({ ref: example.triggerRef, payload: example.payload })}
            >
              {text.example.send}
            </Button>
            <Link href={`/workflows/${example.workflowRef}`} className="text-sm text-accent hover:underline">
              {text.example.look}
            </Link>
          </div>
          <p role="status" className="min-h-5 text-sm">
            {eventId === null ? null : executionId === null ? (
              text.example.matching
            ) : (
              <>
                {text.example.started}{' '}
                <Link
                  href={`/executions/${executionId}`}
                  className="font-medium text-accent underline underline-offset-2"
                >
                  {text.example.watch(executionId)}
                </Link>
              </>
            )}
          </p>
        </div>
        {example.webhookUrl ? (
          <div className="min-w-0 space-y-2">
            <p className="text-xs text-text-2">{text.example.orCurl}</p>
            <CodeBlock
              label="curl"
              code={`curl -X POST ${example.webhookUrl} \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(example.payload)}'`}
            />
          </div>
        ) : null}
      </div>
    </Card>
  );
}

function Step({
  icon,
  children,
  isLast = false,
}: {
  icon: ReactNode;
  children: ReactNode;
  isLast?: boolean;
}) {
  return (
    <li className="flex items-center gap-2">
      <span className="inline-flex h-7 items-center gap-1.5 rounded-full border border-border bg-surface-2 px-2.5 [&_svg]:size-3.5">
        {icon}
        {children}
      </span>
      {isLast ? null : <ArrowRight aria-hidden className="size-3.5 text-text-3" />}
    </li>
  );
}
