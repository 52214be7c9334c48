import { isReserved, type Graph } from '../definition/graph';
import { conflict } from '../errors';
import type { RunOptions } from './advance';
import type { Failure, JsonObject, Outcome } from './state';

/** A task run of a run that has ended, as its rows tell it. */
export interface PastTaskRun {
  task: string;
  visit: number;
  status: Outcome;
  error: string | null;
  /** The moments at which it began and at which its transitions were asked; the latter null where they never were. */
  began: number;
  routed: number | null;
  /** The targets of the transitions that fired. */
  to: readonly string[];
  published: JsonObject | null;
  /** Its place among the ends of branches, where one ended there. */
  leaf: number | null;
  /** Where nothing handled how it ended: its place among such, and what the run says of it. */
  failure: { order: number; error: string; isTolerated: boolean } | null;
}

/** A run that has ended. */
export interface PastRun {
  /** The variables that it began with. */
  vars: JsonObject;
  taskRuns: readonly PastTaskRun[];
}

export interface RerunPlan {
  options: RunOptions & Required<Pick<RunOptions, 'startAt' | 'variables' | 'arrived' | 'kept'>>;
  /** The task runs whose results stay, in the order in which they began; their moments and places begin anew. */
  kept: PastTaskRun[];
}

interface Token {
  target: string;
  source: PastTaskRun;
}

/** Which tokens each task run began with, and which nobody took. */
interface Traced {
  causes: Map<PastTaskRun, Token[]>;
  left: Token[];
}

/**
 * How a run goes on anew from one of its task runs, as if that one had not begun: what does not come of it keeps its
 * results, its published variables and its tokens; what does is left out, to be run again. Whatever the end of the
 * old run cut off is taken up with it: what was stopped begins again, what had ended has its transitions asked.
 * `before` is the graph that the run had, `graph` the one that the new run has; the visit is the latest unless given.
 * @throws DomainError conflict when the task is not in the graph, or has not run
 */
export function planRerun(
  before: Graph,
  past: PastRun,
  graph: Graph,
  from: { task: string; visit?: number | null },
): RerunPlan {
  const runs = [...past.taskRuns].sort((a, b) => a.began - b.began);
  const chosen = choose(runs, graph, from);
  const traced = trace(before, runs);
  const { stopped, unrouted } = findCutOff(before, runs);
  const ofChosen = findDropped(before, runs, traced, new Set([chosen]), chosen);
  const again = new Set([chosen, ...stopped.filter((run) => !ofChosen.has(run))]);
  const dropped = findDropped(before, runs, traced, again, chosen);
  const kept = runs.filter((run) => !dropped.has(run));
  const known = renumber(kept.filter(({ task }) => graph.tasks.has(task)));
  const isKept = (run: PastTaskRun) => !dropped.has(run);
  const isKnown = ({ task }: PastTaskRun) => graph.tasks.has(task);

  const arrived: Record<string, string[]> = {};
  const startAt = [...again].filter(isKnown).map(({ task }) => task);
  for (const { target, source } of findWaiting(before, runs, traced, again, isKept)) {
    const task = graph.tasks.get(target);
    if (!task?.join) startAt.push(...(task ? [target] : []));
    else if (task.inbound.includes(source.task)) (arrived[target] ??= []).push(source.task);
  }
  return {
    options: {
      startAt: withoutThoseToCome(graph, startAt),
      variables: withPublished(past.vars, kept),
      arrived,
      kept: {
        started: [...known, ...again].flatMap(({ task }) => (startsOnce(graph, task) ? [task] : [])),
        unrouted: unrouted
          .filter((run) => isKept(run) && isKnown(run))
          .map(({ task, visit, error }) => ({ task, visit, error })),
        visits: Object.fromEntries(
          [...Map.groupBy(known, ({ task }) => task)].map(([task, visits]) => [
            task,
            Math.max(...visits.map(({ visit }) => visit)),
          ]),
        ),
        ...toFailures(known),
        leaves: known
          .filter(({ leaf }) => leaf !== null)
          .sort((a, b) => (a.leaf ?? 0) - (b.leaf ?? 0))
          .map(({ task }) => task),
        taskRuns: known.length,
      },
    },
    kept: known,
  };
}

