import { useMemo } from 'react';
import { updateTask } from '@/engine/definition/edit';
import type { Task } from '@/engine/definition/schema';
import { studio } from '../strings/studio';
import { problemsAt } from './problems-at';
import { useStudio } from './studio-context';

export type TaskSettings = ReturnType<typeof useTaskSettings>;

/** How the fields of a task are read, written and found fault with. `field` is the place in the definition. */
export function useTaskSettings(task: Task) {
  const { problems, readOnly, editDefinition } = useStudio();
  const errors = useMemo(() => problemsAt(problems, task.name, ''), [problems, task.name]);
  return {
    task,
    errors,
    readOnly,
    set: (part: Partial<Record<keyof Task, unknown>>, field: string) =>
      editDefinition(
        studio.steps.edit(task.name),
        (definition) => updateTask(definition, task.name, part),
        `settings ${task.name} ${field}`,
      ),
    /** For a control of text. */
    text: (field: string, value: unknown) => ({
      value: value === undefined ? '' : String(value),
      readOnly,
      'data-field': field,
    }),
    /** For the field around it. */
    fault: (field: string) => (errors[field] ? { error: errors[field] } : {}),
  };
}
