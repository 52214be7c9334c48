import type { GraphTask } from '../definition/graph';
import type { JoinState } from './state';
import type { Step } from './step';

const empty: JoinState = { arrived: {}, started: 0, owed: [], watch: null };

/** Puts a token at a join. */
export function arrive(step: Step, task: GraphTask, from: string): void {
  const join = step.state.joins[task.name] ?? empty;
  if (join.owed.includes(from)) {
    // It belongs to a start that did not wait for it.
    step.setJoin(task.name, { ...join, owed: join.owed.filter((name) => name !== from) });
    return;
  }
  if (startsOnce(step, task) && join.started > 0) return;
  step.setJoin(task.name, { ...join, arrived: { ...join.arrived, [from]: (join.arrived[from] ?? 0) + 1 } });
  step.touchedJoins.add(task.name);
}

/** The next join that is full, with its tokens taken; null when none is. */
export function takeFullJoin(step: Step): GraphTask | null {
  for (const [name, join] of Object.entries(step.state.joins)) {
    const task = step.graph.tasks.get(name);
    if (!task || !isWaiting(join)) continue;
    const isWatched = join.watch !== null && isLive(step, join.watch, name);
    if (isWatched && !step.touchedJoins.has(name)) continue;
    step.touchedJoins.delete(name);
    const holder = findHolder(step, task, join);
    if (holder === null) return take(step, task);
    if (holder !== join.watch) step.setJoin(name, { ...join, watch: holder });
  }
  return null;
}

/**
 * When nothing else can happen: the first `all` join in definition order that has tokens, with its tokens taken; or
 * the sources that a numbered join lacks; or null when no token waits.
 */
export function takeStuckJoin(step: Step): { task: GraphTask; missing: string[] | null } | null {
  const waiting = Object.entries(step.state.joins)
    .filter(([, join]) => isWaiting(join))
    .flatMap(([name]) => step.graph.tasks.get(name) ?? [])
    .sort((a, b) => a.index - b.index);
  const all = waiting.find((task) => task.join === 'all');
  if (all) return { task: take(step, all), missing: null };
  const [numbered] = waiting;
  if (!numbered) return null;
  const arrived = step.state.joins[numbered.name]?.arrived ?? {};
  return { task: numbered, missing: numbered.inbound.filter((name) => !Object.hasOwn(arrived, name)) };
}

/** A task or token that the join still has to wait for; null when it is full. */
function findHolder(step: Step, task: GraphTask, { arrived }: JoinState): string | null {
  const came = Object.keys(arrived).length;
  if (task.join === 'any') return null;
  // A number waits for its count; only when nothing moves any more is it known to be short.
  if (typeof task.join === 'number') return came >= task.join ? null : '';
  if (came === task.inbound.length) return null;
  // From the last source on: work tends to end in order, so this holder lives longest.
  for (let place = task.inbound.length - 1; place >= 0; place -= 1) {
    const source = task.inbound[place] as string;
    if (Object.hasOwn(arrived, source)) continue;
    const holder = findLive(step, task.name, source);
    if (holder !== null) return holder;
  }
  return null;
}

/** A live task from which a source can be reached without passing the join. */
function findLive(step: Step, join: string, source: string): string | null {
  if (isLive(step, source, join)) return source;
  const upstream = step.graph.upstreamOf(source, join);
  for (const name of Object.keys(step.state.open)) if (upstream.has(name)) return name;
  for (const { task } of step.state.held) if (upstream.has(task)) return task;
  for (const [name, other] of Object.entries(step.state.joins)) {
    if (name !== join && isWaiting(other) && upstream.has(name)) return name;
  }
  return null;
}

/** Whether a task runs, is held back by a pause, or waits as another join. */
function isLive(step: Step, name: string, join: string): boolean {
  if (Object.hasOwn(step.state.open, name)) return true;
  if (step.state.held.some(({ task }) => task === name)) return true;
  const other = step.state.joins[name];
  return name !== join && other !== undefined && isWaiting(other);
}

/** Takes the tokens of one start: one of each source that has come. */
function take(step: Step, task: GraphTask): GraphTask {
  const join = step.state.joins[task.name] ?? empty;
  const started = join.started + 1;
  if (startsOnce(step, task)) {
    step.setJoin(task.name, { ...empty, started });
    return task;
  }
  const arrived = Object.fromEntries(
    Object.entries(join.arrived).flatMap(([name, count]) => (count > 1 ? [[name, count - 1] as const] : [])),
  );
  const isAll = task.join === 'all';
  const late = isAll ? [] : task.inbound.filter((name) => !Object.hasOwn(join.arrived, name));
  const owed = late.filter((name) => findLive(step, task.name, name) !== null);
  const isBare = Object.keys(arrived).length === 0 && owed.length === 0 && join.owed.length === 0;
  step.setJoin(
    task.name,
    isBare ? null : { arrived, started, owed: [...new Set([...join.owed, ...owed])], watch: null },
  );
  if (!isBare) step.touchedJoins.add(task.name);
  return task;
}

/** Outside of a loop, `any` and a number start their task once in a run, and what comes later has been joined. */
function startsOnce(step: Step, task: GraphTask): boolean {
  return task.join !== 'all' && !step.graph.isInLoop(task.name);
}

function isWaiting({ arrived }: JoinState): boolean {
  for (const _ in arrived) return true;
  return false;
}