/**
 * The tasks to begin at, the chosen one first. In another revision one that runs once only may lie behind another: it
 * is then left to the tokens that will come to it.
 */
function withoutThoseToCome(graph: Graph, startAt: readonly string[]): string[] {
  const begun: string[] = [];
  const comesAfter = (name: string, other: string) =>
    graph.tasks.get(name)?.mayRepeat === false &&
    !startsOnce(graph, name) &&
    graph.upstreamOf(name, null).has(other);
  for (const name of startAt) {
    const isTaken = begun.some((other) => comesAfter(name, other) || comesAfter(other, name));
    if (!isTaken) begun.push(name);
  }
  return begun;
}

function withPublished(vars: JsonObject, kept: readonly PastTaskRun[]): JsonObject {
  return inOrderOfRouting(kept).reduce((known, { published }) => ({ ...known, ...published }), vars);
}

function choose(
  runs: readonly PastTaskRun[],
  graph: Graph,
  { task, visit }: { task: string; visit?: number | null },
): PastTaskRun {
  if (!graph.tasks.has(task)) {
    const names = [...graph.tasks.keys()];
    const more = names.length > 20 ? `, and ${names.length - 20} more` : '';
    throw conflict(
      'task_not_in_revision',
      `There is no task ${task} in this revision. Its tasks are ${names.slice(0, 20).join(', ')}${more}.`,
    );
  }
  const visits = runs.filter((run) => run.task === task);
  const chosen = visit ? visits.find((run) => run.visit === visit) : visits.at(-1);
  if (chosen) return chosen;
  const reason =
    visits.length === 0
      ? `The task ${task} did not run there, so there is nothing to begin from. Choose a task that ran, or run it whole.`
      : `The task ${task} ran ${visits.length} times there; it has no visit ${String(visit)}.`;
  throw conflict('task_never_ran', reason);
}

/** Follows the tokens: as each task run began it took those that were there for it. */
function trace(graph: Graph, runs: readonly PastTaskRun[]): Traced {
  const waiting = new Map<string, Token[]>();
  const causes = new Map<PastTaskRun, Token[]>();
  const events = runs.flatMap((run) => [
    { moment: run.began, run, begins: true },
    ...(run.routed === null ? [] : [{ moment: run.routed, run, begins: false }]),
  ]);
  for (const { run, begins } of events.sort((a, b) => a.moment - b.moment)) {
    if (begins) {
      const here = waiting.get(run.task) ?? [];
      const taken = graph.tasks.get(run.task)?.join ? oneOfEach(here) : here.slice(0, 1);
      causes.set(run, taken);
      waiting.set(
        run.task,
        here.filter((token) => !taken.includes(token)),
      );
    } else if (!run.to.includes('$fail')) {
      for (const target of run.to) {
        if (!isReserved(target))
          waiting.set(target, [...(waiting.get(target) ?? []), { target, source: run }]);
      }
    }
  }
  return { causes, left: [...waiting.values()].flat() };
}

/** The first token of each source. */
function oneOfEach(tokens: readonly Token[]): Token[] {
  const seen = new Set<string>();
  return tokens.filter(({ source }) => !seen.has(source.task) && seen.add(source.task));
}

/** What the end of the run cut off: task runs that were stopped, and those that ended but were not asked where to go. */
function findCutOff(
  graph: Graph,
  runs: readonly PastTaskRun[],
): { stopped: PastTaskRun[]; unrouted: PastTaskRun[] } {
  const stopped: PastTaskRun[] = [];
  const unrouted: PastTaskRun[] = [];
  const latest = new Map(runs.map((run) => [run.task, run]));
  for (const run of runs) {
    if (run.routed !== null) continue;
    // Of an older visit the result cannot be read any more: `task.<name>` is the latest.
    if (run.status === 'cancelled' || latest.get(run.task) !== run) stopped.push(run);
    else if (graph.tasks.has(run.task)) unrouted.push(run);
  }
  return { stopped, unrouted };
}

