import { parseTemplate, type Json } from '../../expression/expression';
import { nearest } from '../../expression/nearest';
import type { Problem } from '../problem';
import type { Definition, Task } from '../schema';
import { problem, quote, type Check, type Subject } from './check';

/** A text that may hold expressions: where it is, and what it may speak of. */
interface Source {
  text: string;
  place: { task?: string; field: string };
  /** A condition: an expression also without braces. */
  isCondition: boolean;
  /** Whether `result()` and its kin mean something here. */
  isAfter: boolean;
  /** Names beside the usual ones. */
  locals: readonly string[];
}

const roots = [
  'parameters',
  'workflow',
  'vars',
  'task',
  'event',
  'trigger',
  'rule',
  'config',
  'keystore',
  'datastore',
  'execution',
  'system',
];
const afterFunctions = ['result', 'succeeded', 'failed', 'timed_out', 'cancelled'];
const functions = ['now', 'range', 'dict', 'namespace', ...afterFunctions];
const deepest = 60;

/** Expressions that cannot be read, or that speak of tasks, parameters, variables or functions that are not there. */
export const checkExpressions: Check = (subject) => {
  const { definition } = subject;
  const names = namesOf(subject);
  const used = new Set<string>();
  const found: Problem[] = [];
  for (const source of sourcesOf(definition, found)) {
    if (!source.isCondition && !/\{[{%#]/.test(source.text)) continue;
    found.push(...checkSource(source, names, used));
  }
  for (const name of Object.keys(definition.vars ?? {})) {
    if (used.has(name) || used.has('*')) continue;
    found.push(
      problem(
        'warning',
        'unused_variable',
        { field: `vars.${name}` },
        `Nothing reads the variable ${quote(name)}.`,
        'Use it, or remove it.',
      ),
    );
  }
  return found;
};

interface Names {
  tasks: readonly string[];
  parameters: readonly string[];
  variables: readonly string[];
}

function namesOf({ definition, graph }: Subject): Names {
  const properties = definition.parameters?.['properties'];
  const published = definition.tasks.flatMap((task) =>
    task.next.flatMap(({ publish }) => (publish ?? []).flatMap((entry) => Object.keys(entry))),
  );
  return {
    tasks: [...graph.tasks.keys()],
    parameters: typeof properties === 'object' && properties !== null ? Object.keys(properties) : [],
    variables: [...new Set([...Object.keys(definition.vars ?? {}), ...published])],
  };
}

function checkSource(source: Source, names: Names, used: Set<string>): Problem[] {
  const { text, place, isCondition, isAfter, locals } = source;
  const { problems, references, calls } = parseTemplate(text, isCondition);
  const at = ({ line, column }: { line: number; column: number }, found: Problem): Problem => ({
    ...found,
    line,
    column,
  });
  const found = problems.map((each) =>
    at(
      each,
      problem('error', `expression_${each.code}`, place, each.message, each.hint ?? 'Repair the expression.'),
    ),
  );
  if (isCondition && problems.length === 0 && isMixed(text)) {
    found.push(
      problem(
        'error',
        'mixed_condition',
        place,
        'This condition is a text around expressions, and a text is always true.',
        'Write one single {{ }} around the whole condition.',
      ),
    );
  }
  for (const call of new Set(calls)) {
    if (!functions.includes(call)) {
      const near = nearest(call, functions);
      found.push(
        problem(
          'error',
          'unknown_function',
          place,
          `There is no function ${quote(call)}().`,
          near ? `Did you mean ${near}()?` : `Use one of ${functions.join(', ')}.`,
        ),
      );
    } else if (afterFunctions.includes(call) && !isAfter) {
      found.push(
        problem(
          'error',
          'result_too_early',
          place,
          `${call}() means nothing here: the task has not run yet.`,
          'Read an earlier task with task.<name>.result, or use it in a transition.',
        ),
      );
    }
  }
  for (const reference of references) {
    const { root, path } = reference;
    const key = path[0] === undefined ? null : String(path[0]);
    if (root === 'workflow' || root === 'vars') used.add(key ?? '*');
    const unknown = unknownName(root, key, names, locals);
    if (unknown)
      found.push(at(reference, problem('warning', unknown.code, place, unknown.message, unknown.repair)));
    if ((root === 'keystore' || root === 'datastore') && !place.field.startsWith('input')) {
      const where = place.task === undefined ? 'the result' : 'a variable or a condition';
      if (!isCondition) {
        found.push(
          at(
            reference,
            problem(
              'warning',
              'secret_leak',
              place,
              `A key may be secret, and this would put it into ${where}.`,
              "Read keys in a task's input only.",
            ),
          ),
        );
      }
    }
  }
  return found;
}

function unknownName(
  root: string,
  key: string | null,
  names: Names,
  locals: readonly string[],
): { code: string; message: string; repair: string } | null {
  const tell = (code: string, what: string, name: string, known: readonly string[]) => {
    if (known.includes(name)) return null;
    const near = nearest(name, known);
    const repair = near
      ? `Did you mean ${near}?`
      : known.length > 0
        ? `There are ${known.slice(0, 8).map(quote).join(', ')}.`
        : 'Declare it first.';
    return { code, message: `There is no ${what} ${quote(name)}; it reads as null.`, repair };
  };
  if (locals.includes(root)) return null;
  if (!roots.includes(root)) return tell('unknown_name', 'name', root, [...roots, ...locals]);
  if (key === null) return null;
  if (root === 'task') return tell('unknown_task', 'task', key, names.tasks);
  if (root === 'parameters') return tell('unknown_parameter', 'parameter', key, names.parameters);
  if (root === 'workflow' || root === 'vars')
    return tell('unknown_variable', 'variable', key, names.variables);
  return null;
}

/** Text before, after or between expressions, which makes the whole a text. */
function isMixed(condition: string): boolean {
  const trimmed = condition.trim();
  if (!trimmed.includes('{{') && !trimmed.includes('{%')) return false;
  if (trimmed.includes('{%')) return false;
  return (
    !/^\{\{(?:(?!\}\}|\{\{)[\s\S])*\}\}$/.test(trimmed) &&
    !/^\{\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}\}$/.test(trimmed)
  );
}

function* sourcesOf(definition: Definition, found: Problem[]): Generator<Source> {
  const run = { isCondition: false, isAfter: false, locals: [] };
  for (const field of ['vars', 'output_map'] as const) {
    for (const [path, text] of textsIn(definition[field] ?? {}, field, found))
      yield { ...run, text, place: { field: path } };
  }
  for (const task of definition.tasks) yield* sourcesOfTask(task, found);
}

function* sourcesOfTask(task: Task, found: Problem[]): Generator<Source> {
  const { name, with_items: items, retry } = task;
  const source = (field: string, text: string, more: Partial<Source> = {}): Source => ({
    text,
    place: { task: name, field },
    isCondition: false,
    isAfter: false,
    locals: [],
    ...more,
  });
  const locals = items ? ['item', 'index', ...(items.as === undefined ? [] : [items.as])] : [];
  for (const [path, text] of textsIn(task.input ?? {}, 'input', found, name))
    yield source(path, text, { locals });
  for (const [path, text] of textsIn(items?.items ?? [], 'with_items', found, name)) yield source(path, text);
  if (retry?.when !== undefined) yield source('retry.when', retry.when, { isCondition: true, isAfter: true });
  for (const [index, transition] of task.next.entries()) {
    const field = `next.${index}`;
    if (transition.when !== undefined)
      yield source(`${field}.when`, transition.when, { isCondition: true, isAfter: true });
    for (const [path, text] of textsIn(transition.publish ?? [], `${field}.publish`, found, name)) {
      yield source(path, text, { isAfter: true });
    }
  }
}

/** Every text in a value with its path. What is nested too deeply to be rendered is told instead of entered. */
function* textsIn(
  value: Json,
  path: string,
  found: Problem[],
  task?: string,
  depth = 0,
): Generator<[string, string]> {
  if (typeof value === 'string') yield [path, value];
  else if (value !== null && typeof value === 'object') {
    if (depth > deepest) {
      const place = { field: path.slice(0, 200), ...(task === undefined ? {} : { task }) };
      found.push(
        problem(
          'error',
          'too_deep',
          place,
          `This is nested more than ${deepest} levels deep.`,
          'Flatten it.',
        ),
      );
      return;
    }
    for (const [key, part] of Object.entries(value))
      yield* textsIn(part, `${path}.${key}`, found, task, depth + 1);
  }
}
