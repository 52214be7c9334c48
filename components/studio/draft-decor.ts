import { grid, snap, type Point } from '../canvas/geometry';
import type { Group, Note } from '../canvas/view';
import type { Draft } from './autosave';

/** The draft with tasks in a group of their own; a task is in one group at most. */
export function groupTasks(draft: Draft, names: readonly string[], title: string): Draft {
  if (names.length === 0) return draft;
  const taken = new Set(names);
  const others = withoutTasks(draft.groups ?? [], taken);
  const group = { id: freeId(draft.groups ?? []), title, tasks: [...names], collapsed: false };
  return { ...draft, groups: [...others, group] };
}

/** The draft with a group changed; null takes it away, its tasks stay. */
export function changeGroup(draft: Draft, id: string, change: Partial<Group> | null): Draft {
  return { ...draft, groups: changeOne(draft.groups ?? [], id, change) };
}

export function addNote(draft: Draft, at: Point): Draft {
  const note: Note = {
    id: freeId(draft.notes ?? []),
    ...snap(at),
    width: 17 * grid,
    height: 10 * grid,
    text: '',
  };
  return { ...draft, notes: [...(draft.notes ?? []), note] };
}

/** The draft with a note changed; null takes it away. */
export function changeNote(draft: Draft, id: string, change: Partial<Note> | null): Draft {
  return { ...draft, notes: changeOne(draft.notes ?? [], id, change) };
}

/** The groups without these tasks, and without those that have none left. */
export function withoutTasks(groups: readonly Group[], names: ReadonlySet<string>): Group[] {
  return groups.flatMap((group) => {
    const tasks = group.tasks.filter((name) => !names.has(name));
    return tasks.length === 0 ? [] : tasks.length === group.tasks.length ? group : { ...group, tasks };
  });
}

function changeOne<Thing extends { id: string }>(
  things: readonly Thing[],
  id: string,
  change: Partial<Thing> | null,
): Thing[] {
  return things.flatMap((thing) => (thing.id !== id ? thing : change ? { ...thing, ...change } : []));
}

function freeId(things: readonly { id: string }[]): string {
  return String(Math.max(0, ...things.map(({ id }) => Number(id) || 0)) + 1);
}
