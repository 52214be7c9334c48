import { nearest } from '../../expression/nearest';
import { shorten } from '../../expression/shorten';
import type { Finding } from '../findings';
import { isReserved } from '../graph';
import type { Transition } from '../schema';
import { problem, quote, type Check, type Subject } from './check';

/** How tasks hang together: entries, targets, tasks that nothing reaches, joins. */
export const checkFlow: Check = (subject) => {
  const { definition, graph } = subject;
  if (definition.tasks.length === 0) {
    return [problem('error', 'no_tasks', { field: 'tasks' }, 'The workflow has no tasks.', 'Add one.')];
  }
  if (graph.entry.length === 0) {
    return [
      ...checkTargets(subject),
      problem(
        'error',
        'no_entry',
        { field: 'tasks' },
        'No task can start: every task is the target of a transition.',
        'Take the transition to the first task away, or put a task before it.',
      ),
    ];
  }
  const reached = reachable(graph);
  return [...checkTargets(subject), ...checkReach(subject, reached), ...checkJoins(subject, reached)];
};

function checkTargets({ definition }: Subject): Finding[] {
  const names = new Set(definition.tasks.map(({ name }) => name));
  return definition.tasks.flatMap((task) =>
    task.next.flatMap((transition, index) =>
      checkTransition(transition, { task: task.name, field: `next.${index}.do` }, names),
    ),
  );
}

function checkTransition(
  { do: targets, publish }: Transition,
  at: { task: string; field: string },
  names: ReadonlySet<string>,
): Finding[] {
  const found: Finding[] = [];
  const seen = new Set<string>();
  let twice: string | null = null;
  for (const target of targets) {
    if (seen.has(target)) {
      twice ??= target;
      continue;
    }
    seen.add(target);
    if (isReserved(target) || names.has(target)) continue;
    const isReservedLike = target.startsWith('$');
    found.push(
      problem(
        'error',
        'unknown_target',
        at,
        `There is no ${isReservedLike ? 'reserved target' : 'task'} ${quote(target)}.`,
        () => repairTarget(target, isReservedLike ? ['$end', '$fail'] : names),
      ),
    );
  }
  if (twice !== null)
    found.push(
      problem(
        'warning',
        'double_target',
        at,
        `${quote(twice)} stands here twice; it starts once.`,
        'Take one away.',
      ),
    );
  if (targets.length === 0 && !publish?.length)
    found.push(
      problem(
        'warning',
        'idle_transition',
        at,
        'This transition starts nothing and publishes nothing.',
        'Give it a target, or remove it.',
      ),
    );
  return found;
}

function repairTarget(target: string, known: Iterable<string>): string {
  const parts = target.split(',').map((part) => part.trim());
  if (parts.length > 1) return `Write a list: [${shorten(parts.join(', '), 100)}].`;
  const near = nearest(target, known);
  return near ? `Did you mean ${quote(near)}?` : 'Name a task of this workflow, $end or $fail.';
}

/** The tasks that can come to run. */
function reachable({ tasks, entry }: Subject['graph']): ReadonlySet<string> {
  const reached = new Set(entry);
  const open = [...entry];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const { targets } of tasks.get(name)?.transitions ?? []) {
      for (const target of targets) {
        if (reached.has(target) || !tasks.has(target)) continue;
        reached.add(target);
        open.push(target);
      }
    }
  }
  return reached;
}

function checkReach({ graph }: Subject, reached: ReadonlySet<string>): Finding[] {
  return [...graph.tasks.keys()]
    .filter((name) => !reached.has(name))
    .map((name) =>
      problem(
        'warning',
        'unreachable_task',
        { task: name },
        `Nothing leads to ${quote(name)} from a task that starts.`,
        'Connect it to a task before it, or remove it.',
      ),
    );
}

function checkJoins({ graph }: Subject, reached: ReadonlySet<string>): Finding[] {
  return [...graph.tasks.values()].flatMap(({ name, join, inbound }) => {
    const at = { task: name, field: 'join' };
    if (join === null) return [];
    if (inbound.length === 0) {
      return [
        problem(
          'warning',
          'join_without_sources',
          at,
          `${quote(name)} joins nothing: no transition leads to it.`,
          'Remove the join, or connect its sources.',
        ),
      ];
    }
    if (typeof join !== 'number' || !reached.has(name)) return [];
    const live = inbound.filter((source) => reached.has(source)).length;
    if (join <= live) return [];
    const dead = inbound.length - live;
    return [
      problem(
        'error',
        'join_cannot_fill',
        at,
        `${quote(name)} waits for ${join} sources and has ${inbound.length}${dead > 0 ? `, of which ${dead} never run` : ''}.`,
        `Use at most ${live}, or connect more sources.`,
      ),
    ];
  });
}
