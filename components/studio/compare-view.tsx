'use client';

import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Breadcrumbs } from '@/components/ui/breadcrumbs';
import { Button } from '@/components/ui/button';
import { Field } from '@/components/ui/field';
import { QueryState } from '@/components/ui/query-state';
import { Select } from '@/components/ui/select';
import { Tabs } from '@/components/ui/tabs';
import { useUrlState } from '@/components/ui/use-url-state';
import { diffDefinitions, type DefinitionDiff } from '@/engine/definition/diff';
import { layoutTasks } from '@/engine/definition/layout';
import type { Definition } from '@/engine/definition/schema';
import { nothingSelected, type CanvasMark, type CatalogEntry } from '../canvas/view';
import { WorkflowCanvas } from '../canvas/workflow-canvas';
import { DiffEditor } from '../code/diff-editor';
import { studio } from '../strings/studio';
import { versions } from '../strings/versions';
import { useTRPC } from '../trpc';
import type { Workflow } from './studio-context';
import { toYamlText } from './yaml-text';

const strings = versions.compare;
const draft = 'draft';

interface Version {
  definition: Definition;
  layout: Workflow['layout'];
}

/** Two states of a workflow side by side: as one graph with what was added, removed and changed, and as text. */
export function CompareView({
  workflow,
  from,
  to,
  actions,
  onChoose,
  onBack,
}: {
  workflow: Workflow;
  /** A revision's number, or `draft`. */
  from: string;
  to: string;
  actions: readonly CatalogEntry[];
  onChoose: (from: string, to: string) => void;
  onBack: () => void;
}) {
  const trpc = useTRPC();
  const revisions = useQuery(trpc.workflows.revisions.queryOptions({ ref: workflow.ref }));
  const before = useVersion(workflow, from);
  const after = useVersion(workflow, to);
  const options = [
    { value: draft, label: strings.draft },
    ...(revisions.data ?? []).map(({ number, name }) => ({
      value: String(number),
      label: strings.revision(number, name),
    })),
  ];
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Breadcrumbs
        crumbs={[
          { label: studio.workflows, href: '/workflows' },
          { label: workflow.label, href: `/workflows/${encodeURIComponent(workflow.ref)}` },
          { label: strings.title },
        ]}
      />
      <header className="flex flex-wrap items-end gap-3 border-b border-border bg-surface px-3 py-2">
        <h1 className="sr-only">
          {strings.title}: {workflow.label}
        </h1>
        <Field label={strings.from} className="min-w-40">
          <Select value={from} options={options} onValueChange={(value) => onChoose(value, to)} />
        </Field>
        <Field label={strings.to} className="min-w-40">
          <Select value={to} options={options} onValueChange={(value) => onChoose(from, value)} />
        </Field>
        <Button className="ml-auto" icon={<ArrowLeft />} onClick={onBack}>
          {strings.back}
        </Button>
      </header>
      <QueryState query={before}>
        {(old) => (
          <QueryState query={after}>
            {(newer) => <Comparison before={old} after={newer} actions={actions} />}
          </QueryState>
        )}
      </QueryState>
    </div>
  );
}

/** The draft is here already; a revision is fetched. */
function useVersion(workflow: Workflow, version: string) {
  const trpc = useTRPC();
  const isDraft = !/^\d+$/.test(version);
  const query = useQuery(
    trpc.workflows.revision.queryOptions(
      { ref: workflow.ref, number: isDraft ? 1 : Number(version) },
      { enabled: !isDraft },
    ),
  );
  const own: Version = workflow;
  return isDraft ? { ...query, data: own, isPending: false, error: null } : query;
}

function Comparison({
  before,
  after,
  actions,
}: {
  before: Version;
  after: Version;
  actions: readonly CatalogEntry[];
}) {
  const [tab, setTab] = useUrlState('view', 'graph');
  const diff = useMemo(() => diffDefinitions(before.definition, after.definition), [before, after]);
  const count = (mark: string) => [...diff.tasks.values()].filter((one) => one === mark).length;
  const isSame = diff.tasks.size + diff.transitions.size + diff.settings.length === 0;
  const said = isSame
    ? strings.same
    : [
        strings.tasks(count('added'), count('removed'), count('changed')),
        ...(diff.transitions.size > 0 ? [strings.transitions(diff.transitions.size)] : []),
        ...(diff.settings.length > 0 ? [strings.settings(diff.settings.join(', '))] : []),
      ].join('; ');
  return (
    <>
      <p role="status" className="border-b border-border px-3 py-1.5 text-sm text-text-2">
        {said}
      </p>
      <Tabs
        label={strings.view}
        value={tab}
        onValueChange={setTab}
        className="min-h-0 flex-1"
        tabs={[
          {
            value: 'graph',
            label: strings.graph,
            content: <DiffCanvas diff={diff} before={before} after={after} actions={actions} />,
          },
          {
            value: 'text',
            label: strings.text,
            content: (
              <DiffEditor
                label={strings.text}
                before={toYamlText(before.definition)}
                after={toYamlText(after.definition)}
                height="100%"
              />
            ),
          },
        ]}
      />
    </>
  );
}

function DiffCanvas({
  diff,
  before,
  after,
  actions,
}: {
  diff: DefinitionDiff;
  before: Version;
  after: Version;
  actions: readonly CatalogEntry[];
}) {
  const [selection, setSelection] = useState(nothingSelected);
  const catalog = useMemo(() => new Map(actions.map((action) => [action.ref, action])), [actions]);
  const positions = useMemo(
    () => layoutTasks(diff.definition, { ...before.layout.positions, ...after.layout.positions }),
    [diff, before, after],
  );
  const marks = useMemo(
    () =>
      new Map<string, readonly CanvasMark[]>(
        [...diff.tasks, ...diff.transitions].map(([key, mark]) => [key, [mark]]),
      ),
    [diff],
  );
  return (
    <div className="h-full">
      <WorkflowCanvas
        definition={diff.definition}
        positions={positions}
        catalog={catalog}
        marks={marks}
        selection={selection}
        onSelect={setSelection}
      />
    </div>
  );
}
