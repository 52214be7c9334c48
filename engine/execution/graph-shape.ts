import type { Graph } from '../definition/graph';

/** How the tasks of a graph lie to each other, worked out once, in time that grows with its size only. */
export interface GraphShape {
  /** The loop that a task is in, as a number; tasks outside of loops have one of their own. */
  loopOf: ReadonlyMap<string, number>;
  /** The tasks of each loop. */
  members: readonly (readonly string[])[];
  /** Of each loop: the longest way to it. Whoever leads to it, and is not in it, has a lower level. */
  levels: readonly number[];
  /** The `all` joins that can be reached from themselves. */
  joinsInLoops: readonly string[];
}

const known = new WeakMap<Graph, GraphShape>();

/** The shape of a graph; the same object each time. */
export function shapeOf(graph: Graph): GraphShape {
  let shape = known.get(graph);
  if (!shape) known.set(graph, (shape = workOut(graph)));
  return shape;
}

/** Whether a task can be reached from itself. */
export function isInLoop(graph: Graph, name: string): boolean {
  const { loopOf, members } = shapeOf(graph);
  const loop = members[loopOf.get(name) ?? -1];
  return loop !== undefined && (loop.length > 1 || (graph.tasks.get(name)?.inbound.includes(name) ?? false));
}

function workOut(graph: Graph): GraphShape {
  const members = findLoops(graph);
  const loopOf = new Map<string, number>();
  for (const [loop, names] of members.entries()) for (const name of names) loopOf.set(name, loop);
  const levels = members.map(() => 0);
  // Tarjan finds a loop before all that lead to it: from the last on, each comes after its sources.
  for (let loop = members.length - 1; loop >= 0; loop -= 1) {
    for (const name of members[loop] ?? []) {
      for (const source of graph.tasks.get(name)?.inbound ?? []) {
        const from = loopOf.get(source) ?? loop;
        if (from !== loop) levels[loop] = Math.max(levels[loop] ?? 0, (levels[from] ?? 0) + 1);
      }
    }
  }
  const shape = { loopOf, members, levels, joinsInLoops: [] as string[] };
  known.set(graph, shape);
  for (const { name, join } of graph.tasks.values())
    if (join === 'all' && isInLoop(graph, name)) shape.joinsInLoops.push(name);
  return shape;
}

/** The strongly connected parts (Tarjan), without recursion: a chain of 10,000 tasks is no deeper than one of ten. */
function findLoops(graph: Graph): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const targetsOf = (name: string) =>
    (graph.tasks.get(name)?.transitions ?? []).flatMap(({ targets }) =>
      targets.filter((target) => graph.tasks.has(target)),
    );
  const enter = (name: string) => {
    order.set(name, order.size);
    lowest.set(name, order.size - 1);
    stack.push(name);
    onStack.add(name);
    return { name, targets: targetsOf(name), next: 0 };
  };
  const lower = (name: string, to: number) => {
    if (to < (lowest.get(name) ?? 0)) lowest.set(name, to);
  };
  for (const start of graph.tasks.keys()) {
    if (order.has(start)) continue;
    const path = [enter(start)];
    for (let here = path.at(-1); here; here = path.at(-1)) {
      const target = here.targets[here.next];
      here.next += 1;
      if (target !== undefined) {
        if (!order.has(target)) path.push(enter(target));
        else if (onStack.has(target)) lower(here.name, order.get(target) ?? 0);
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before) lower(before.name, lowest.get(here.name) ?? 0);
      if (lowest.get(here.name) !== order.get(here.name)) continue;
      const loop: string[] = [];
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        onStack.delete(member);
        loop.push(member);
        if (member === here.name) break;
      }
      found.push(loop);
    }
  }
  return found;
}
