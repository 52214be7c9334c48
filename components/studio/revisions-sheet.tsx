'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Eye, GitCompareArrows, Pencil, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { QueryState } from '@/components/ui/query-state';
import { RelativeTime } from '@/components/ui/relative-time';
import { Sheet } from '@/components/ui/sheet';
import { toast } from '@/components/ui/toast';
import { studio } from '../strings/studio';
import { versions } from '../strings/versions';
import { toCallError, useTRPC, type RouterOutputs } from '../trpc';
import { useStudio, type Workflow } from './studio-context';

const strings = studio.revisions;

/** The published revisions: who, when, why; look at one or put it back into the draft. */
export function RevisionsSheet({
  onClose,
  onView,
  onCompare,
  onRestored,
}: {
  onClose: () => void;
  onView: (number: number) => void;
  onCompare: (from: string, to: string) => void;
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
                    <RevisionName workflowRef={workflow.ref} revision={revision} readOnly={readOnly} />
                    {revision.isPublished ? <Badge tone="success">{strings.current}</Badge> : null}
                    <span className="ml-auto text-xs text-text-2">
                      <RelativeTime value={revision.created} />{' '}
                      {strings.by(revision.createdBy ?? strings.somebody)}
                    </span>
                  </div>
                  <p className="mt-1 text-sm">
                    {revision.note || <span className="text-text-2">{strings.noNote}</span>}
                  </p>
                  <div className="mt-2 flex flex-wrap gap-2">
                    <Button
                      size="sm"
                      icon={<Eye />}
                      aria-label={`${strings.view} ${revision.number}`}
                      onClick={() => onView(revision.number)}
                    >
                      {strings.view}
                    </Button>
                    <Button
                      size="sm"
                      variant="ghost"
                      icon={<GitCompareArrows />}
                      aria-label={versions.compare.button(revision.number)}
                      onClick={() => onCompare(String(revision.number), 'draft')}
                    >
                      {versions.compare.title}
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

/** What people call a revision; a pencil lets them call it otherwise. */
function RevisionName({
  workflowRef,
  revision: { number, name },
  readOnly,
}: {
  workflowRef: string;
  revision: RouterOutputs['workflows']['revisions'][number];
  readOnly: boolean;
}) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [text, setText] = useState<string | null>(null);
  const give = useMutation(
    trpc.workflows.nameRevision.mutationOptions({
      onSuccess: (all) => {
        queries.setQueryData(trpc.workflows.revisions.queryKey({ ref: workflowRef }), all);
        setText(null);
      },
      onError: (error) => toast.error(toCallError(error).message),
    }),
  );
  if (text === null) {
    return (
      <span className="flex min-w-0 items-center gap-1">
        <span className="truncate text-sm">{name}</span>
        {readOnly ? null : (
          <IconButton
            size="sm"
            label={versions.name.give(number)}
            icon={<Pencil />}
            onClick={() => setText(name)}
          />
        )}
      </span>
    );
  }
  return (
    <form
      className="min-w-0"
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate({ ref: workflowRef, number, name: text });
      }}
    >
      <Input
        size="sm"
        autoFocus
        maxLength={100}
        aria-label={versions.name.give(number)}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setText(null);
        }}
      />
    </form>
  );
}
