'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { History } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { strings } from '@/components/strings';
import {
  toCallError,
  useTRPC,
  useTRPCClient,
  type RouterInputs,
  type RouterOutputs,
} from '@/components/trpc';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Card } from '@/components/ui/card';
import { Dialog } from '@/components/ui/dialog';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Select } from '@/components/ui/select';
import { Switch } from '@/components/ui/switch';
import { toTrial, type RuleDraft } from './rule-draft';
import { TestResult } from './test-result';

const text = strings.rules.backtest;
const pageSize = 100;
const tones = { matched: 'completed', silent: 'neutral', error: 'failed' } as const;
type Backtest = RouterOutputs['rules']['backtest'];
type Row = Backtest['events'][number];
type Input = RouterInputs['rules']['backtest'];

const isDifferent = ({ verdict, before }: Row) => before !== null && before !== verdict;

/** What the draft says of stored events, beside the rule as it is saved. */
export function RuleBacktest({ draft, ruleRef }: { draft: RuleDraft; ruleRef: string | null }) {
  const client = useTRPCClient();
  const [last, setLast] = useState('100');
  const [problem, setProblem] = useState<string | null>(null);
  const run = useMutation({
    mutationFn: async (input: Input) => ({ input, result: await client.rules.backtest.query(input) }),
    onError: (error) => setProblem(toCallError(error).message),
  });
  const start = () => {
    const trial = toTrial(draft, ruleRef);
    setProblem('error' in trial ? trial.error : null);
    if ('value' in trial) run.mutate({ ...trial.value, last: Number(last) });
  };
  return (
    <Card title={text.title} className="self-start">
      <div className="space-y-4">
        <p className="text-sm text-text-2">{text.hint}</p>
        <div className="flex flex-wrap items-center gap-2">
          <Select
            label={text.last}
            value={last}
            onValueChange={setLast}
            options={Object.entries(text.lastOptions).map(([value, label]) => ({ value, label }))}
          />
          <Button
            icon={<History />}
            loading={run.isPending}
            disabled={draft.triggerRef === ''}
            onClick={start}
          >
            {text.run}
          </Button>
        </div>
        {problem ? <Callout kind="error">{problem}</Callout> : null}
        {run.data && !problem ? <Report {...run.data} /> : null}
      </div>
    </Card>
  );
}

function Report({ input, result }: { input: Input; result: Backtest }) {
  const [isNarrowed, setNarrowed] = useState(false);
  const [shown, setShown] = useState(pageSize);
  const [opened, setOpened] = useState<number | null>(null);
  const { events, isCut } = result;
  const count = (test: (row: Row) => boolean) => events.filter(test).length;
  const isCompared = events.some(({ before }) => before !== null);
  const rows = isNarrowed ? events.filter(isDifferent) : events;
  return (
    <div className="space-y-3">
      <p role="status" className="text-sm font-medium">
        {events.length === 0
          ? text.none
          : text.summary(
              events.length,
              count(({ verdict }) => verdict === 'matched'),
            )}
        {isCompared
          ? text.difference(
              count(({ before }) => before === 'matched'),
              count(({ verdict, before }) => verdict === 'matched' && before !== 'matched'),
              count(({ verdict, before }) => verdict !== 'matched' && before === 'matched'),
            )
          : null}
        {isCut ? ` ${text.cut}` : null}
      </p>
      {isCompared ? (
        <Switch label={text.onlyDifferences} checked={isNarrowed} onCheckedChange={setNarrowed} />
      ) : null}
      {isNarrowed && rows.length === 0 ? <p className="text-sm text-text-2">{text.noDifference}</p> : null}
      {rows.length > 0 ? (
        <ul
          aria-label={text.events}
          tabIndex={0}
          className="max-h-96 divide-y divide-border overflow-y-auto rounded-md border border-border"
        >
          {rows.slice(0, shown).map((row) => (
            <li key={row.id}>
              <button
                type="button"
                onClick={() => setOpened(row.id)}
                className="flex w-full flex-wrap items-center gap-x-2 gap-y-1 px-3 py-2 text-left text-sm outline-offset-[-2px] hover:bg-surface-2"
              >
                <span className="font-medium">{text.open(row.id)}</span>
                <RelativeTime value={row.created} />
                <span className="ml-auto flex flex-wrap gap-1">
                  <Badge tone={tones[row.verdict]}>{text.verdicts[row.verdict]}</Badge>
                  {row.before !== null && isDifferent(row) ? (
                    <Badge tone="neutral">{text.was(text.verdicts[row.before])}</Badge>
                  ) : null}
                  {row.fired ? <Badge tone="neutral">{text.fired}</Badge> : null}
                </span>
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {rows.length > shown ? (
        <Button size="sm" variant="ghost" onClick={() => setShown(shown + pageSize)}>
          {text.more}
        </Button>
      ) : null}
      {opened === null ? null : <Opened input={input} eventId={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

/** One event of the backtest, clause by clause. */
function Opened({ input, eventId, onClose }: { input: Input; eventId: number; onClose: () => void }) {
  const trpc = useTRPC();
  const { last: _, ...draft } = input;
  const query = useQuery(trpc.rules.test.queryOptions({ ...draft, eventId }));
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => (isOpen ? null : onClose())}
      size="lg"
      title={text.open(eventId)}
      footer={
        <Link href={`/events/${eventId}`} className="text-sm text-accent underline underline-offset-2">
          {text.toEvent}
        </Link>
      }
    >
      <QueryState query={query}>
        {(result) => (
          <div className="space-y-6">
            <section aria-label={text.now} className="space-y-3">
              <h3 className="text-sm font-semibold">{text.now}</h3>
              <TestResult result={result} />
            </section>
            {result.before ? (
              <section aria-label={text.before} className="space-y-3">
                <h3 className="text-sm font-semibold">{text.before}</h3>
                <TestResult result={result.before} />
              </section>
            ) : null}
          </div>
        )}
      </QueryState>
    </Dialog>
  );
}
