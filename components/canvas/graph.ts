import type { Edge, Node } from '@xyflow/react';
import { Position } from '@xyflow/react';
import type { Definition, Task, Transition } from '@/engine/definition/schema';
import { canvas as strings } from '../strings/canvas';
import type { FrameNode, NoteNode } from './decor';
import { card, entryX, exits, exitX, terminal, type Exit, type Point } from './geometry';
import type {
  CanvasMark,
  CanvasMarks,
  CanvasSelection,
  Catalog,
  CatalogEntry,
  Positions,
  ProblemCount,
  RunOverlay,
  TaskRun,
} from './view';
import { exitOf, kindOf, transitionText, type TransitionKind } from './transition-kind';

export type TaskNode = Node<
  {
    task: Task;
    action: CatalogEntry | null;
    problems: ProblemCount | null;
    run: TaskRun | null;
    marks: readonly CanvasMark[];
    showsRun: boolean;
    editable: boolean;
  },
  'task'
>;
export type TerminalNode = Node<{ target: '$end' | '$fail'; fired: boolean }, 'terminal'>;
export type CanvasNode = TaskNode | TerminalNode | FrameNode | NoteNode;
export type TransitionEdge = Edge<
  {
    task: string;
    index: number;
    target: string;
    kind: TransitionKind;
    text: string;
    order: number | null;
    mark: CanvasMark | null;
    fired: number;
    showsRun: boolean;
    editable: boolean;
  },
  'transition'
>;

export interface GraphInput {
  definition: Definition;
  positions: Positions;
  catalog: Catalog;
  problems: ReadonlyMap<string, ProblemCount>;
  run: RunOverlay | null;
  marks: CanvasMarks;
  selection: CanvasSelection;
  editable: boolean;
  /** Frames and notes. */
  behind: readonly (FrameNode | NoteNode)[];
  /** The frame that stands for a task, where its group is collapsed. */
  inside: ReadonlyMap<string, string>;
}

const noMarks: readonly CanvasMark[] = [];

