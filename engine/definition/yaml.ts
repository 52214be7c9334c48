import { Document, isScalar, isSeq, visit } from 'yaml';
import { placeOf, pathOf } from './place-in-yaml';
import { readDefinition } from './parse';
import type { Problem } from './problem';
import { readYaml } from './read-yaml';
import type { Definition, Task, Transition } from './schema';

/**
 * As `parseDefinition`, from YAML text, with the line and column of each problem. Null where the text is no YAML or no
 * map; then the problems say where it breaks. Never throws.
 */
export function parseYaml(text: string): { definition: Definition | null; problems: Problem[] } {
  const read = readYaml(text);
  if (!read.document) return { definition: null, problems: read.problems };
  const { definition, found } = readDefinition(read.value);
  return {
    definition,
    problems: [
      ...read.problems,
      ...found.map(({ path, ...problem }) => ({ ...problem, ...placeOf(read, path) })),
    ],
  };
}

/** The problems with the lines at which a text says what they are about, as near as it is written there. */
export function locateProblems(text: string, problems: readonly Problem[]): Problem[] {
  const read = readYaml(text);
  if (!read.document) return [...problems];
  return problems.map((problem) => ({ ...problem, ...placeOf(read, pathOf(read, problem)) }));
}

const definitionKeys = [
  'version',
  'description',
  'parameters',
  'vars',
  'timeout',
  'concurrency',
  'cancellation',
  'max_task_runs',
  'on_failure',
  'tasks',
  'output_map',
];
const taskKeys = [
  'name',
  'action',
  'description',
  'join',
  'with_items',
  'input',
  'timeout',
  'delay',
  'retry',
  'on_failure',
  'next',
];
const transitionKeys = ['when', 'otherwise', 'label', 'publish', 'do'];

/** The definition as YAML: keys in the usual order, unknown ones after them. Parsing it gives the same definition. */
export function printYaml(definition: Definition): string {
  const document = new Document(
    inOrder({ ...definition, tasks: definition.tasks.map(toPrintedTask) }, definitionKeys),
    {
      aliasDuplicateObjects: false,
    },
  );
  visit(document, {
    Pair: (_, pair) => {
      if (isScalar(pair.key) && pair.key.value === 'do' && isSeq(pair.value)) pair.value.flow = true;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** A task as it is printed: in short where that says the same. */
export function toPrintedTask({ with_items: items, next, ...task }: Task): object {
  return inOrder(
    {
      ...task,
      ...(items ? { with_items: Object.keys(items).length === 1 ? items.items : items } : {}),
      ...(next.length > 0 ? { next: next.map(toPrintedTransition) } : {}),
    },
    taskKeys,
  );
}

function toPrintedTransition({ do: targets, ...transition }: Transition): object {
  return inOrder(targets.length > 0 ? { ...transition, do: targets } : transition, transitionKeys);
}

function inOrder(value: object, keys: readonly string[]): object {
  const entries = Object.entries(value);
  const place = (key: string) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return Object.fromEntries(entries.sort(([a], [b]) => place(a) - place(b)));
}
