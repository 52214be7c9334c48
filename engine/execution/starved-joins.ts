import type { Graph } from '../definition/graph';
import { shapeOf } from './graph-shape';
import type { Departure } from './step';

/**
 * The `all` joins that lose sources when a task run ends, in no order to speak of, with those sources: the ones that
 * only the targets it did not go to lead to. Every other source that could still come can still come. Null for the
 * sources of a join means any of them, and null for all that looking at `waiting` joins costs less than finding out.
 */
export function findStarvedJoins(
  graph: Graph,
  { task, to, notTo }: Departure,
  waiting: number,
): Map<string, string[] | null> | null {
  const { loopOf, members, levels, joinsInLoops } = shapeOf(graph);
  const found = new Map<string, string[] | null>();
  const lose = (name: string, source: string) => {
    if (graph.tasks.get(name)?.join !== 'all') return;
    const sources = found.get(name);
    if (sources) sources.push(source);
    else found.set(name, [source]);
  };
  /** Loops that were reached: whether by a target that got a token. */
  const reached = new Map<number, boolean>();
  const byLevel = new Map<number, number[]>();
  let starving = 0;
  let last = -1;
  const reach = (name: string, isFed: boolean) => {
    const loop = loopOf.get(name);
    if (loop === undefined) return;
    const before = reached.get(loop);
    if (before === true || before === isFed) return;
    reached.set(loop, isFed);
    if (before === false) {
      starving -= 1;
      return;
    }
    if (!isFed) starving += 1;
    const level = levels[loop] ?? 0;
    last = Math.max(last, level);
    const there = byLevel.get(level);
    if (there) there.push(loop);
    else byLevel.set(level, [loop]);
  };
  for (const name of to) reach(name, true);
  for (const name of notTo) {
    lose(name, task);
    reach(name, false);
  }
  const first = levels[loopOf.get(task) ?? -1] ?? 0;
  let visited = 0;
  // In the order of levels whatever feeds a loop has been seen before it; without one that starves all is known.
  for (let level = first; starving > 0 && level <= last; level += 1) {
    for (const loop of byLevel.get(level) ?? []) {
      const isFed = reached.get(loop) === true;
      if (!isFed) starving -= 1;
      for (const name of members[loop] ?? []) {
        if ((visited += 1) > 64 + 4 * waiting) return null;
        for (const { targets } of graph.tasks.get(name)?.transitions ?? []) {
          for (const target of targets) {
            if (!isFed) lose(target, name);
            if (loopOf.get(target) !== loop) reach(target, isFed);
          }
        }
      }
    }
  }
  // Within a loop the way that is left may lead through the join itself: those are looked at each time.
  for (const name of joinsInLoops) if ((levels[loopOf.get(name) ?? -1] ?? 0) >= first) found.set(name, null);
  return found;
}
