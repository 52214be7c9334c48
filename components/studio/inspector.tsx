'use client';

import { PackageOpen } from 'lucide-react';
import { useDeferredValue, type Ref } from 'react';
import { Button } from '@/components/ui/button';
import { studio } from '../strings/studio';
import { versions } from '../strings/versions';
import { useRuns } from './run-context';
import { useStudio } from './studio-context';
import { TaskInspector } from './task-inspector';
import { WorkflowInspector } from './workflow-inspector';

const strings = studio.inspector;

/** What is chosen, in full: a task, several, or the workflow itself. */
export function Inspector({ nameRef, onRemove }: { nameRef: Ref<HTMLInputElement>; onRemove: () => void }) {
  const { draft, selection: chosen, readOnly } = useStudio();
  const { extract } = useRuns();
  // Its fields are costly to make: a drag that begins with choosing a card must not wait for them.
  const later = useDeferredValue(chosen);
  const isThere = later.tasks.every((name) => draft.definition.tasks.some((one) => one.name === name));
  const selection = isThere ? later : chosen;
  const name = selection.tasks.length > 0 ? selection.tasks.at(-1) : selection.transition?.task;
  const task = draft.definition.tasks.find((one) => one.name === name);
  return (
    <section aria-label={strings.title} className="h-full min-h-0 overflow-hidden bg-surface">
      {selection.tasks.length > 1 ? (
        <div className="space-y-3 p-4">
          <h2 className="text-base font-semibold">{strings.several(selection.tasks.length)}</h2>
          <p className="text-sm text-text-2">{strings.severalHint}</p>
          {readOnly || !extract ? null : (
            <Button icon={<PackageOpen />} onClick={() => extract(selection.tasks)}>
              {versions.extract.button}
            </Button>
          )}
          {readOnly ? null : (
            <Button variant="danger" onClick={onRemove}>
              {studio.steps.remove(studio.steps.tasks(selection.tasks.length))}
            </Button>
          )}
        </div>
      ) : task ? (
        <TaskInspector task={task} nameRef={nameRef} onRemove={onRemove} />
      ) : (
        <WorkflowInspector />
      )}
    </section>
  );
}
