'use client';

import { ArrowUpRight, ChevronRight, Pin } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Callout } from '@/components/ui/callout';
import { Dialog } from '@/components/ui/dialog';
import { JsonView } from '@/components/ui/json-view';
import { Select } from '@/components/ui/select';
import { StatusBadge } from '@/components/ui/status-badge';
import { layoutTasks } from '@/engine/definition/layout';
import { isExecutionState } from '@/engine/execution/status';
import { nothingSelected } from '../canvas/view';
import { WorkflowCanvas } from '../canvas/workflow-canvas';
import { inspection } from '../strings/inspection';
import type { DryCall } from './dry-run';
import { useStudio } from './studio-context';
import type { SubWorkflow, Surroundings } from './sub-workflows';
import { useNarrow } from './use-narrow';

const strings = inspection.dry;
const nameOf = ({ task, item }: DryCall) => strings.callName(task, item);

/** The workflows that a dry run called: each on a canvas of its own, with what it was given, and what lies within. */
export function DryCallDialog({
  calls,
  around,
  onClose,
}: {
  calls: readonly DryCall[];
  around: Surroundings;
  onClose: () => void;
}) {
  /** From the draft's own call down to the one that is shown, by their places. */
  const [path, setPath] = useState<readonly number[]>([0]);
  const { readOnly, select, setTab } = useStudio();
  const way = followed(calls, path);
  const call = way.at(-1);
  const siblings = followed(calls, path.slice(0, -1)).at(-1);
  const beside = siblings ? callsOf(siblings) : calls;
  if (!call) return null;
  const first = way[0];
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.callTitle(nameOf(call), call.workflowRef)}
      size="xl"
      footer={
        <>
          <Button
            variant="ghost"
            icon={<ArrowUpRight />}
            href={`/workflows/${encodeURIComponent(call.workflowRef)}`}
          >
            {strings.open}
          </Button>
          {readOnly || path.length > 1 || !first ? null : (
            <Button
              icon={<Pin />}
              onClick={() => {
                select({ tasks: [first.task], transition: null });
                setTab('output');
                onClose();
              }}
            >
              {strings.setResult}
            </Button>
          )}
        </>
      }
    >
      <div className="space-y-4">
        <nav aria-label={strings.path} className="flex flex-wrap items-center gap-1 text-sm">
          <span className="text-text-2">{strings.whole}</span>
          {way.map((one, depth) => (
            <span key={depth} className="flex items-center gap-1">
              <ChevronRight aria-hidden="true" className="size-4 text-text-3" />
              {depth === way.length - 1 ? (
                <span aria-current="page" className="font-medium">
                  {nameOf(one)}
                </span>
              ) : (
                <button
                  type="button"
                  className="link min-h-6"
                  onClick={() => setPath(path.slice(0, depth + 1))}
                >
                  {nameOf(one)}
                </button>
              )}
            </span>
          ))}
        </nav>
        {beside.length > 1 ? (
          <Select
            label={strings.calls(beside.length)}
            value={String(path.at(-1) ?? 0)}
            options={beside.map((one, place) => ({
              value: String(place),
              label: strings.callTitle(nameOf(one), one.workflowRef),
            }))}
            onValueChange={(place) => setPath([...path.slice(0, -1), Number(place)])}
          />
        ) : null}
        <Call
          key={path.join('.')}
          call={call}
          workflow={around.workflows.get(call.workflowRef) ?? null}
          onLook={(place) => setPath([...path, place])}
        />
      </div>
    </Dialog>
  );
}

function callsOf({ dry }: DryCall): readonly DryCall[] {
  return dry.kind === 'played' ? dry.calls : [];
}

/** The calls along a path, the draft's own first. */
function followed(calls: readonly DryCall[], path: readonly number[]): DryCall[] {
  const way: DryCall[] = [];
  let here = calls;
  for (const place of path) {
    const call = here[place];
    if (!call) break;
    way.push(call);
    here = callsOf(call);
  }
  return way;
}

function Call({
  call,
  workflow,
  onLook,
}: {
  call: DryCall;
  workflow: SubWorkflow | null;
  onLook: (place: number) => void;
}) {
  const { dry } = call;
  const { catalog } = useStudio();
  const narrow = useNarrow();
  const [selection, setSelection] = useState(nothingSelected);
  const positions = useMemo(
    () => (workflow ? layoutTasks(workflow.definition, workflow.positions) : {}),
    [workflow],
  );
  if (dry.kind !== 'played')
    return (
      <>
        <Callout kind={dry.kind === 'skipped' ? 'warning' : 'error'}>{dry.message}</Callout>
        <JsonView value={call.input} label={strings.given} />
      </>
    );
  const chosen = selection.tasks[0];
  return (
    <>
      <div className="flex flex-wrap items-center gap-3">
        <StatusBadge state={dry.state} />
        {dry.error ? <span className="text-sm text-danger">{dry.error}</span> : null}
      </div>
      {workflow ? (
        <section aria-label={strings.canvas} className="h-72 overflow-hidden rounded-lg border border-border">
          <WorkflowCanvas
            // It is fitted into its place when it is drawn first.
            key={String(narrow)}
            definition={workflow.definition}
            positions={positions}
            catalog={catalog}
            run={dry.overlay}
            selection={selection}
            onSelect={setSelection}
          />
        </section>
      ) : null}
      <Steps
        call={call}
        chosen={chosen}
        onChoose={(task) => setSelection({ tasks: [task], transition: null })}
        onLook={onLook}
      />
      <div className="grid items-start gap-4 md:grid-cols-2">
        <JsonView value={call.input} label={strings.given} maxHeight={240} />
        {chosen !== undefined && Object.hasOwn(dry.results, chosen) ? (
          <JsonView value={dry.results[chosen]} label={strings.stepGives(chosen)} maxHeight={240} />
        ) : (
          <JsonView value={dry.output} label={strings.gives} maxHeight={240} />
        )}
      </div>
    </>
  );
}

/** The tasks that would run in it, in their order; those that call workflows lead on. */
function Steps({
  call,
  chosen,
  onChoose,
  onLook,
}: {
  call: DryCall;
  chosen: string | undefined;
  onChoose: (task: string) => void;
  onLook: (place: number) => void;
}) {
  const { dry } = call;
  if (dry.kind !== 'played') return null;
  return (
    <section aria-label={strings.steps}>
      <h3 className="mb-1.5 text-sm font-semibold">{strings.steps}</h3>
      <ol className="divide-y divide-border rounded-lg border border-border">
        {dry.tasks.map((task) => {
          const state = dry.overlay.tasks.get(task)?.state ?? '';
          const place = dry.calls.findIndex((one) => one.task === task);
          return (
            <li key={task} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1.5 text-sm">
              <button
                type="button"
                aria-pressed={chosen === task}
                className="link min-h-6 font-mono text-xs aria-pressed:font-semibold"
                onClick={() => onChoose(task)}
              >
                {task}
              </button>
              {isExecutionState(state) ? <StatusBadge state={state} /> : null}
              {place < 0 ? null : (
                <Button size="sm" variant="ghost" className="ml-auto" onClick={() => onLook(place)}>
                  {strings.look(task)}
                </Button>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
