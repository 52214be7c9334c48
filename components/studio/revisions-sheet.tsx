'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, RotateCcw } from 'lucide-react';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Sheet } from '@/components/ui/sheet';
import { toast } from '@/components/ui/toast';
import { studio } from '../strings/studio';
import { toCallError, useTRPC } from '../trpc';
import { useStudio, type Workflow } from './studio-context';

const strings = studio.revisions;

/** The published revisions: who, when, why; look at one or put it back into the draft. */
export function RevisionsSheet({
  onClose,
  onView,
  onRestored,
}: {
  onClose: () => void;
  onView: (number: number) => void;
  onRestored: (workflow: Workflow, number: number) => void;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const { workflow, autosave, readOnly } = useStudio();
  const query = useQuery(trpc.workflows.revisions.queryOptions({ ref: workflow.ref }));
  const restore = useMutation(
    trpc.workflows.restore.mutationOptions({ onError: (error) => toast.error(toCallError(error).message) }),
  );
  const putBack = async (number: number) => {
    if (!(await autosave.flush())) return;
    const restored = await restore.mutateAsync({ ref: workflow.ref, number });
    queries.setQueryData(trpc.workflows.get.queryKey({ ref: workflow.ref }), restored);
    toast.success(strings.restored(number));
    onRestored(restored, number);
  };
  return (
    <Sheet open onOpenChange={(open) => (open ? undefined : onClose())} title={strings.title}>
      <QueryState query={query}>
        {(revisions) =>
          revisions.length === 0 ? (
            <p className="text-sm text-text-2">{strings.none}</p>
          ) : (
            <ol className="space-y-2">
              {revisions.map((revision) => (
                <li key={revision.number} className="rounded-lg border border-border p-3">
                  <div className="flex items-center gap-2">
                    <span className="font-semibold">#{revision.number}</span>
                    {revision.isPublished ? <Badge tone="success">{strings.current}</Badge> : null}
                    <span className="ml-auto text-xs text-text-2">
                      <RelativeTime value={revision.created} />{' '}
                      {strings.by(revision.createdBy ?? strings.somebody)}
                    </span>
                  </div>
                  <p className="mt-1 text-sm">
                    {revision.note || <span className="text-text-2">{strings.noNote}</span>}
                  </p>
                  <div className="mt-2 flex gap-2">
                    <Button
                      size="sm"
                      icon={<Eye />}
                      aria-label={`${strings.view} ${revision.number}`}
                      onClick={() => onView(revision.number)}
                    >
                      {strings.view}
                    </Button>
                    {readOnly ? null : (
                      <Button
                        size="sm"
                        variant="ghost"
                        icon={<RotateCcw />}
                        aria-label={`${strings.restore} ${revision.number}`}
                        loading={restore.isPending && restore.variables.number === revision.number}
                        onClick={() => void putBack(revision.number).catch(() => undefined)}
                      >
                        {strings.restore}
                      </Button>
                    )}
                  </div>
                </li>
              ))}
            </ol>
          )
        }
      </QueryState>
    </Sheet>
  );
}
