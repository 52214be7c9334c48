import type { Task } from '@/engine/definition/schema';
import { conditionStep, workflowStep, type CatalogEntry } from '../canvas/view';
import { studio } from '../strings/studio';
import { baseName } from './names';

const strings = studio.control;

const step = (
  ref: string,
  words: { label: string; description: string },
  runtime: CatalogEntry['runtime'],
) => ({
  ...{ ref, packRef: '', ...words, runtime },
  ...{ paramSchema: { type: 'object', properties: {} }, outSchema: null },
});

/** What the palette offers beside actions; their refs are none that an action may have. */
export const controlSteps: readonly CatalogEntry[] = [
  step(workflowStep, strings.workflow, 'workflow'),
  step(conditionStep, strings.condition, 'native'),
];

/** The new task that a choice of the palette asks for, under a name that is yet to be made unique. */
export function toTask(ref: string): Task {
  if (ref !== conditionStep) return { name: baseName(ref), action: ref, input: {}, next: [] };
  return {
    name: 'condition',
    action: 'core.noop',
    input: {},
    next: [
      { when: '{{ succeeded() and true }}', label: strings.condition.then, do: ['$end'] },
      { otherwise: true, label: strings.condition.otherwise, do: ['$end'] },
    ],
  };
}
