'use client';

import { useQuery } from '@tanstack/react-query';
import { CirclePause, History } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { strings } from '@/components/strings';
import { useTRPC } from '@/components/trpc';
import { StatusBadge } from '@/components/ui/status-badge';
import { isHeldBack, mayFinish, toRowLabel, type Execution } from './tree-rows';

const text = strings.executions;
const link = 'text-accent underline underline-offset-2';
const mostNames = 8;

/** What must be known of a run beside its state: that it is paused and what that holds back, and what it runs again. */
export function RunNotices({ execution, tree }: { execution: Execution; tree: readonly Execution[] }) {
  const trpc = useTRPC();
  const { data: detail } = useQuery(trpc.executions.get.queryOptions({ id: execution.id }));
  const { rerunOf, rerunFrom } = execution;
  const reruns = detail?.reruns ?? [];
  return (
    <>
      {execution.state === 'paused' ? <Paused execution={execution} tree={tree} /> : null}
      {rerunOf !== null ? (
        <Notice icon={<History />}>
          {text.rerun.runs}{' '}
          <Link className={link} href={`/executions/${rerunOf}`}>
            #{rerunOf}
          </Link>{' '}
          {rerunFrom === null ? text.rerun.again : text.rerun.againFrom(rerunFrom)}
        </Notice>
      ) : null}
      {reruns.length > 0 ? (
        <Notice icon={<History />}>
          {text.rerun.wasRunAgain}{' '}
          {reruns.map((rerun, place) => (
            <span key={rerun.id} className="whitespace-nowrap">
              {place > 0 ? ', ' : null}
              <StatusBadge state={rerun.state} iconOnly className="mr-0.5 align-text-bottom" />
              <Link className={link} href={`/executions/${rerun.id}`}>
                #{rerun.id}
              </Link>
              {rerun.rerunFrom === null ? null : ` ${text.rerun.fromTask(rerun.rerunFrom)}`}
            </span>
          ))}
          .
        </Notice>
      ) : null}
    </>
  );
}

function Paused({ execution, tree }: { execution: Execution; tree: readonly Execution[] }) {
  const trpc = useTRPC();
  const run = useQuery(trpc.executions.run.queryOptions({ id: execution.id }, { retry: false }));
  const paused = tree.filter(({ state }) => state === 'paused');
  const waiting = tree.filter((each) => isHeldBack(each, paused)).map(toRowLabel);
  const held = [...(run.data?.held ?? []), ...waiting];
  const running = tree.filter((each) => mayFinish(each, paused)).map(toRowLabel);
  return (
    <Notice icon={<CirclePause />} tone="paused">
      <strong>{text.paused.title}.</strong> {execution.stateReason}{' '}
      {held.length > 0 ? text.paused.heldBack(list(held)) : text.paused.nothingHeld}{' '}
      {running.length > 0 ? text.paused.running(list(running)) : null} {text.paused.timeCounts}
    </Notice>
  );
}

function list(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, mostNames);
  return [...shown, ...(unique.length > mostNames ? [text.paused.more(unique.length - mostNames)] : [])].join(
    ', ',
  );
}

function Notice({
  icon,
  tone = 'plain',
  children,
}: {
  icon: ReactNode;
  tone?: 'plain' | 'paused';
  children: ReactNode;
}) {
  return (
    <p
      role="status"
      className={`flex items-start gap-2 border-t border-border px-4 py-2 text-sm md:px-6 ${tone === 'paused' ? 'bg-status-paused-soft' : 'bg-surface-2'}`}
    >
      <span
        aria-hidden
        className={`mt-0.5 [&_svg]:size-4 ${tone === 'paused' ? 'text-status-paused' : 'text-text-3'}`}
      >
        {icon}
      </span>
      <span className="min-w-0 wrap-anywhere">{children}</span>
    </p>
  );
}
