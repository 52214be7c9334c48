import { addTask, connect, spliceTask, uniqueName } from '@/engine/definition/edit';
import { card, freePlace, type Exit, type Point } from '../canvas/geometry';
import type { CanvasSelection } from '../canvas/view';
import type { Draft } from './autosave';
import { toTask } from './control-steps';

/** Where a new task goes, and what it is wired to. */
export type InsertPlace =
  | { kind: 'free'; at: Point }
  | { kind: 'after'; task: string; exit: Exit; at: Point | null }
  | { kind: 'between'; task: string; index: number; target: string; at: Point };

/** Where what is chosen from the palette goes: after the chosen task, into the chosen transition, else to `free`. */
export function placeAfter(draft: Draft, { tasks, transition }: CanvasSelection, free: Point): InsertPlace {
  const [task] = tasks;
  if (task !== undefined && tasks.length === 1) return { kind: 'after', task, exit: 'success', at: null };
  const source = draft.definition.tasks.find(({ name }) => name === transition?.task);
  const target = source?.next[transition?.index ?? 0]?.do[0];
  if (!transition || target === undefined) return { kind: 'free', at: free };
  const from = draft.positions[transition.task] ?? free;
  return { kind: 'between', ...transition, target, at: { x: from.x, y: from.y + card.height + 84 } };
}

/** The draft with a new task of an action, or of a control step, wired to what is there, on a free place; and the name that it got. */
export function insertTask(
  draft: Draft,
  actionRef: string,
  place: InsertPlace,
): { draft: Draft; name: string } {
  const wanted = toTask(actionRef);
  const name = uniqueName(draft.definition, wanted.name);
  const taken = Object.values(draft.positions);
  const task = { ...wanted, name };
  const put = (definition: Draft['definition'], at: Point, positions = draft.positions) => ({
    name,
    draft: { ...draft, definition, positions: { ...positions, [name]: at } },
  });
  switch (place.kind) {
    case 'free':
      return put(addTask(draft.definition, task), freePlace(place.at, taken));
    case 'after': {
      const from = draft.positions[place.task] ?? { x: 0, y: 0 };
      const below = place.at ?? { x: from.x, y: from.y + card.height + 84 };
      return put(
        connect(addTask(draft.definition, task), place.task, name, place.exit),
        freePlace(below, taken),
      );
    }
    case 'between': {
      const definition = spliceTask(draft.definition, task, place);
      const { positions, at } = makeRoom(draft, place.task, place.target);
      return put(definition, at ?? freePlace(place.at, taken), positions);
    }
  }
}

/**
 * Room for a card between two: when they stand too close, the lower one and all below it that are reached from it
 * move down by a row.
 */
export function makeRoom(
  draft: Draft,
  from: string,
  to: string,
  /** One that stands in between already. */
  between: string | null = null,
): { positions: Draft['positions']; at: Point | null } {
  const source = draft.positions[from];
  const target = draft.positions[to];
  if (!source || !target || target.y <= source.y) return { positions: draft.positions, at: null };
  const row = card.height + 84;
  const missing = source.y + 2 * row - target.y;
  if (missing <= 0) return { positions: draft.positions, at: null };
  const moved = reachedFrom(draft, to, from);
  const positions = Object.fromEntries(
    Object.entries(draft.positions).map(([name, at]) => [
      name,
      name !== between && moved.has(name) && at.y >= target.y ? { x: at.x, y: at.y + missing } : at,
    ]),
  );
  const at = freePlace({ x: target.x, y: source.y + row }, Object.values(positions));
  return { positions, at };
}

function reachedFrom(draft: Draft, start: string, except: string): Set<string> {
  const next = new Map(
    draft.definition.tasks.map((task) => [task.name, task.next.flatMap((transition) => transition.do)]),
  );
  const reached = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === except || reached.has(name) || !next.has(name)) continue;
    reached.add(name);
    open.push(...(next.get(name) ?? []));
  }
  return reached;
}
