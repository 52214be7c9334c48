import { problem, quote, type Check } from './check';
import { isUnconditional } from './loops';

/** A workflow that runs itself before any condition could keep it from doing so. */
export const checkRecursion: Check = ({ definition, graph, ref }) => {
  if (ref === null || !definition.tasks.some(({ action }) => action === ref)) return [];
  const reached = new Set(graph.entry);
  const open = [...graph.entry];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const task = graph.tasks.get(name);
    // An empty list of items ends the recursion.
    if (task?.action === ref && !task.items)
      return [
        problem(
          'warning',
          'endless_recursion',
          { task: name, field: 'action' },
          `${quote(name)} runs ${quote(ref)}, this workflow itself, and no condition stands before it: each run would start another.`,
          'Lead to it by a transition with a condition that ends the recursion.',
        ),
      ];
    for (const { targets } of task?.transitions.filter(isUnconditional) ?? []) {
      for (const target of targets) {
        if (reached.has(target)) continue;
        reached.add(target);
        open.push(target);
      }
    }
  }
  return [];
};
