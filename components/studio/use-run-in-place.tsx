'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useShortcuts } from '@/components/shell/shortcuts';
import { toast } from '@/components/ui/toast';
import { useUrlState } from '@/components/ui/use-url-state';
import type { Definition } from '@/engine/definition/schema';
import type { CanvasMark, CanvasMarks, RunOverlay } from '../canvas/view';
import { inspection } from '../strings/inspection';
import { studio as strings } from '../strings/studio';
import { toCallError, useTRPCClient } from '../trpc';
import { activeDefinition, markedTasks } from './draft-marks';
import { dryRun, type DryRun } from './dry-run';
import { DryCallDialog } from './dry-call-dialog';
import { DryRunBar } from './dry-run-bar';
import { RunBar } from './run-bar';
import type { KnownRuns } from './run-context';
import type { Studio } from './studio-context';
import { readSurroundings, type Surroundings } from './sub-workflows';
import { useDraftRun, type Only } from './use-draft-run';
import { usePins } from './use-pins';
import { firedLines, useRun } from './use-run';
import { useRunRecord } from './use-run-record';

/**
 * Runs on the canvas: the one of `?run=`, a dry run, or none; what is known of the last one for forms; and the ways to
 * start another. `ask` opens the dialog for inputs.
 */
export function useRunInPlace(studio: Studio, ask: (only?: Only) => void) {
  const { workflow, draft, readOnly } = studio;
  const [runId, setRunId] = useUrlState('run', '');
  const watchedId = /^\d+$/.test(runId) ? Number(runId) : null;
  const record = useRunRecord(workflow.ref, watchedId);
  const active = useMemo(() => activeDefinition(draft), [draft]);
  const watched = useRun(watchedId === null ? null : record, draft.definition, active);
  const [dry, setDry] = useState<(DryRun & { around: Surroundings }) | null>(null);
  const [looksInto, setLooksInto] = useState(false);
  const client = useTRPCClient();
  const { pin, rename } = usePins(workflow);
  const { pins } = workflow;
  const watch = (id: number) => {
    setDry(null);
    setRunId(String(id));
  };
  const drafts = useDraftRun(studio, record, watch);
  const again = (only?: Only) => {
    if (!drafts.again(only)) ask(only);
  };
  const startDry = useMutation({
    mutationFn: () => readSurroundings(client, active, studio.catalog, record),
    onSuccess: (around) =>
      setDry({ ...paintedOn(draft.definition, active, dryRun(active, record, pins, around)), around }),
    onError: (error) => toast.error(toCallError(error).message),
  });
  useShortcuts([
    {
      keys: 'mod+shift+enter',
      label: inspection.bar.lastInputs,
      group: strings.workflow.title,
      run: () => again(),
      enabled: !readOnly,
    },
  ]);

  const edited = watched?.edited;
  const marks = useMemo<CanvasMarks>(() => {
    const found = new Map<string, CanvasMark[]>();
    const [disabled, breakpoints] = [markedTasks(draft, 'disabled'), markedTasks(draft, 'breakpoints')];
    for (const { name } of draft.definition.tasks) {
      const own: CanvasMark[] = [
        ...(Object.hasOwn(pins, name) ? (['pinned'] as const) : []),
        ...(edited?.has(name) ? (['dirty'] as const) : []),
        ...(disabled.includes(name) ? (['disabled'] as const) : []),
        ...(breakpoints.includes(name) ? (['breakpoint'] as const) : []),
      ];
      if (own.length > 0) found.set(name, own);
    }
    return found;
  }, [draft, pins, edited]);
  const overlay: RunOverlay | null = dry
    ? dry.kind === 'played'
      ? dry.overlay
      : null
    : (watched?.overlay ?? null);
  const bar = dry ? (
    <DryRunBar
      dry={dry}
      isPlaying={startDry.isPending}
      onLook={() => setLooksInto(true)}
      onAgain={() => startDry.mutate()}
      onClose={() => setDry(null)}
    />
  ) : watched ? (
    <RunBar
      execution={watched.execution}
      waiting={watched.waiting}
      differs={watched.differs}
      edited={watched.edited.size}
      mayContinue={!readOnly}
      onClose={() => setRunId('')}
    />
  ) : null;
  const runs: KnownRuns = {
    record,
    pins,
    pin,
    renamed: (from, to) => rename(from, to, pins),
    runOnly: readOnly ? undefined : again,
  };
  // Apart from the bar, which has another place on a narrow screen.
  const dialog =
    looksInto && dry?.kind === 'played' ? (
      <DryCallDialog calls={dry.calls} around={dry.around} onClose={() => setLooksInto(false)} />
    ) : null;
  return { runs, overlay, marks, bar, dialog, watch, again, startDry: () => startDry.mutate() };
}

/** A dry run as it is painted on what is drawn, which may have disabled tasks. */
function paintedOn(drawn: Definition, ran: Definition, dry: DryRun): DryRun {
  if (dry.kind !== 'played') return dry;
  return { ...dry, overlay: { ...dry.overlay, fired: firedLines(ran, drawn, dry.overlay.fired) } };
}
