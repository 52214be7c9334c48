import type { Finding } from '../findings';
import type { Graph } from '../graph';
import { problem, quote, type Check } from './check';

/** Writers of one variable that are compared; each has a bit. */
const mostWriters = 30;
/** Tasks and lines that are looked at, in all: what is far beyond any drawing is not compared further. */
const mostWork = 4_000_000;

/** Parallel branches that write one variable: which of them comes last is chance. */
export const checkPublishing: Check = ({ graph }) => {
  const writers = new Map<string, Set<string>>();
  for (const { name, transitions } of graph.tasks.values()) {
    for (const { publish } of transitions) {
      for (const entry of publish) {
        for (const variable of Object.keys(entry)) {
          const known = writers.get(variable);
          if (known) known.add(name);
          else writers.set(variable, new Set([name]));
        }
      }
    }
  }
  const found: Finding[] = [];
  const size = sizeOf(graph);
  let work = 0;
  for (const [variable, names] of writers) {
    if (names.size < 2) continue;
    const compared = [...names].slice(0, mostWriters);
    work += compared.length * size;
    if (work > mostWork) break;
    const [first, second] = findParallel(graph, compared) ?? [];
    if (first === undefined || second === undefined) continue;
    found.push(
      problem(
        'warning',
        'parallel_publish',
        { task: second, field: 'next' },
        `${quote(first)} and ${quote(second)} may run at the same time, and both set ${quote(variable)}: the last one wins.`,
        'Set two variables, and put them together after a join.',
      ),
    );
  }
  return found;
};

function sizeOf({ tasks }: Graph): number {
  let size = tasks.size;
  for (const { transitions } of tasks.values()) for (const { targets } of transitions) size += targets.length;
  return size;
}

/** Two writers of which neither leads to the other, and to both of which a fork leads; first in definition order. */
function findParallel(graph: Graph, names: readonly string[]): [string, string] | null {
  const leadsTo = reachedWriters(graph, names);
  const at = (name: string) => leadsTo.get(name) ?? 0;
  const ordered = names.map((name, bit) => {
    let mask = at(name) | (1 << bit);
    names.forEach((other, place) => {
      if ((at(other) >> bit) & 1) mask |= 1 << place;
    });
    return mask;
  });
  let best: [number, number] | null = null;
  for (const fork of forksOf(graph)) {
    const pair = pairIn(fork.map(at), ordered);
    if (pair && (!best || pair[0] < best[0] || (pair[0] === best[0] && pair[1] < best[1]))) best = pair;
  }
  return best ? [names[best[0]] as string, names[best[1]] as string] : null;
}

/** For each task the writers that it leads to, itself among them, as bits. */
function reachedWriters(graph: Graph, names: readonly string[]): ReadonlyMap<string, number> {
  const masks = new Map<string, number>();
  names.forEach((name, bit) => {
    // Backwards from the writer: every task above it gets its bit, once.
    const open = [name];
    for (let here = open.pop(); here !== undefined; here = open.pop()) {
      const mask = masks.get(here) ?? 0;
      if ((mask >> bit) & 1) continue;
      masks.set(here, mask | (1 << bit));
      open.push(...(graph.tasks.get(here)?.inbound ?? []));
    }
  });
  return masks;
}

/** Targets that start together: of one transition, of all that fire in any case, and the tasks that start the run. */
function* forksOf({ entry, tasks }: Graph): Generator<readonly string[]> {
  if (entry.length > 1) yield entry;
  for (const { transitions } of tasks.values()) {
    for (const { targets } of transitions) if (targets.length > 1) yield targets;
    const always = transitions.filter(({ when, isOtherwise }) => when === null && !isOtherwise);
    if (always.length > 1) yield [...new Set(always.flatMap(({ targets }) => targets))];
  }
}

/** The first two writers, by bit, that are reached by different branches and that no order holds apart. */
function pairIn(branches: readonly number[], ordered: readonly number[]): [number, number] | null {
  let once = 0;
  let twice = 0;
  for (const mask of branches) {
    twice |= once & mask;
    once |= mask;
  }
  for (let first = 0; first < ordered.length; first += 1) {
    if (!((once >> first) & 1)) continue;
    let others = 0;
    for (const mask of branches) if ((mask >> first) & 1) others |= twice | (once & ~mask);
    others &= ~(ordered[first] ?? 0);
    if (others !== 0) {
      const second = 31 - Math.clz32(others & -others);
      return first < second ? [first, second] : [second, first];
    }
  }
  return null;
}
