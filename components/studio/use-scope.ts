'use client';

import { useDeferredValue, useMemo } from 'react';
import type { Task } from '@/engine/definition/schema';
import type { ExpressionScope } from '../code/scope';
import { inspection } from '../strings/inspection';
import { useRuns } from './run-context';
import { scopeData } from './scope-data';
import { scopeOf } from './scope-of';
import { useStudio } from './studio-context';

/** The names that a task's expressions may use, with their values by the last run and by pins. */
export function useScope(task: Task | null, after: boolean): ExpressionScope {
  const { draft, catalog } = useStudio();
  const { record, pins } = useRuns();
  // What can be completed may lag behind the keys.
  const definition = useDeferredValue(draft.definition);
  return useMemo(() => {
    const origin = record
      ? inspection.origin.run(record.execution.id)
      : Object.keys(pins).length > 0
        ? inspection.origin.pins
        : inspection.origin.defaults;
    const data = scopeData(definition, task, after, record, pins, origin);
    return { ...scopeOf(definition, catalog, task, after, data), data };
  }, [definition, catalog, task, after, record, pins]);
}