/** What begins again, and all that came of it. */
function findDropped(
  graph: Graph,
  runs: readonly PastTaskRun[],
  { causes }: Traced,
  again: ReadonlySet<PastTaskRun>,
  chosen: PastTaskRun,
): Set<PastTaskRun> {
  const dropped = new Set(again);
  for (const run of runs) {
    const tokens = causes.get(run) ?? [];
    const join = graph.tasks.get(run.task)?.join ?? null;
    const lost = tokens.filter(({ source }) => dropped.has(source)).length;
    // An `all` that came after the chosen one waits for it again, also where it had given it up.
    const waitsAgain =
      join === 'all' && run.began > chosen.began && graph.upstreamOf(run.task, null).has(chosen.task);
    const needed = typeof join === 'number' ? join : join === 'any' ? 1 : tokens.length;
    if (waitsAgain || (lost > 0 && tokens.length - lost < needed)) dropped.add(run);
  }
  return dropped;
}

/** The tokens of what is kept that wait, or wait again because what they started is left out. */
function findWaiting(
  graph: Graph,
  runs: readonly PastTaskRun[],
  { causes, left }: Traced,
  again: ReadonlySet<PastTaskRun>,
  isKept: (run: PastTaskRun) => boolean,
): Token[] {
  const begun = new Set(runs.map(({ task }) => task));
  // Where a join starts once, or at any token, what came after its start has been joined.
  const isJoined = ({ target }: Token) =>
    begun.has(target) && (startsOnce(graph, target) || graph.tasks.get(target)?.join === 'any');
  const given = runs.filter((run) => !isKept(run) && !again.has(run)).flatMap((run) => causes.get(run) ?? []);
  return [...given, ...left.filter((token) => !isJoined(token))].filter(({ source }) => isKept(source));
}

function startsOnce(graph: Graph, name: string): boolean {
  const join = graph.tasks.get(name)?.join ?? null;
  return join !== null && join !== 'all' && !graph.isInLoop(name);
}

function toFailures(kept: readonly PastTaskRun[]): { failures: Failure[]; errors: Failure[] } {
  const all = kept
    .flatMap(({ task, visit, status, failure }) => (failure ? [{ task, visit, status, ...failure }] : []))
    .sort((a, b) => a.order - b.order);
  const pick = (isTolerated: boolean) =>
    all
      .filter((each) => each.isTolerated === isTolerated)
      .map(({ task, visit, status, error }) => ({ task, visit, status, error }));
  return { failures: pick(false), errors: pick(true) };
}

/** The same task runs as a run of their own would have counted them. */
function renumber(runs: readonly PastTaskRun[]): PastTaskRun[] {
  const rank = (values: (number | null | undefined)[]) => {
    const places = new Map(
      values
        .filter((value) => value !== null && value !== undefined)
        .sort((a, b) => a - b)
        .map((value, place) => [value, place]),
    );
    return (value: number | null) => (value === null ? null : (places.get(value) ?? null));
  };
  const moment = rank(runs.flatMap(({ began, routed }) => [began, routed]));
  const leaf = rank(runs.map((run) => run.leaf));
  const failure = rank(runs.map((run) => run.failure?.order));
  return runs.map((run) => ({
    ...run,
    began: (moment(run.began) ?? 0) + 1,
    routed: run.routed === null ? null : (moment(run.routed) ?? 0) + 1,
    leaf: leaf(run.leaf),
    failure: run.failure && { ...run.failure, order: failure(run.failure.order) ?? 0 },
  }));
}

/** Those whose transitions were asked, in that order. */
function inOrderOfRouting(runs: readonly PastTaskRun[]): PastTaskRun[] {
  return runs.filter(({ routed }) => routed !== null).sort((a, b) => (a.routed ?? 0) - (b.routed ?? 0));
}
