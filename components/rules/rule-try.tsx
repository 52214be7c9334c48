'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { CodeEditor } from '@/components/code/code-editor';
import { parseJsonText } from '@/components/schema-form/json-text';
import { strings } from '@/components/strings';
import { toCallError, useTRPC, useTRPCClient, type RouterInputs } from '@/components/trpc';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Card } from '@/components/ui/card';
import { toTrial, type RuleDraft } from './rule-draft';
import { TestResult } from './test-result';

const text = strings.rules;

/** What the draft would say of an event, without starting anything. */
export function RuleTry({ draft, ruleRef }: { draft: RuleDraft; ruleRef: string | null }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [payload, setPayload] = useState('{}');
  const [problem, setProblem] = useState<string | null>(null);
  const last = useQuery(
    trpc.events.list.queryOptions(
      { triggerRef: draft.triggerRef, limit: 1 },
      { enabled: draft.triggerRef !== '' },
    ),
  );
  const lastId = last.data?.items[0]?.id;
  const tried = useMutation({
    mutationFn: (input: RouterInputs['rules']['test']) => client.rules.test.query(input),
    onError: (error) => setProblem(toCallError(error).message),
  });
  const takeLast = async () => {
    if (lastId === undefined) return;
    const event = await queries.query(trpc.events.get.queryOptions({ id: lastId }));
    setPayload(JSON.stringify(event.payload, null, 2));
  };
  const run = () => {
    const parsed = parseJsonText(payload);
    const trial = toTrial(draft, ruleRef);
    setProblem('error' in parsed ? `${text.notJson} ${parsed.error}` : 'error' in trial ? trial.error : null);
    if ('error' in parsed || 'error' in trial) return;
    tried.mutate({ ...trial.value, payload: parsed.value });
  };
  return (
    <Card
      title={text.try}
      className="self-start"
      actions={
        <Button
          size="sm"
          icon={<FlaskConical />}
          loading={tried.isPending}
          disabled={draft.triggerRef === ''}
          onClick={run}
        >
          {text.try}
        </Button>
      }
    >
      <div className="space-y-4">
        <p className="text-sm text-text-2">{text.tryHint}</p>
        <CodeEditor label={text.payload} language="json" value={payload} onChange={setPayload} height={180} />
        {lastId === undefined ? null : (
          <Button size="sm" variant="ghost" onClick={() => void takeLast()}>
            {text.lastPayload}
          </Button>
        )}
        <div role="status" className="space-y-3">
          {problem ? <Callout kind="error">{problem}</Callout> : null}
          {tried.data && !problem ? <TestResult result={tried.data} /> : null}
        </div>
      </div>
    </Card>
  );
}
