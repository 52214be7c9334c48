'use client';

import { useQuery } from '@tanstack/react-query';
import { Button } from '@/components/ui/button';
import { Dialog } from '@/components/ui/dialog';
import type { Definition } from '@/engine/definition/schema';
import { studio } from '../strings/studio';
import { useTRPC } from '../trpc';
import { isSameJson } from './same-json';
import { useStudio, type Workflow } from './studio-context';

const strings = studio.conflict;

/** Somebody else saved meanwhile: who, what differs, and whose version goes on. */
export function ConflictDialog({
  message,
  onClose,
  onTakeTheirs,
}: {
  message: string;
  /** It stays unsaved until the person comes back to it. */
  onClose: () => void;
  onTakeTheirs: (theirs: Workflow) => void;
}) {
  const trpc = useTRPC();
  const { workflow, draft, autosave } = useStudio();
  const theirs = useQuery(
    trpc.workflows.get.queryOptions({ ref: workflow.ref }, { staleTime: 0, refetchOnMount: 'always' }),
  );
  const ready = theirs.data && !theirs.isFetching;
  const differing = theirs.data ? differingTasks(draft.definition, theirs.data.definition) : [];
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={strings.title}
      description={message}
      size="sm"
      footer={
        <>
          <Button
            disabled={!ready}
            onClick={() => (theirs.data ? void autosave.overwrite(theirs.data.draftVersion) : undefined)}
          >
            {strings.mine}
          </Button>
          <Button
            variant="primary"
            disabled={!ready}
            onClick={() => (theirs.data ? onTakeTheirs(theirs.data) : undefined)}
          >
            {strings.theirs}
          </Button>
        </>
      }
    >
      <div className="space-y-2 text-sm">
        {differing.length > 0 ? (
          <>
            <p>{strings.differs}</p>
            <ul className="list-disc pl-5 font-mono text-xs">
              {differing.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          </>
        ) : (
          <p>{strings.same}</p>
        )}
        <p className="text-text-2">{strings.theirsHint}</p>
      </div>
    </Dialog>
  );
}

function differingTasks(ours: Definition, theirs: Definition): string[] {
  const byName = (definition: Definition) => new Map(definition.tasks.map((task) => [task.name, task]));
  const a = byName(ours);
  const b = byName(theirs);
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => !isSameJson(a.get(name), b.get(name)));
}
