import type { Json } from '../expression/expression';
import type { Definition, Task } from './schema';

/** Which side a difference is taken from, where both sides changed. */
export type MergeChoice = 'mine' | 'theirs';

/** A part of a definition in which mine and theirs differ. */
export interface MergePart {
  /** A task's name, or a key of the definition itself, such as `vars`. */
  key: string;
  kind: 'task' | 'setting';
  mine: Change;
  theirs: Change;
  /** Both changed it, and not to the same: somebody has to choose. */
  isConflict: boolean;
}
export type Change = 'same' | 'added' | 'removed' | 'changed';

export interface Merge {
  definition: Definition;
  /** Every part that either side changed, tasks first, in their order. */
  parts: MergePart[];
}

type Parts = Map<string, Json>;

/**
 * Three states of a definition as one: what one side alone changed is taken from it; where both changed a part, `choices`
 * say whose it is (Default: mine). Parts are tasks, by name, and the other keys one by one. Tasks keep the order of mine;
 * those that only theirs added follow. Transitions to tasks that are gone go with them.
 */
export function mergeDefinitions(
  base: Definition,
  mine: Definition,
  theirs: Definition,
  choices: Readonly<Record<string, MergeChoice>> = {},
): Merge {
  const tasks = mergeParts(tasksOf(base), tasksOf(mine), tasksOf(theirs), 'task', choices);
  const settings = mergeParts(settingsOf(base), settingsOf(mine), settingsOf(theirs), 'setting', choices);
  const names = new Set(tasks.merged.keys());
  const known = new Set([...tasksOf(base).keys(), ...tasksOf(mine).keys(), ...tasksOf(theirs).keys()]);
  return {
    definition: {
      ...Object.fromEntries(settings.merged),
      tasks: [...tasks.merged.values()].map((task) => withoutGone(task as unknown as Task, names, known)),
    },
    parts: [...tasks.parts, ...settings.parts],
  };
}

function mergeParts(
  base: Parts,
  mine: Parts,
  theirs: Parts,
  kind: MergePart['kind'],
  choices: Readonly<Record<string, MergeChoice>>,
): { merged: Parts; parts: MergePart[] } {
  const merged: Parts = new Map();
  const parts: MergePart[] = [];
  for (const key of new Set([...mine.keys(), ...theirs.keys(), ...base.keys()])) {
    const [before, ours, others] = [base.get(key), mine.get(key), theirs.get(key)];
    const part: MergePart = {
      key,
      kind,
      mine: changeOf(before, ours),
      theirs: changeOf(before, others),
      isConflict: false,
    };
    part.isConflict = part.mine !== 'same' && part.theirs !== 'same' && !isSame(ours, others);
    const taken = part.isConflict
      ? (choices[partId(part)] ?? 'mine') === 'mine'
        ? ours
        : others
      : part.mine === 'same'
        ? others
        : ours;
    if (taken !== undefined) merged.set(key, taken);
    if (part.mine !== 'same' || part.theirs !== 'same') parts.push(part);
  }
  return { merged, parts };
}

/** What `choices` call a part: a task may have the name of a setting. */
export function partId({ kind, key }: Pick<MergePart, 'kind' | 'key'>): string {
  return `${kind} ${key}`;
}

function changeOf(before: Json | undefined, after: Json | undefined): Change {
  if (before === undefined) return after === undefined ? 'same' : 'added';
  if (after === undefined) return 'removed';
  return isSame(before, after) ? 'same' : 'changed';
}

function tasksOf(definition: Definition): Parts {
  return new Map(definition.tasks.map((task) => [task.name, task as unknown as Json]));
}

function settingsOf({ tasks: _, ...settings }: Definition): Parts {
  return new Map(Object.entries(settings) as [string, Json][]);
}

function withoutGone(task: Task, names: ReadonlySet<string>, known: ReadonlySet<string>): Task {
  // A target that none of the three ever had is a mistake of its author: it stays, to be seen.
  const isGone = (target: string) => known.has(target) && !names.has(target);
  if (!task.next.some((transition) => transition.do.some(isGone))) return task;
  return {
    ...task,
    next: task.next.flatMap((transition) => {
      const left = transition.do.filter((target) => !isGone(target));
      return left.length > 0 || left.length === transition.do.length || transition.publish
        ? [{ ...transition, do: left }]
        : [];
    }),
  };
}

/** Equal as JSON: the order of keys is no difference. */
export function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b)) return false;
    return a.length === b.length && a.every((member, index) => isSame(member, b[index]));
  }
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]))
  );
}
