import type { Graph, GraphTask } from '../definition/graph';
import { parseTemplate, type Json } from '../expression/expression';
import type { RunEvent } from './state';

interface Reads {
  /** What a task's items and input read. */
  begin: ReadonlySet<string>;
  /** What its conditions, its publishing and its retry read. */
  end: ReadonlySet<string>;
}

const known = new WeakMap<Graph, Map<string, Reads>>();

/**
 * The tasks whose results the expressions that an event touches may read: those of the task that ended, of the tasks
 * that may follow at once, and of the output map. A hint for loading them in one go; what a decision reads beyond it
 * (a join that a lost branch frees) it asks its context for.
 */
export function neededResults(graph: Graph, event: RunEvent): string[] {
  switch (event.type) {
    case 'start': {
      const first = graph.entry.flatMap((name) => [...readsOf(graph, name).begin]);
      return unique([...first, ...namesIn(graph, graph.definition.vars ?? {})]);
    }
    case 'attempt_ended': {
      const task = graph.tasks.get(event.task);
      if (!task) return [];
      const following = new Set(task.transitions.flatMap(({ targets }) => targets));
      const begun = [...following].flatMap((name) =>
        graph.tasks.has(name) ? [...readsOf(graph, name).begin] : [],
      );
      const again = task.retry || task.items ? readsOf(graph, task.name).begin : [];
      const atEnd = following.size === 0 ? namesIn(graph, graph.definition.output_map ?? {}) : [];
      const needed = unique([...readsOf(graph, task.name).end, ...begun, ...again, ...atEnd]);
      // Its own result comes with the event.
      return needed.filter((name) => name !== task.name);
    }
    case 'resume':
    case 'cancel':
    case 'timeout':
    case 'pause':
      return [];
  }
}

function readsOf(graph: Graph, name: string): Reads {
  const reads = known.get(graph) ?? new Map<string, Reads>();
  known.set(graph, reads);
  const before = reads.get(name);
  if (before) return before;
  const found = readTask(graph, graph.tasks.get(name));
  reads.set(name, found);
  return found;
}

function readTask(graph: Graph, task: GraphTask | undefined): Reads {
  if (!task) return { begin: new Set(), end: new Set() };
  const begin = new Set([
    ...namesIn(graph, task.task.input ?? {}),
    ...namesIn(graph, task.items?.items ?? null),
  ]);
  const end = new Set<string>();
  for (const { when, publish } of task.transitions) {
    for (const name of [...namesIn(graph, when, true), ...namesIn(graph, publish as Json)]) end.add(name);
  }
  for (const name of namesIn(graph, task.retry?.when ?? null, true)) end.add(name);
  return { begin, end };
}

/** The tasks that the expressions in a value read; all of them where a name is computed. */
function namesIn(graph: Graph, value: Json, isBare = false): string[] {
  if (typeof value === 'string') {
    if (!isBare && !value.includes('{')) return [];
    return parseTemplate(value, isBare).references.flatMap(({ root, path }) => {
      if (root !== 'task') return [];
      const [name] = path;
      if (name === undefined) return [...graph.tasks.keys()];
      return graph.tasks.has(String(name)) ? [String(name)] : [];
    });
  }
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap((part) => namesIn(graph, part, isBare));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
