'use client';

import { useQuery } from '@tanstack/react-query';
import { QueryState } from '@/components/ui/query-state';
import { useUrlState } from '@/components/ui/use-url-state';
import { useTRPC } from '../trpc';
import { RevisionView } from './revision-view';
import { WorkflowEditor } from './workflow-editor';

/** A workflow's page: its draft to edit, or with `?revision=` one of its revisions to look at. */
export function WorkflowPage({ workflowRef }: { workflowRef: string }) {
  const trpc = useTRPC();
  const workflow = useQuery(trpc.workflows.get.queryOptions({ ref: workflowRef }));
  const actions = useQuery(trpc.actions.catalog.queryOptions());
  const [revision, setRevision] = useUrlState('revision', '');
  return (
    <QueryState query={workflow}>
      {(loaded) => (
        <QueryState query={actions}>
          {(catalog) =>
            /^\d+$/.test(revision) ? (
              <RevisionView
                workflow={loaded}
                number={Number(revision)}
                actions={catalog}
                onBack={() => setRevision('')}
              />
            ) : (
              <WorkflowEditor
                workflow={loaded}
                actions={catalog}
                onViewRevision={(number) => setRevision(String(number))}
              />
            )
          }
        </QueryState>
      )}
    </QueryState>
  );
}
