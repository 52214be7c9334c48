import { layoutTasks } from '@/engine/definition/layout';
import { reviseYaml } from '@/engine/definition/revise-yaml';
import type { Definition } from '@/engine/definition/schema';
import { parseYaml, printYaml } from '@/engine/definition/yaml';
import type { Draft } from './autosave';
import { isSameJson } from './same-json';

/** The text that somebody wrote for a draft: it keeps what a definition does not, comments and order. */
export interface DraftYaml {
  text: string;
  /** What the draft said when the text was written; while it still does, the text stands as it is. */
  definition: Definition;
  /** The last text that could be read; the same one while this can. */
  readable: string | null;
}

/** The draft as YAML: the text that was written for it, with what has changed since; or one that is printed. */
export function toYaml({ definition, yaml }: Draft): string {
  if (!yaml) return printYaml(definition);
  if (yaml.definition === definition) return yaml.text;
  return yaml.readable === null ? printYaml(definition) : reviseYaml(yaml.readable, definition);
}

/** Whether the text that stands for the draft cannot be read; the draft is then what it last said. */
export function isBroken({ definition, yaml }: Draft): boolean {
  return yaml?.definition === definition && yaml.readable !== yaml.text;
}

/** The draft that a text says; where it says none, the draft as it was, with the text kept. */
export function fromYaml(draft: Draft, text: string): Draft {
  if (text === toYaml(draft)) return draft;
  const read = parseYaml(text).definition;
  if (!read) {
    const readable = isBroken(draft) ? (draft.yaml?.readable ?? null) : toYaml(draft);
    return { ...draft, yaml: { text, definition: draft.definition, readable } };
  }
  const definition = keepSame(draft.definition, read);
  const yaml = { text, definition, readable: text };
  if (definition === draft.definition) return { ...draft, yaml };
  return {
    ...draft,
    definition,
    yaml,
    positions: layoutTasks(definition, movedNames(draft, definition)),
  };
}

/** What is kept with the draft beside its definition: nothing where printing gives the same. */
export function toStoredText(draft: Draft): string | null {
  if (!draft.yaml) return null;
  const text = toYaml(draft);
  return text === printYaml(draft.definition) ? null : text;
}

/** A stored text for a definition that may have changed elsewhere since. */
export function fromStoredText(definition: Definition, text: string | null): DraftYaml | null {
  if (text === null) return null;
  const read = parseYaml(text).definition;
  if (!read) return { text, definition, readable: null };
  const revised = isSameJson(read, definition) ? text : reviseYaml(text, definition);
  return { text: revised, definition, readable: revised };
}

/** What did not change stays the very same, so that only the cards of what did are drawn anew. */
function keepSame(before: Definition, after: Definition): Definition {
  const known = new Map(before.tasks.map((task) => [task.name, task]));
  const tasks = after.tasks.map((task) => {
    const old = known.get(task.name);
    return old && isSameJson(old, task) ? old : task;
  });
  const isSame =
    tasks.length === before.tasks.length &&
    tasks.every((task, index) => task === before.tasks[index]) &&
    isSameJson({ ...before, tasks: [] }, { ...after, tasks: [] });
  return isSame ? before : { ...after, tasks };
}

/** A name that is new where an old one went away is the old task renamed: it keeps its place. */
function movedNames(draft: Draft, definition: Definition): Draft['positions'] {
  const before = draft.definition.tasks;
  const positions = { ...draft.positions };
  if (before.length !== definition.tasks.length) return positions;
  const names = new Set(definition.tasks.map(({ name }) => name));
  definition.tasks.forEach(({ name }, index) => {
    const old = before[index]?.name;
    const place = old === undefined || names.has(old) ? undefined : positions[old];
    if (place) positions[name] ??= place;
  });
  return positions;
}
