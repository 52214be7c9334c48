import { layoutTasks } from '@/engine/definition/layout';
import type { Draft } from './autosave';
import { fromStoredText, toStoredText } from './draft-yaml';
import type { Workflow } from './studio-context';

/** The draft that a workflow was saved with. */
export function toDraft({ definition, layout }: Pick<Workflow, 'definition' | 'layout'>): Draft {
  return {
    definition,
    positions: layoutTasks(definition, layout.positions),
    groups: layout.groups ?? [],
    notes: layout.notes ?? [],
    disabled: layout.disabled ?? [],
    breakpoints: layout.breakpoints ?? [],
    yaml: fromStoredText(definition, layout.text ?? null),
  };
}

/** What is kept of a draft beside its definition. */
export function toLayout(draft: Draft): Workflow['layout'] {
  const text = toStoredText(draft);
  const { groups = [], notes = [], disabled = [], breakpoints = [] } = draft;
  return {
    positions: { ...draft.positions },
    ...(groups.length > 0 ? { groups: groups.map((group) => ({ ...group, tasks: [...group.tasks] })) } : {}),
    ...(notes.length > 0 ? { notes: [...notes] } : {}),
    ...(disabled.length > 0 ? { disabled: [...disabled] } : {}),
    ...(breakpoints.length > 0 ? { breakpoints: [...breakpoints] } : {}),
    ...(text === null ? {} : { text }),
  };
}
