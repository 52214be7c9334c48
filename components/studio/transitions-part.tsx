'use client';

import { Plus } from 'lucide-react';
import { useMemo } from 'react';
import { Button } from '@/components/ui/button';
import { updateTask } from '@/engine/definition/edit';
import type { Task, Transition } from '@/engine/definition/schema';
import { studio } from '../strings/studio';
import { problemsAt } from './problems-at';
import { useStudio } from './studio-context';
import { TransitionForm } from './transition-form';
import { useScope } from './use-scope';

const strings = studio.transition;

/** What follows a task, in the order in which it is asked. */
export function TransitionsPart({ task }: { task: Task }) {
  const { draft, problems, readOnly, selection, select, editDefinition } = useStudio();
  const scope = useScope(task, true);
  const errors = useMemo(() => problemsAt(problems, task.name, 'next'), [problems, task.name]);
  const names = draft.definition.tasks.map(({ name }) => name);
  const change = (label: string, next: Transition[], mergeKey?: string) =>
    editDefinition(label, (definition) => updateTask(definition, task.name, { next }), mergeKey);
  return (
    <div className="space-y-3 p-4">
      {task.next.length === 0 ? <p className="text-sm text-text-2">{strings.none}</p> : null}
      <ol className="space-y-3">
        {task.next.map((transition, index) => (
          <li key={index}>
            <TransitionForm
              task={task.name}
              index={index}
              count={task.next.length}
              transition={transition}
              scope={scope}
              targets={names}
              errors={errors}
              readOnly={readOnly}
              chosen={selection.transition?.task === task.name && selection.transition.index === index}
              onChange={(next, field) =>
                change(
                  studio.steps.edit(task.name),
                  task.next.with(index, next),
                  `next ${task.name} ${index} ${field}`,
                )
              }
              onMove={(by) => {
                const next = task.next.toSpliced(index, 1).toSpliced(index + by, 0, transition);
                change(studio.steps.reorder(task.name), next);
              }}
              onRemove={() => {
                change(
                  studio.steps.remove(studio.steps.transition(task.name)),
                  task.next.toSpliced(index, 1),
                );
                select({ tasks: [task.name], transition: null });
              }}
            />
          </li>
        ))}
      </ol>
      {readOnly ? null : (
        <Button
          size="sm"
          icon={<Plus />}
          onClick={() =>
            change(studio.steps.edit(task.name), [...task.next, { when: '{{ succeeded() }}', do: [] }])
          }
        >
          {strings.add}
        </Button>
      )}
    </div>
  );
}
