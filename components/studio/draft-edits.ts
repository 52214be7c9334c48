import { duplicateTasks, removeTasks, renameTask } from '@/engine/definition/edit';
import { pasteTasks, type CopiedTasks } from '@/engine/definition/edit-clipboard';
import { layoutTasks } from '@/engine/definition/layout';
import { notePrefix } from '../canvas/decor';
import { card, grid, snap, type Point } from '../canvas/geometry';
import type { Draft } from './autosave';
import { withoutTasks } from './draft-decor';
import { marksRenamed, marksWithout } from './draft-marks';

/** The draft without these tasks; with `reconnect` their neighbours are joined. */
export function removeFromDraft(draft: Draft, names: readonly string[], reconnect: boolean): Draft {
  return {
    ...draft,
    ...(draft.groups ? { groups: withoutTasks(draft.groups, new Set(names)) } : {}),
    ...marksWithout(draft, names),
    definition: removeTasks(draft.definition, names, { reconnect }),
    positions: Object.fromEntries(Object.entries(draft.positions).filter(([name]) => !names.includes(name))),
  };
}

/** The draft with a task under another name, everywhere; the same where that name is not free. */
export function renameInDraft(draft: Draft, from: string, to: string): Draft {
  const definition = renameTask(draft.definition, from, to);
  if (definition === draft.definition) return draft;
  const { [from]: place, ...others } = draft.positions;
  const groups = draft.groups?.map((group) =>
    group.tasks.includes(from)
      ? { ...group, tasks: group.tasks.map((name) => (name === from ? to : name)) }
      : group,
  );
  return {
    ...draft,
    ...(groups ? { groups } : {}),
    ...marksRenamed(draft, from, to),
    definition,
    positions: place ? { ...others, [to]: place } : others,
  };
}

/** The draft with copies of these tasks a little beside them, and the names of the copies. */
export function duplicateInDraft(draft: Draft, names: readonly string[]): { draft: Draft; names: string[] } {
  const { definition, names: copies } = duplicateTasks(draft.definition, names);
  const positions = { ...draft.positions };
  for (const [name, copy] of Object.entries(copies)) {
    const at = draft.positions[name] ?? { x: 0, y: 0 };
    positions[copy] = { x: at.x + 3 * grid, y: at.y + 3 * grid };
  }
  return { draft: { ...draft, definition, positions }, names: Object.values(copies) };
}

/** The draft with what was copied, its middle at `at` or a little beside where it came from. */
export function pasteIntoDraft(
  draft: Draft,
  copied: CopiedTasks,
  at: Point | null,
): { draft: Draft; names: string[]; outside: string[]; missing: string[] } {
  const { definition, names, outside, missing } = pasteTasks(draft.definition, copied.tasks);
  const known = copied.tasks.every(({ name }) => copied.positions[name] !== undefined)
    ? copied.positions
    : layoutTasks({ tasks: [...copied.tasks] });
  const places = copied.tasks.map(({ name }) => known[name] ?? { x: 0, y: 0 });
  const middle = {
    x: (Math.min(...places.map(({ x }) => x)) + Math.max(...places.map(({ x }) => x)) + card.width) / 2,
    y: (Math.min(...places.map(({ y }) => y)) + Math.max(...places.map(({ y }) => y)) + card.height) / 2,
  };
  const by = snap(at ? { x: at.x - middle.x, y: at.y - middle.y } : { x: 3 * grid, y: 3 * grid });
  const positions = { ...draft.positions };
  copied.tasks.forEach(({ name }, index) => {
    const place = places[index] ?? { x: 0, y: 0 };
    positions[names[name] ?? name] = { x: place.x + by.x, y: place.y + by.y };
  });
  return { draft: { ...draft, definition, positions }, names: Object.values(names), outside, missing };
}

/** The draft with tasks, and notes by `note:` and their id, at other places. */
export function moveInDraft(draft: Draft, moved: Readonly<Record<string, Point>>): Draft {
  const notes = draft.notes?.map((note) => {
    const at = moved[notePrefix + note.id];
    return at ? { ...note, ...at } : note;
  });
  const places = Object.entries(moved).filter(([name]) => !name.startsWith(notePrefix));
  return {
    ...draft,
    ...(notes ? { notes } : {}),
    positions: { ...draft.positions, ...Object.fromEntries(places) },
  };
}
