import { layoutTasks } from '@/engine/definition/layout';
import type { Draft } from './autosave';
import { fromStoredText, toStoredText } from './draft-yaml';
import type { Workflow } from './studio-context';

/** The draft that a workflow was saved with. */
export function toDraft({ definition, layout }: Pick<Workflow, 'definition' | 'layout'>): Draft {
  return {
    definition,
    positions: layoutTasks(definition, layout.positions),
    yaml: fromStoredText(definition, layout.text ?? null),
  };
}

/** What is kept of a draft beside its definition. */
export function toLayout(draft: Draft): Workflow['layout'] {
  const text = toStoredText(draft);
  return { positions: { ...draft.positions }, ...(text === null ? {} : { text }) };
}
