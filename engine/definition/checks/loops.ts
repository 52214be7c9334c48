import type { GraphTask, GraphTransition } from '../graph';
import { success } from '../parse-task';
import { problem, quote, type Check } from './check';

/** Loops that nothing ends: without any condition (an error), or with the success of their tasks only (a warning). */
export const checkLoops: Check = ({ graph }) => {
  const endless = loopsOf(graph.tasks, isUnconditional).filter(
    (names) => !names.some((name) => mayFail(graph.tasks.get(name))),
  );
  const doubtful = loopsOf(
    graph.tasks,
    (transition) => isUnconditional(transition) || (!transition.isOtherwise && isOnSuccess(transition.when)),
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

/** Whether a task has a way out that ends the whole run. */
function mayFail(task: GraphTask | undefined): boolean {
  return task?.transitions.some(({ targets }) => targets.includes('$fail')) ?? false;
}

/** Whether a transition fires however its task ends. */
export function isUnconditional({ when, isOtherwise }: GraphTransition): boolean {
  return (
    !isOtherwise &&
    (when === null || (when.length < 100 && /^(\{\{)?\s*(true|True)\s*(\}\})?$/.test(when.trim())))
  );
}

function isOnSuccess(when: string | null): boolean {
  return when !== null && (when.trim() === success || when.trim() === 'succeeded()');
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
  isChosen: (transition: GraphTransition) => boolean,
): string[][] {
  const targetsOf = (name: string) =>
    (tasks.get(name)?.transitions ?? [])
      .filter(isChosen)
      .flatMap(({ targets }) => targets.filter((target) => tasks.has(target)));
  const looping = (name: string) =>
    (tasks.get(name)?.transitions ?? []).some(
      (transition) => transition.targets.includes(name) && isChosen(transition),
    );
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
      const group = takeDownTo(stack, name);
      for (const each of group) onStack.delete(each);
      if (group.length > 1 || looping(name)) loops.push(group);
    }
  }
  return loops;
}

/** Takes the last entries off a stack, down to one of them; in the order in which they were put there. */
function takeDownTo(stack: string[], name: string): string[] {
  const taken: string[] = [];
  for (let last = stack.pop(); last !== undefined; last = stack.pop()) {
    taken.push(last);
    if (last === name) break;
  }
  return taken.reverse();
}
