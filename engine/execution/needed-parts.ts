import type { Graph } from '../definition/graph';
import { fewSources } from './pending-state';
import type { RunEvent } from './state';

/** Parts of a run, to be read in one go. */
export interface NeededParts {
  /** Tasks whose open runs are read. */
  open: string[];
  joins: string[];
  tokens: { join: string; source: string }[];
  /** Tasks whose visits are counted on. */
  visits: string[];
}

/**
 * What a normal step reads: the task that ended, the joins that it leads to with the tokens there, and how often its
 * other targets have begun. A hint for loading that in one go; what a step reads beyond it (a source of a join that
 * is looked at again, the lists of a stop) it asks for. Bounded by the transitions of the task, whatever the run holds.
 */
export function neededParts(graph: Graph, event: RunEvent): NeededParts {
  const open = new Set<string>();
  const joins = new Set<string>();
  const tokens: NeededParts['tokens'] = [];
  const visits: string[] = [];
  const task = event.type === 'attempt_ended' ? graph.tasks.get(event.task) : undefined;
  if (task) open.add(task.name);
  for (const name of new Set(task?.transitions.flatMap(({ targets }) => targets))) {
    const target = graph.tasks.get(name);
    if (!target) continue;
    if (target.mayRepeat) visits.push(name);
    if (!target.join) continue;
    joins.add(name);
    const { inbound } = target;
    const read = inbound.length > fewSources ? inbound.filter((source) => source === task?.name) : inbound;
    for (const source of read) tokens.push({ join: name, source });
    // The first token makes the join look for a source that is still to come, from the last one on, and for what is
    // under way on the ways that lead there.
    const last = inbound.findLast((source) => source !== task?.name);
    if (target.join !== 'all' || last === undefined) continue;
    for (const before of nearestUpstream(graph, last)) {
      open.add(before);
      if (graph.tasks.get(before)?.join) joins.add(before);
    }
  }
  return { open: [...open], joins: [...joins], tokens, visits };
}

const mostUpstream = 6;

/** A task and the nearest that lead to it. */
function nearestUpstream(graph: Graph, name: string): string[] {
  const found = new Set([name]);
  for (const here of found) {
    for (const before of graph.tasks.get(here)?.inbound ?? []) {
      if (found.size === mostUpstream) return [...found];
      found.add(before);
    }
  }
  return [...found];
}
