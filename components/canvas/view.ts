import type { RouterOutputs } from '../trpc';
import type { Exit, Point } from './geometry';

export type CatalogEntry = RouterOutputs['actions']['catalog'][number];
export type Catalog = ReadonlyMap<string, CatalogEntry>;
export type Positions = Readonly<Record<string, Point>>;

/** What can be put on the canvas and is no action: a task whose workflow is chosen next, and a branching. */
export const workflowStep = 'step:workflow';
export const conditionStep = 'step:condition';

/** What is chosen on the canvas: tasks, or one transition, or nothing. */
export interface CanvasSelection {
  tasks: readonly string[];
  transition: { task: string; index: number } | null;
}
export const nothingSelected: CanvasSelection = { tasks: [], transition: null };

/** A frame around tasks. Kept with the layout: it is no part of what the workflow does. */
export interface Group {
  id: string;
  title: string;
  tasks: readonly string[];
  collapsed: boolean;
}
/** A note on the canvas, in Markdown. */
export interface Note extends Point {
  id: string;
  width: number;
  height: number;
  text: string;
}

/** How many problems a card shows. */
export interface ProblemCount {
  errors: number;
  warnings: number;
}

/** What a run has made of a task so far. */
export interface TaskRun {
  state: string;
  visits: number;
  startedAt: string | null;
  endedAt: string | null;
  error: string | null;
  items: { done: number; total: number } | null;
  /** In a rerun: the execution in which it really ran. */
  keptFrom: number | null;
}
export interface RunOverlay {
  tasks: ReadonlyMap<string, TaskRun>;
  /** How often each transition fired, by `task#index`. */
  fired: ReadonlyMap<string, number>;
}

/** What is told of tasks (by name) and transitions (by `task#index`) beside their state, each as words. */
export type CanvasMark = 'pinned' | 'dirty' | 'disabled' | 'breakpoint' | 'added' | 'removed' | 'changed';
export type CanvasMarks = ReadonlyMap<string, readonly CanvasMark[]>;

/** One line: a transition, and the target among its targets. */
export interface Line {
  task: string;
  index: number;
  target: string;
}

/** What a person's gestures ask for. Absent where the canvas only shows. */
export interface CanvasEdits {
  /** Moves that share a key and follow closely are one step. */
  move: (positions: Positions, mergeKey?: string) => void;
  connect: (from: string, exit: Exit, to: string) => void;
  /** A connection was let go over nothing: a new task is wanted there. */
  connectToNothing: (from: string, exit: Exit, at: Point, screen: Point) => void;
  /** With `reconnect` the neighbours of what goes are joined. */
  remove: (selection: CanvasSelection, options?: { reconnect: boolean }) => void;
  drop: (actionRef: string, at: Point, screen: Point) => void;
  splice: (actionRef: string, transition: Line, at: Point, screen: Point) => void;
  /** A task of the canvas was dropped on a line. */
  moveIntoLine: (name: string, transition: Line, mergeKey: string) => void;
  /** The transition's own + was pressed: what to put in between is still open. */
  insertInto: (transition: Line, at: Point, screen: Point) => void;
  group: (names: readonly string[]) => void;
  /** Null takes the group away; its tasks stay. */
  changeGroup: (id: string, change: Partial<Group> | null) => void;
  addNote: (at: Point) => void;
  /** Null takes the note away. */
  changeNote: (id: string, change: Partial<Note> | null) => void;
  /** The tasks as text; null when there are none. */
  copy: (names: readonly string[]) => string | null;
  /** Puts in what a text holds; around `at`, or beside where it came from. */
  paste: (text: string, at: Point | null) => void;
  duplicate: (names: readonly string[]) => void;
  tidy: (names: readonly string[]) => void;
}
