import {
  Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type ParsedNode,
} from 'yaml';
import { readDefinition } from './parse';
import type { Problem } from './problem';
import type { Path } from './reader';
import type { Definition, Task, Transition } from './schema';

const largestText = 4_000_000;
const mostAliases = 100;

/**
 * As `parseDefinition`, from YAML text, with the line and column of each problem. Null where the text is no YAML or no
 * map; then the problems say where it breaks. Never throws.
 */
export function parseYaml(text: string): { definition: Definition | null; problems: Problem[] } {
  const read = readYaml(text);
  if ('problems' in read) return { definition: null, problems: read.problems };
  const { definition, found } = readDefinition(read.value);
  return {
    definition,
    problems: found.map(({ path, ...problem }) => ({ ...problem, ...placeOf(read, path) })),
  };
}

/** The problems with the lines at which a text says what they are about, as near as it is written there. */
export function locateProblems(text: string, problems: readonly Problem[]): Problem[] {
  const read = readYaml(text);
  if ('problems' in read) return [...problems];
  return problems.map((problem) => {
    const place = placeOf(read, pathOf(read, problem));
    return { ...problem, ...place };
  });
}

export interface ReadYaml {
  document: Document.Parsed;
  lines: LineCounter;
  value: unknown;
}

/** A YAML text as a document, with its value; or why it cannot be read. */
export function readYaml(text: string): ReadYaml | { problems: Problem[] } {
  const broken = (message: string, repair: string, line = 1, column = 1) => ({
    problems: [{ severity: 'error' as const, code: 'not_yaml', message, repair, line, column }],
  });
  if (text.length > largestText) {
    return broken(
      `The text has ${text.length} characters; at most ${largestText} fit.`,
      'Keep large data in a key or an artifact.',
    );
  }
  try {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
    if (document.errors.length > 0) {
      return {
        problems: document.errors.map((error) => ({
          severity: 'error',
          code: 'not_yaml',
          message:
            error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '.') ?? 'This is no YAML.',
          repair: 'Repair the text here; the last version that could be read stays.',
          line: error.linePos?.[0].line ?? 1,
          column: error.linePos?.[0].col ?? 1,
        })),
      };
    }
    return { document, lines, value: document.toJS({ maxAliasCount: mostAliases }) };
  } catch (error) {
    const isDeep = error instanceof RangeError;
    return isDeep
      ? broken('The text is nested too deeply.', 'Put parts of it into workflows of their own.')
      : broken(
          error instanceof Error ? `${error.message}.` : 'This is no YAML.',
          'Write the parts out instead of referring to them.',
        );
  }
}

function placeOf({ document, lines }: ReadYaml, path: Path): { line: number; column: number } {
  let node: ParsedNode | null = document.contents;
  let offset = node?.range[0] ?? 0;
  for (const key of path) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node;
    let next: unknown = null;
    if (isMap(here)) {
      const pair = here.items.find(
        (item) => String(isScalar(item.key) ? item.key.value : item.key) === String(key),
      );
      if (!pair) break;
      offset = startOf(pair.key) ?? offset;
      next = pair.value;
    } else if (isSeq(here)) {
      next = here.items[Number(key)];
      offset = startOf(next) ?? offset;
    }
    if (next === null || next === undefined) break;
    node = next as ParsedNode;
  }
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: [number, number, number] | null } | null)?.range;
  return range?.[0];
}

/** Where a problem's task and field stand in a text, whichever way its tasks are written. */
function pathOf({ value }: ReadYaml, { task, field }: Problem): Path {
  const parts = field === undefined ? [] : field.split('.');
  if (task === undefined) return parts;
  const tasks = (value as { tasks?: unknown } | null)?.tasks;
  if (!Array.isArray(tasks)) return ['tasks', task, ...parts];
  const index = tasks.findIndex((each: unknown) => (each as { name?: unknown } | null)?.name === task);
  return index < 0 ? ['tasks'] : ['tasks', index, ...parts];
}

const definitionKeys = [
  'version',
  'description',
  'parameters',
  'vars',
  'timeout',
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
