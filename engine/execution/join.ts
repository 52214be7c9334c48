import type { GraphTask } from '../definition/graph';
import { isInLoop, shapeOf } from './graph-shape';
import { LiveSearch } from './live-tasks';
import { findStarvedJoins } from './starved-joins';
import type { JoinState } from './state';
import { inOrder, type Step } from './step';

const empty: JoinState = { waiting: 0, started: 0, owed: [], watch: null };

/** Puts a token at a join. */
export function arrive(step: Step, task: GraphTask, from: string): void {
  const { state } = step;
  const { name } = task;
  const join = state.joinOf(name) ?? empty;
  const isOwed = join.owed.includes(from);
  if (isOwed || (startsOnce(step, task) && join.started > 0)) {
    // It belongs to a start that did not wait for it, and leads nowhere.
    if (isOwed) state.setJoin(name, { ...join, owed: join.owed.filter((source) => source !== from) });
    step.departures.push({ task: from, to: [], notTo: [name] });
    return;
  }
  const count = state.tokensAt(name, from);
  state.setTokens(name, from, count + 1);
  if (count > 0) return;
  const waiting = join.waiting + 1;
  state.setJoin(name, { ...join, waiting });
  // While a source that can still come is watched, the others bring nothing that needs a look but the count.
  if (join.watch === null || join.watch === from || waiting >= task.inbound.length)
    step.touchedJoins.add(name);
}

/** The next join that is full, in definition order, with its tokens taken; null when none is. */
export function takeFullJoin(step: Step): GraphTask | null {
  touchStarved(step);
  while (step.touchedJoins.size > 0) {
    const [name = ''] =
      step.touchedJoins.size === 1 ? step.touchedJoins : inOrder(step.graph, step.touchedJoins);
    step.touchedJoins.delete(name);
    const task = step.graph.tasks.get(name);
    const join = step.state.joinOf(name);
    if (task && join && join.waiting > 0 && isFull(step, task, join)) return take(step, task, join);
  }
  return null;
}

/**
 * When nothing else can happen: an `all` join that has tokens, with its tokens taken; or the sources that a numbered
 * join lacks; or null when no token waits. Of several it is one that no other leads to, which may get a token of it
 * yet; then the first in definition order.
 */
export function takeStuckJoin(step: Step): { task: GraphTask; missing: string[] | null } | null {
  const { state, graph } = step;
  const waiting = inOrder(graph, state.waitingJoins()).flatMap((name) => graph.tasks.get(name) ?? []);
  const { loopOf, levels } = shapeOf(graph);
  const levelOf = ({ name }: GraphTask) => levels[loopOf.get(name) ?? -1] ?? 0;
  const all = waiting
    .filter((task) => task.join === 'all')
    .reduce<GraphTask | null>(
      (first, task) => (first !== null && levelOf(first) <= levelOf(task) ? first : task),
      null,
    );
  if (all) return { task: take(step, all, state.joinOf(all.name) ?? empty), missing: null };
  const [numbered] = waiting;
  if (!numbered) return null;
  const arrived = new Set(state.tokensOf(numbered).map(([source]) => source));
  return { task: numbered, missing: numbered.inbound.filter((source) => !arrived.has(source)) };
}

/** Joins that lost a source with the task runs that ended are to be looked at. */
function touchStarved(step: Step): void {
  const { state, graph } = step;
  for (const departure of step.departures.splice(0)) {
    const { waitingJoins } = state.head;
    if (waitingJoins === 0) continue;
    const starved = findStarvedJoins(graph, departure, waitingJoins);
    if (!starved || starved.size > 8 + waitingJoins) {
      for (const name of state.waitingJoins()) step.touchedJoins.add(name);
      continue;
    }
    for (const [name, sources] of starved) {
      const join = state.joinOf(name);
      if (!join || join.waiting === 0) continue;
      // As long as the source that is watched is not lost, it does not matter what else is.
      if (join.watch === null || !sources || sources.includes(join.watch)) step.touchedJoins.add(name);
    }
  }
}

function isFull(step: Step, task: GraphTask, join: JoinState): boolean {
  if (task.join === 'any') return true;
  // A number waits for its count; only when nothing moves any more is it known to be short.
  if (typeof task.join === 'number') return join.waiting >= task.join;
  if (join.waiting >= task.inbound.length) return true;
  const watch = findMissing(step, task, join.watch);
  if (watch === null) return true;
  if (watch !== join.watch) step.state.setJoin(task.name, { ...join, watch });
  return false;
}

/** A source that has not come and still can; null when there is none. `watch` is the one that was found last. */
function findMissing(step: Step, task: GraphTask, watch: string | null): string | null {
  const { state } = step;
  const search = new LiveSearch(step, task.name);
  let looked = 0;
  let arrived: Set<string> | null = null;
  const hasCome = (source: string) => {
    if (!arrived && (looked += 1) > 4) arrived = new Set(state.tokensOf(task).map(([name]) => name));
    return arrived ? arrived.has(source) : state.tokensAt(task.name, source) > 0;
  };
  // From the last source on: work tends to end in order, so this one stays longest. Those behind the one that was
  // watched have come or are lost: what is lost to a join stays so until it starts.
  const last = watch === null ? -1 : task.inbound.indexOf(watch);
  for (let place = last < 0 ? task.inbound.length - 1 : last; place >= 0; place -= 1) {
    const source = task.inbound[place] as string;
    if (!hasCome(source) && search.find(source)) return source;
  }
  return null;
}

/** Takes the tokens of one start: one of each source that has come. */
function take(step: Step, task: GraphTask, join: JoinState): GraphTask {
  const { state } = step;
  const { name } = task;
  const tokens = state.tokensOf(task);
  const started = join.started + 1;
  if (startsOnce(step, task)) {
    for (const [source] of tokens) state.setTokens(name, source, 0);
    state.setJoin(name, { ...empty, started });
    return task;
  }
  for (const [source, count] of tokens) state.setTokens(name, source, count - 1);
  const waiting = tokens.filter(([, count]) => count > 1).length;
  const owed = task.join === 'all' ? join.owed : [...join.owed, ...findLate(step, task, tokens)];
  const isBare = waiting === 0 && owed.length === 0;
  state.setJoin(name, isBare ? null : { waiting, started, owed: [...new Set(owed)], watch: null });
  if (waiting > 0) step.touchedJoins.add(name);
  return task;
}

/** Sources that have not come and still may: what they bring belongs to the start that did not wait for it. */
function findLate(step: Step, task: GraphTask, tokens: readonly (readonly [string, number])[]): string[] {
  const came = new Set(tokens.map(([source]) => source));
  return task.inbound.filter((source) => !came.has(source) && new LiveSearch(step, task.name).find(source));
}

/** Outside of a loop, `any` and a number start their task once in a run, and what comes later has been joined. */
function startsOnce(step: Step, task: GraphTask): boolean {
  return task.join !== 'all' && !isInLoop(step.graph, task.name);
}
