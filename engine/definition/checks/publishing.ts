import type { Graph } from '../graph';
import { problem, quote, type Check } from './check';

const mostWriters = 40;

/** Parallel branches that write one variable: which of them comes last is chance. */
export const checkPublishing: Check = ({ graph }) => {
  const writers = new Map<string, Set<string>>();
  for (const { name, transitions } of graph.tasks.values()) {
    for (const { publish } of transitions) {
      for (const variable of publish.flatMap((entry) => Object.keys(entry))) {
        writers.set(variable, (writers.get(variable) ?? new Set()).add(name));
      }
    }
  }
  return [...writers].flatMap(([variable, names]) => {
    const [first, second] = findParallel(graph, [...names].slice(0, mostWriters)) ?? [];
    if (first === undefined || second === undefined) return [];
    return [
      problem(
        'warning',
        'parallel_publish',
        { task: second, field: 'next' },
        `${quote(first)} and ${quote(second)} may run at the same time, and both set ${quote(variable)}: the last one wins.`,
        'Set two variables, and put them together after a join.',
      ),
    ];
  });
};

function findParallel(graph: Graph, names: readonly string[]): [string, string] | null {
  for (const [place, first] of names.entries()) {
    for (const second of names.slice(place + 1))
      if (mayBeParallel(graph, first, second)) return [first, second];
  }
  return null;
}

/** Neither leads to the other, and a fork leads to both: one transition with several targets, or several entries. */
function mayBeParallel(graph: Graph, first: string, second: string): boolean {
  const toFirst = graph.upstreamOf(first, null);
  const toSecond = graph.upstreamOf(second, null);
  if (toFirst.has(second) || toSecond.has(first)) return false;
  const isFork = (targets: readonly string[]) =>
    targets.some((one) => toFirst.has(one) && targets.some((other) => other !== one && toSecond.has(other)));
  if (isFork(graph.entry)) return true;
  for (const name of toFirst) {
    if (!toSecond.has(name)) continue;
    const transitions = graph.tasks.get(name)?.transitions ?? [];
    if (transitions.some(({ targets }) => isFork(targets))) return true;
    if (
      isFork(
        transitions
          .filter(({ when, isOtherwise }) => when === null && !isOtherwise)
          .flatMap(({ targets }) => targets),
      )
    )
      return true;
  }
  return false;
}
