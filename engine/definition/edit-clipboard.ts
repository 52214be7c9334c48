import type { Json } from '../expression/expression';
import { renameTasks } from './edit';
import { isReserved } from './graph';
import type { Position } from './layout';
import { readDefinition } from './parse';
import { readYaml } from './read-yaml';
import { tasksReferredTo } from './rename';
import type { Definition, Task } from './schema';
import { printYaml } from './yaml';

/** Tasks on their way from one workflow to another, with the places that they had. */
export interface CopiedTasks {
  tasks: readonly Task[];
  positions: Readonly<Record<string, Position>>;
}

const placesMark = '# Places on the canvas: ';

/** Tasks as YAML text that is a workflow by itself; a comment keeps where they stood. */
export function copyTasks(
  definition: Definition,
  names: readonly string[],
  positions: Readonly<Record<string, Position>> = {},
): string {
  const chosen = new Set(names);
  const tasks = definition.tasks.filter(({ name }) => chosen.has(name));
  const places = tasks.flatMap(({ name }) => {
    const at = positions[name];
    return at ? [[name, [at.x, at.y]] as const] : [];
  });
  const comment = places.length > 0 ? `${placesMark}${JSON.stringify(Object.fromEntries(places))}\n` : '';
  return comment + printYaml({ tasks });
}

/**
 * The tasks that a text holds: a workflow, a list of tasks or one task, in YAML or JSON. Otherwise why it holds none,
 * as a sentence for the person who pasted it. Never throws.
 */
export function readCopiedTasks(text: string): CopiedTasks | { refusal: string } {
  if (text.trim() === '') return { refusal: 'The clipboard is empty.' };
  const read = readYaml(text);
  if (!read.document) {
    const [problem] = read.problems;
    return {
      refusal: `What was copied is no workflow: ${problem?.message ?? 'it is no YAML.'} (line ${problem?.line ?? 1})`,
    };
  }
  const value = toWorkflow(read.value);
  if (value === null)
    return { refusal: 'What was copied is no workflow: it needs a list of tasks, each with its name.' };
  const { definition, found } = readDefinition(value);
  if (!definition || definition.tasks.length === 0)
    return {
      refusal: `What was copied is no workflow: ${found[0]?.message ?? 'its list of tasks is empty.'}`,
    };
  return { tasks: definition.tasks, positions: readPlaces(text) };
}

/**
 * The definition with the copied tasks at its end, under names that are free. Transitions and expressions among them
 * follow to the new names. What refers to tasks outside of them stays as it is: `outside` are those that are here,
 * `missing` those that are not, which the checker then tells of.
 */
export function pasteTasks(
  definition: Definition,
  copied: readonly Task[],
): { definition: Definition; names: Record<string, string>; outside: string[]; missing: string[] } {
  const here = new Set(definition.tasks.map(({ name }) => name));
  const taken = new Set([...here, ...copied.map(({ name }) => name)]);
  const renamed = new Map<string, string>();
  for (const { name } of copied) {
    if (!here.has(name)) continue;
    const free = freeName(taken, name);
    taken.add(free);
    renamed.set(name, free);
  }
  const part = renameTasks({ tasks: [...copied] }, renamed);
  const own = new Set(part.tasks.map(({ name }) => name));
  const targets = part.tasks.flatMap(({ next }) => next.flatMap((transition) => transition.do));
  const others = [...new Set([...targets, ...tasksReferredTo(part)])].filter(
    (name) => !own.has(name) && !isReserved(name),
  );
  return {
    definition: { ...definition, tasks: [...definition.tasks, ...part.tasks] },
    names: Object.fromEntries(copied.map(({ name }) => [name, renamed.get(name) ?? name])),
    outside: others.filter((name) => here.has(name)),
    missing: others.filter((name) => !here.has(name)),
  };
}

function freeName(taken: ReadonlySet<string>, base: string): string {
  const stem = base.replace(/_\d+$/, '').slice(0, 190);
  for (let number = 2; ; number += 1) if (!taken.has(`${stem}_${number}`)) return `${stem}_${number}`;
}

/** A list of tasks or a single one counts as a workflow that has nothing else. */
function toWorkflow(value: unknown): Json | null {
  if (Array.isArray(value)) return value.every(isNamed) ? { tasks: value } : null;
  if (typeof value !== 'object' || value === null) return null;
  if ('tasks' in value) return value as Json;
  return isNamed(value) && ('action' in value || 'next' in value) ? ({ tasks: [value] } as Json) : null;
}

function isNamed(value: unknown): boolean {
  return typeof (value as { name?: unknown } | null)?.name === 'string';
}

function readPlaces(text: string): Record<string, Position> {
  const line = text.split('\n', 3).find((each) => each.startsWith(placesMark));
  if (line === undefined) return {};
  try {
    const value: unknown = JSON.parse(line.slice(placesMark.length));
    if (typeof value !== 'object' || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, at]) => {
        const [x, y] = Array.isArray(at) ? (at as unknown[]) : [];
        return Number.isFinite(x) && Number.isFinite(y) ? [[name, { x: Number(x), y: Number(y) }]] : [];
      }),
    );
  } catch {
    return {};
  }
}
