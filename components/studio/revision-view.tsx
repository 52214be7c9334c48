'use client';

import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Breadcrumbs } from '@/components/ui/breadcrumbs';
import { Button } from '@/components/ui/button';
import { QueryState } from '@/components/ui/query-state';
import { layoutTasks } from '@/engine/definition/layout';
import { nothingSelected, type CatalogEntry } from '../canvas/view';
import { WorkflowCanvas } from '../canvas/workflow-canvas';
import { studio } from '../strings/studio';
import { useTRPC, type RouterOutputs } from '../trpc';
import type { Workflow } from './studio-context';

type Revision = RouterOutputs['workflows']['revision'];

/** A published revision on the canvas, to look at. */
export function RevisionView({
  workflow,
  number,
  actions,
  onBack,
}: {
  workflow: Workflow;
  number: number;
  actions: readonly CatalogEntry[];
  onBack: () => void;
}) {
  const trpc = useTRPC();
  const query = useQuery(trpc.workflows.revision.queryOptions({ ref: workflow.ref, number }));
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Breadcrumbs
        crumbs={[
          { label: studio.workflows, href: '/workflows' },
          { label: workflow.label, href: `/workflows/${encodeURIComponent(workflow.ref)}` },
          { label: studio.revisions.number(number) },
        ]}
      />
      <header className="flex flex-wrap items-center gap-3 border-b border-border bg-surface px-3 py-2">
        <h1 className="text-base font-semibold">{workflow.label}</h1>
        <p role="status" className="text-sm text-text-2">
          {studio.revisions.viewing(number)}
        </p>
        <Button className="ml-auto" icon={<ArrowLeft />} onClick={onBack}>
          {studio.revisions.back}
        </Button>
      </header>
      <div className="min-h-0 flex-1">
        <QueryState query={query}>
          {(revision) => <RevisionCanvas revision={revision} actions={actions} />}
        </QueryState>
      </div>
    </div>
  );
}

function RevisionCanvas({ revision, actions }: { revision: Revision; actions: readonly CatalogEntry[] }) {
  const [selection, setSelection] = useState(nothingSelected);
  const catalog = useMemo(() => new Map(actions.map((action) => [action.ref, action])), [actions]);
  const positions = useMemo(() => layoutTasks(revision.definition, revision.layout.positions), [revision]);
  return (
    <WorkflowCanvas
      definition={revision.definition}
      positions={positions}
      catalog={catalog}
      selection={selection}
      onSelect={setSelection}
    />
  );
}