const handles = [
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
const terminalHandles = [
  {
    id: 'in',
    type: 'target' as const,
    position: Position.Top,
    x: terminal.width / 2,
    y: 0,
    width: 1,
    height: 1,
  },
];

/**
 * Makes nodes of tasks. Each call gives the very node of the call before where nothing about it changed, so that
 * React renders only the cards that an edit touched.
 */
export function nodeMaker(): (input: GraphInput) => CanvasNode[] {
  let known = new Map<string, { parts: readonly unknown[]; node: CanvasNode }>();
  // What a card shows is kept apart from where it stands: a move draws no card anew.
  let knownData = new Map<string, { parts: readonly unknown[]; data: TaskNode['data'] }>();
  let made: CanvasNode[] = [];
  return (input) => {
    const next: typeof known = new Map();
    const nextData: typeof knownData = new Map();
    const keep = (id: string, parts: readonly unknown[], make: () => CanvasNode) => {
      const before = known.get(id);
      const entry = before && same(before.parts, parts) ? before : { parts, node: make() };
      next.set(id, entry);
      return entry.node;
    };
    const selected = new Set(input.selection.tasks);
    const ofTasks = input.definition.tasks.flatMap((task, index) => {
      if (input.inside.has(task.name)) return [];
      const at = input.positions[task.name] ?? { x: 0, y: index * (card.height + 84) };
      const action = (task.action && input.catalog.get(task.action)) || null;
      const problems = input.problems.get(task.name) ?? null;
      const run = input.run?.tasks.get(task.name) ?? null;
      const marks = input.marks.get(task.name) ?? noMarks;
      const showsRun = input.run !== null;
      const parts = [
        task,
        marks.join(),
        action,
        problems?.errors,
        problems?.warnings,
        run,
        showsRun,
        input.editable,
      ];
      const before = knownData.get(task.name);
      const entry =
        before && same(before.parts, parts)
          ? before
          : { parts, data: { task, action, problems, run, marks, showsRun, editable: input.editable } };
      nextData.set(task.name, entry);
      const { data } = entry;
      const cards = [
        keep(task.name, [data, at.x, at.y, selected.has(task.name)], () => ({
          id: task.name,
          type: 'task',
          position: at,
          width: card.width,
          height: card.height,
          measured: { width: card.width, height: card.height },
          handles,
          selected: selected.has(task.name),
          draggable: input.editable,
          connectable: input.editable,
          ariaLabel: strings.task(
            task.name,
            task.action || strings.noAction,
            [stateText(run, input.run !== null), ...marks.map((mark) => strings.marks[mark])]
              .filter(Boolean)
              .join(', ') || null,
          ),
          domAttributes: { 'aria-roledescription': strings.taskRole },
          data,
        })),
      ];
      for (const { id, target, point, transition } of terminals(task, at)) {
        const fired = (input.run?.fired.get(`${task.name}#${transition}`) ?? 0) > 0;
        cards.push(
          keep(id, [target, point.x, point.y, fired], () => ({
            id,
            type: 'terminal',
            position: point,
            width: terminal.width,
            height: terminal.height,
            measured: { ...terminal },
            handles: terminalHandles,
            draggable: false,
            selectable: false,
            focusable: false,
            connectable: false,
            data: { target, fired },
          })),
        );
      }
      return cards;
    });
    const nodes = [...input.behind, ...ofTasks];
    known = next;
    knownData = nextData;
    if (!same(nodes, made)) made = nodes;
    return made;
  };
}

/** Makes edges of transitions, one per target; keeps the ones that did not change, as `nodeMaker` does. */
export function edgeMaker(): (input: GraphInput) => TransitionEdge[] {
  let known = new Map<string, { parts: readonly unknown[]; edge: TransitionEdge }>();
  let made: TransitionEdge[] = [];
  return ({ definition, run, marks, selection, editable, inside }) => {
    const next: typeof known = new Map();
    const names = new Set(definition.tasks.map(({ name }) => name));
    const edges = definition.tasks.flatMap((task) =>
      task.next.flatMap((transition, index) => {
        const fired = run?.fired.get(`${task.name}#${index}`) ?? 0;
        const mark = marks.get(`${task.name}#${index}`)?.[0] ?? null;
        const selected = selection.transition?.task === task.name && selection.transition.index === index;
        return targetsOf(transition).flatMap((target) => {
          const end = isReserved(target) ? terminalId(task.name, index, target) : target;
          if (!isReserved(target) && !names.has(target)) return [];
          // What happens inside of a collapsed group is its own affair.
          const frame = inside.get(task.name);
          const source = frame ?? task.name;
          const reached = inside.get(target) ?? end;
          if (frame !== undefined && (isReserved(target) || reached === frame)) return [];
          const id = `${task.name}#${index}→${target}`;
          const order = task.next.length > 1 ? index + 1 : null;
          const parts = [transition, mark, fired, run !== null, selected, editable, order, source, reached];
          const before = known.get(id);
          const entry = before && same(before.parts, parts) ? before : { parts, edge: toEdge() };
          next.set(id, entry);
          return [entry.edge];

          function toEdge(): TransitionEdge {
            const kind = kindOf(transition);
            return {
              id,
              type: 'transition',
              source,
              sourceHandle: exitOf(transition),
              target: reached,
              targetHandle: 'in',
              selected,
              deletable: editable,
              interactionWidth: 24,
              ariaLabel: strings.transition(task.name, target, transition.label || strings.kinds[kind]),
              domAttributes: { 'aria-roledescription': strings.transitionRole },
              data: {
                task: task.name,
                index,
                target,
                kind,
                text: transitionText(transition, kind),
                order,
                mark,
                fired,
                showsRun: run !== null,
                editable,
              },
            };
          }
        });
      }),
    );
    known = next;
    // The very list of before where no line changed: React Flow would look up both ends of each again.
    if (!same(edges, made)) made = edges;
    return made;
  };
}

/** The exit that a transition leaves its card by, for the layout. */
export function linksOf(
  definition: Definition,
  among: ReadonlySet<string>,
): { from: string; to: string; exit: Exit }[] {
  return definition.tasks
    .filter(({ name }) => among.has(name))
    .flatMap((task) =>
      task.next.flatMap((transition) =>
        targetsOf(transition)
          .filter((target) => among.has(target) && target !== task.name)
          .map((to) => ({ from: task.name, to, exit: exitOf(transition) })),
      ),
    );
}

export function targetsOf(transition: Transition): readonly string[] {
  return transition.do;
}

function isReserved(target: string): target is '$end' | '$fail' {
  return target === '$end' || target === '$fail';
}

function terminalId(task: string, index: number, target: string): string {
  return `${task}#${index}#${target}`;
}

/** The little `End` and `Fail run` signs hang below their task; they have no place of their own to keep. */
function terminals(
  task: Task,
  at: Point,
): { id: string; target: '$end' | '$fail'; point: Point; transition: number }[] {
  const found = task.next.flatMap((transition, index) =>
    targetsOf(transition)
      .filter(isReserved)
      .map((target) => ({ target, index, x: exitX[exitOf(transition)] })),
  );
  let freeFrom = -Infinity;
  return found
    .sort((a, b) => a.x - b.x)
    .map(({ target, index, x }) => {
      const left = Math.max(x - terminal.width / 2, freeFrom);
      freeFrom = left + terminal.width + 8;
      return {
        id: terminalId(task.name, index, target),
        target,
        transition: index,
        point: { x: at.x + left, y: at.y + card.height + 30 },
      };
    });
}

function stateText(run: TaskRun | null, showsRun: boolean): string | null {
  return run ? run.state : showsRun ? strings.notRun : null;
}

function same(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((part, index) => Object.is(part, b[index]));
}
