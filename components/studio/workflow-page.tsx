'use client';

import { useQuery } from '@tanstack/react-query';
import { QueryState } from '@/components/ui/query-state';
import { useUrlState } from '@/components/ui/use-url-state';
import { useTRPC } from '../trpc';
import { CompareView } from './compare-view';
import { RevisionView } from './revision-view';
import { WorkflowEditor } from './workflow-editor';
import { pinnedAction } from '@/engine/definition/draft-run';
import type { CatalogEntry } from '../canvas/view';

/** A workflow's page: its draft to edit, or with `?revision=` one of its revisions to look at. */
export function WorkflowPage({ workflowRef }: { workflowRef: string }) {
  const trpc = useTRPC();
  const workflow = useQuery(trpc.workflows.get.queryOptions({ ref: workflowRef }));
  const actions = useQuery(trpc.actions.catalog.queryOptions());
  const [revision, setRevision] = useUrlState('revision', '');
  const [compared, setCompared] = useUrlState('compare', '');
  const compare = /^(\d+|draft)\.\.(\d+|draft)$/.exec(compared);
  return (
    <QueryState query={workflow}>
      {(loaded) => (
        <QueryState query={actions}>
          {(catalog) =>
            compare ? (
              <CompareView
                workflow={loaded}
                from={compare[1] ?? ''}
                to={compare[2] ?? ''}
                actions={choosable(catalog)}
                onChoose={(from, to) => setCompared(`${from}..${to}`)}
                onBack={() => setCompared('')}
              />
            ) : /^\d+$/.test(revision) ? (
              <RevisionView
                workflow={loaded}
                number={Number(revision)}
                actions={choosable(catalog)}
                onBack={() => setRevision('')}
              />
            ) : (
              <WorkflowEditor
                workflow={loaded}
                actions={choosable(catalog)}
                onViewRevision={(number) => setRevision(String(number))}
                onCompare={(from, to) => setCompared(`${from}..${to}`)}
              />
            )
          }
        </QueryState>
      )}
    </QueryState>
  );
}

/** Without what only the studio itself puts into runs of drafts. */
const withoutPinned = new WeakMap<readonly CatalogEntry[], readonly CatalogEntry[]>();
function choosable(all: readonly CatalogEntry[]): readonly CatalogEntry[] {
  const known = withoutPinned.get(all) ?? all.filter(({ ref }) => ref !== pinnedAction);
  withoutPinned.set(all, known);
  return known;
}
