'use client';

import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { layoutTasks } from '@/engine/definition/layout';
import { useTRPC } from '../trpc';
import { toOverlay, type ExecutionSummary, type RunView } from './run-overlay';
import { nothingSelected, type CanvasSelection } from './view';
import { WorkflowCanvas } from './workflow-canvas';

/**
 * The canvas of the revision that a run runs, with its tasks' states, durations and taken transitions painted on.
 * `executions` are the run's children, or its whole tree; `selected` is a task's name.
 */
export function RunCanvas({
  run,
  executions,
  selected,
  onSelect,
}: {
  run: RunView;
  executions: readonly ExecutionSummary[];
  selected: string | null;
  onSelect: (task: string | null) => void;
}) {
  const trpc = useTRPC();
  const actions = useQuery(trpc.actions.catalog.queryOptions());
  const catalog = useMemo(() => new Map(actions.data?.map((action) => [action.ref, action])), [actions.data]);
  const overlay = useMemo(() => toOverlay(run, executions), [run, executions]);
  const positions = useMemo(
    () => layoutTasks(run.definition, run.layout.positions),
    [run.definition, run.layout],
  );
  const selection = useMemo<CanvasSelection>(
    () => (selected === null ? nothingSelected : { tasks: [selected], transition: null }),
    [selected],
  );
  const choose = useCallback((next: CanvasSelection) => onSelect(next.tasks.at(-1) ?? null), [onSelect]);
  return (
    <WorkflowCanvas
      definition={run.definition}
      positions={positions}
      catalog={catalog}
      run={overlay}
      selection={selection}
      onSelect={choose}
    />
  );
}
