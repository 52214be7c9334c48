import { Position, type Node } from '@xyflow/react';
import { canvas as strings } from '../strings/canvas';
import { card, entryX, exits, exitX, type Point } from './geometry';
import type { Group, Note, Positions } from './view';

/** A frame around tasks; collapsed it is one card that stands for them. */
export type FrameNode = Node<{ group: Group; count: number; editable: boolean }, 'frame'>;
export type NoteNode = Node<{ note: Note; editable: boolean }, 'note'>;

const padding = { x: 24, top: 52, bottom: 40 };
const framePrefix = 'group:';
export const notePrefix = 'note:';

export interface Decor {
  nodes: (FrameNode | NoteNode)[];
  /** The frame that stands for a task, where its group is collapsed. */
  inside: ReadonlyMap<string, string>;
}
export interface DecorInput {
  groups: readonly Group[];
  notes: readonly Note[];
  tasks: ReadonlySet<string>;
  positions: Positions;
  editable: boolean;
}

/** Frames and notes as nodes, behind the cards; the same objects as before where nothing about them changed. */
export function decorMaker(): (input: DecorInput) => Decor {
  let known = new Map<string, { parts: readonly unknown[]; node: FrameNode | NoteNode }>();
  return ({ groups, notes, tasks, positions, editable }) => {
    const next: typeof known = new Map();
    const inside = new Map<string, string>();
    const keep = <Made extends FrameNode | NoteNode>(id: string, parts: unknown[], make: () => Made) => {
      const before = known.get(id);
      const isSame = before?.parts.every((part, index) => Object.is(part, parts[index]));
      const entry = before && isSame ? before : { parts, node: make() };
      next.set(id, entry);
      return entry.node;
    };
    const frames = groups.flatMap((group) => {
      const members = group.tasks.filter((name) => tasks.has(name));
      const box = boxOf(members, positions);
      if (!box) return [];
      const id = framePrefix + group.id;
      if (group.collapsed) for (const name of members) inside.set(name, id);
      const size = group.collapsed ? card : { width: box.width, height: box.height };
      const parts = [group, members.length, box.x, box.y, size.width, size.height, editable];
      return [keep(id, parts, (): FrameNode => toFrame(id, group, members.length, box, size, editable))];
    });
    const papers = notes.map((note) => {
      const id = notePrefix + note.id;
      const at = positions[id] ?? { x: note.x, y: note.y };
      return keep(id, [note, at.x, at.y, editable], (): NoteNode => toPaper(id, note, at, editable));
    });
    known = next;
    return { nodes: [...frames, ...papers], inside };
  };
}

function toFrame(
  id: string,
  group: Group,
  count: number,
  at: Point,
  size: { width: number; height: number },
  editable: boolean,
): FrameNode {
  return {
    id,
    type: 'frame',
    position: { x: at.x, y: at.y },
    ...size,
    measured: { ...size },
    // Lines into and out of what it stands for; open, its tasks have their own.
    handles: group.collapsed ? collapsedHandles : [],
    zIndex: group.collapsed ? 0 : -1,
    draggable: editable,
    dragHandle: '.frame-title',
    selectable: false,
    focusable: false,
    connectable: false,
    ariaRole: 'group',
    ariaLabel: strings.group(group.title, count),
    data: { group, count, editable },
  };
}

function toPaper(id: string, note: Note, at: Point, editable: boolean): NoteNode {
  const size = { width: note.width, height: note.height };
  return {
    id,
    type: 'note',
    position: at,
    ...size,
    measured: size,
    handles: [],
    zIndex: -1,
    draggable: editable,
    selectable: false,
    focusable: false,
    connectable: false,
    ariaRole: 'note',
    ariaLabel: strings.note,
    data: { note, editable },
  };
}

const collapsedHandles = [
  { id: 'in', type: 'target' as const, position: Position.Top, x: entryX, y: 0, width: 1, height: 1 },
  ...exits.map((exit) => ({
    id: exit,
    type: 'source' as const,
    position: Position.Bottom,
    x: exitX[exit],
    y: card.height - 1,
    width: 1,
    height: 1,
  })),
];

function boxOf(names: readonly string[], positions: Positions) {
  const places = names.flatMap((name) => positions[name] ?? []);
  if (places.length === 0) return null;
  const left = Math.min(...places.map(({ x }) => x)) - padding.x;
  const top = Math.min(...places.map(({ y }) => y)) - padding.top;
  return {
    x: left,
    y: top,
    width: Math.max(...places.map(({ x }) => x)) + card.width + padding.x - left,
    height: Math.max(...places.map(({ y }) => y)) + card.height + padding.bottom - top,
  };
}

/** Moves of frames as moves of the tasks in them. */
export function toTaskMoves(
  moved: Readonly<Record<string, Point>>,
  frames: readonly (FrameNode | NoteNode)[],
  positions: Positions,
): Record<string, Point> {
  const all: Record<string, Point> = {};
  for (const [id, to] of Object.entries(moved)) {
    const frame = frames.find((node): node is FrameNode => node.id === id && node.type === 'frame');
    if (!frame) {
      all[id] = to;
      continue;
    }
    const by = { x: to.x - frame.position.x, y: to.y - frame.position.y };
    for (const name of frame.data.group.tasks) {
      const at = positions[name];
      if (at) all[name] = { x: at.x + by.x, y: at.y + by.y };
    }
  }
  return all;
}
