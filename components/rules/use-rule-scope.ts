'use client';

import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ExpressionScope, ScopeData, ScopeName } from '@/components/code/scope';
import { pathsIn } from '@/components/studio/scope-data';
import { strings } from '@/components/strings';
import { useTRPC, type RouterOutputs } from '@/components/trpc';

const names: ScopeName[] = [
  { path: 'event.payload', detail: 'what was posted', kind: 'name' },
  { path: 'event.id', detail: 'number', kind: 'name' },
  { path: 'event.headers', detail: 'headers and query of the call', kind: 'name' },
  { path: 'event.created', detail: 'time', kind: 'name' },
  { path: 'trigger.data', detail: 'the payload as well', kind: 'name' },
  { path: 'rule.ref', detail: 'text', kind: 'name' },
  { path: 'config', detail: 'the pack’s configuration', kind: 'name' },
];

/** The names that criteria and inputs of a rule may use, with their values by the trigger's newest event. */
export function useRuleScope(triggerRef: string, ruleRef: string | null): ExpressionScope {
  const trpc = useTRPC();
  const last = useQuery(
    trpc.events.list.queryOptions({ triggerRef, limit: 1 }, { enabled: triggerRef !== '' }),
  );
  const id = last.data?.items[0]?.id;
  const event = useQuery(trpc.events.get.queryOptions({ id: id ?? 1 }, { enabled: id !== undefined }));
  return useMemo(() => {
    if (!event.data || event.data.triggerRef !== triggerRef) return { names };
    const { payload } = event.data;
    return {
      names: [
        ...names,
        ...pathsIn('event.payload', payload).map((member) => ({ ...member, kind: 'name' as const })),
      ],
      data: toData(event.data, ruleRef),
    };
  }, [event.data, triggerRef, ruleRef]);
}

function toData(event: RouterOutputs['events']['get'], ruleRef: string | null): ScopeData {
  const { id, payload, headers, created } = event;
  const trigger = { ref: event.triggerRef, data: payload };
  return {
    scope: {
      names: {
        event: { id, payload, headers, created, trigger: event.triggerRef },
        trigger,
        rule: { ref: ruleRef },
      },
      functions: { now: () => created },
    },
    absent: ['config', 'keystore', 'datastore', 'system', ...(ruleRef === null ? ['rule'] : [])],
    origin: strings.rules.eventOrigin(id),
  };
}
