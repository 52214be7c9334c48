import { nearest } from '../../expression/nearest';
import { isReserved, type GraphTask } from '../graph';
import { success } from '../parse-task';
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
  return [...checkTargets(subject), ...checkReach(subject), ...checkJoins(subject)];
};

function checkTargets({ definition }: Subject) {
  const names = definition.tasks.map(({ name }) => name);
  const known = new Set(names);
  return definition.tasks.flatMap((task) =>
    task.next.flatMap((transition, index) => {
      const field = `next.${index}.do`;
      const unknown = transition.do.filter((target) => !isReserved(target) && !known.has(target));
      const twice = transition.do.filter((target, place) => transition.do.indexOf(target) !== place);
      const isIdle = transition.do.length === 0 && !transition.publish?.length;
      return [
        ...unknown.map((target) => {
          const isReservedLike = target.startsWith('$');
          const near = nearest(target, isReservedLike ? ['$end', '$fail'] : names);
          const what = isReservedLike ? 'reserved target' : 'task';
          return problem(
            'error',
            'unknown_target',
            { task: task.name, field },
            `There is no ${what} ${quote(target)}.`,
            near ? `Did you mean ${near}?` : 'Name a task of this workflow, $end or $fail.',
          );
        }),
        ...twice
          .slice(0, 1)
          .map((target) =>
            problem(
              'warning',
              'double_target',
              { task: task.name, field },
              `${quote(target)} stands here twice; it starts once.`,
              'Take one away.',
            ),
          ),
        ...(isIdle
          ? [
              problem(
                'warning',
                'idle_transition',
                { task: task.name, field },
                'This transition starts nothing and publishes nothing.',
                'Give it a target, or remove it.',
              ),
            ]
          : []),
      ];
    }),
  );
}

function checkReach({ graph }: Subject) {
  const reached = new Set(graph.entry);
  const open = [...graph.entry];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const target of graph.tasks.get(name)?.transitions.flatMap(({ targets }) => targets) ?? []) {
      if (reached.has(target) || !graph.tasks.has(target)) continue;
      reached.add(target);
      open.push(target);
    }
  }
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

function checkJoins({ graph }: Subject) {
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
    if (typeof join !== 'number' || join <= inbound.length) return [];
    return [
      problem(
        'error',
        'join_cannot_fill',
        at,
        `${quote(name)} waits for ${join} sources and has ${inbound.length}.`,
        `Use at most ${inbound.length}, or connect more sources.`,
      ),
    ];
  });
}

/** Loops that nothing ends: without any condition (an error), or with the success of their tasks only (a warning). */
export const checkLoops: Check = ({ graph }) => {
  const endless = loopsOf(
    graph.tasks,
    ({ when, isOtherwise }) => !isOtherwise && (when === null || isAlways(when)),
  );
  const doubtful = loopsOf(
    graph.tasks,
    ({ when, isOtherwise }) => !isOtherwise && (when === null || isAlways(when) || when.trim() === success),
  );
  const told = new Set(endless.flat());
  return [
    ...endless.map((names) =>
      problem(
        'error',
        'endless_loop',
        { task: names[0] ?? '', field: 'next' },
        `${tellLoop(names)} go round for ever: no transition in the loop has a condition.`,
        'Give one of them a condition that ends the loop.',
      ),
    ),
    ...doubtful
      .filter((names) => !names.some((name) => told.has(name)))
      .map((names) =>
        problem(
          'warning',
          'doubtful_loop',
          { task: names[0] ?? '', field: 'next' },
          `${tellLoop(names)} go round until one of them fails.`,
          'Give a transition a further condition, such as a count.',
        ),
      ),
  ];
};

function isAlways(when: string): boolean {
  return /^\s*(\{\{\s*)?(true|True)(\s*\}\})?\s*$/.test(when);
}

function tellLoop(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(quote).join(', ');
  return names.length > 5
    ? `${shown} and ${names.length - 5} more`
    : names.length === 1
      ? `${shown} and itself`
      : shown;
}

/** The groups of tasks that reach each other by the chosen transitions (Tarjan's, without recursion). */
function loopsOf(
  tasks: ReadonlyMap<string, GraphTask>,
  isChosen: (transition: GraphTask['transitions'][number]) => boolean,
): string[][] {
  const targetsOf = (name: string) =>
    (tasks.get(name)?.transitions ?? [])
      .filter(isChosen)
      .flatMap(({ targets }) => targets.filter((target) => tasks.has(target)));
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const onStack = new Set<string>();
  const loops: string[][] = [];
  const visit = (name: string) => {
    order.set(name, order.size);
    low.set(name, order.size - 1);
    stack.push(name);
    onStack.add(name);
    return { name, targets: targetsOf(name), next: 0 };
  };
  for (const root of tasks.keys()) {
    if (order.has(root)) continue;
    const path = [visit(root)];
    for (let here = path.at(-1); here; here = path.at(-1)) {
      const { name } = here;
      const target = here.targets[here.next];
      here.next += 1;
      if (target !== undefined) {
        if (!order.has(target)) path.push(visit(target));
        else if (onStack.has(target)) low.set(name, Math.min(low.get(name) ?? 0, order.get(target) ?? 0));
        continue;
      }
      path.pop();
      const above = path.at(-1);
      if (above) low.set(above.name, Math.min(low.get(above.name) ?? 0, low.get(name) ?? 0));
      if (low.get(name) !== order.get(name)) continue;
      const group = stack.splice(stack.indexOf(name));
      for (const each of group) onStack.delete(each);
      if (group.length > 1 || targetsOf(name).includes(name)) loops.push(group);
    }
  }
  return loops;
}
