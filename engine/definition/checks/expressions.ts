import { parseTemplate, type Inspection, type Reference } from '../../expression/expression';
import { nearest } from '../../expression/nearest';
import type { Finding } from '../findings';
import { deepestNesting } from '../plain-json';
import { problem, quote, type Check, type Subject } from './check';
import { findClash } from './clashes';
import { findUnknown, namesOf, tellSecret, type Names } from './names-known';
import { sourcesOf, type Source } from './sources';

const afterFunctions = ['result', 'succeeded', 'failed', 'timed_out', 'cancelled'];
const functions = ['now', 'range', 'dict', 'namespace', ...afterFunctions];
/** Actions whose inputs people get to see, in a question, an output or a message. */
const showing = new Set(['core.ask', 'core.echo', 'core.fail', 'core.set']);

/** Expressions that cannot be read, that speak of what is not there, that give the wrong type, or that show a secret. */
export const checkExpressions: Check = function* (subject) {
  const names = namesOf(subject);
  const used = new Set<string>();
  for (const source of sourcesOf(subject.definition)) {
    if ('tooDeep' in source) {
      const message = `This is nested more than ${deepestNesting} levels deep.`;
      yield problem('error', 'too_deep', source.tooDeep, message, 'Flatten it.');
    } else if (source.within === 'condition' || /\{[{%#]/.test(source.text)) {
      yield* checkSource(source, names, used, subject);
    } else if (source.within === 'items' && source.place.field === 'with_items') {
      yield notAList(source, 'A text without an expression is no list.');
    }
  }
  yield* checkUnused(subject, used);
};

function* checkSource(source: Source, names: Names, used: Set<string>, subject: Subject): Generator<Finding> {
  const { text, place, within, locals } = source;
  const inspection = parseTemplate(text, within === 'condition');
  const { problems, references } = inspection;
  for (const { code, message, hint, line, column } of problems)
    yield problem(
      'error',
      `expression_${code}`,
      { ...place, line, column },
      message,
      hint ?? 'Repair the expression.',
    );
  if (problems.length === 0) yield* checkKind(source, inspection, subject);
  yield* checkCalls(source, inspection);
  for (const reference of references) {
    const { root, path } = reference;
    if (root === 'workflow' || root === 'vars') used.add(path[0] === undefined ? '*' : String(path[0]));
    const unknown = findUnknown(reference, names, locals);
    if (unknown)
      yield problem('warning', unknown.code, at(source, reference), unknown.message, unknown.repair);
    yield* checkSecret(source, reference, names, subject);
  }
}

function at({ place }: Source, { line, column }: Reference) {
  return { ...place, line, column };
}

/** Where the type of what an expression gives cannot be right. */
function* checkKind(source: Source, inspection: Inspection, subject: Subject): Generator<Finding> {
  const { text, place, within } = source;
  const start = { ...place, line: 1, column: 1 };
  if (within === 'condition' && inspection.isText && !text.includes('{%'))
    yield problem(
      'error',
      'mixed_condition',
      start,
      'This condition is a text around expressions, and a text is always true.',
      'Write one single {{ }} around the whole condition.',
    );
  if (within === 'items' && place.field === 'with_items' && inspection.isText)
    yield notAList(source, 'A text around expressions is no list.');
  const clash = source.input === undefined ? null : findClash(source, inspection, subject);
  if (clash !== null)
    yield problem(
      'error',
      'wrong_input',
      start,
      clash,
      'Write one single {{ }} that gives what is needed, or turn it with | int, | float or | string.',
    );
}

function notAList({ place }: Source, message: string): Finding {
  const repair = 'Write one single {{ }} that gives a list, such as {{ parameters.list }}.';
  return problem('error', 'not_a_list', { ...place, line: 1, column: 1 }, message, repair);
}

function* checkCalls({ place, isAfter }: Source, { calls, callPlaces }: Inspection): Generator<Finding> {
  for (const [index, call] of calls.entries()) {
    const where = { ...place, line: callPlaces[index]?.line ?? 1, column: callPlaces[index]?.column ?? 1 };
    if (!functions.includes(call))
      yield problem('error', 'unknown_function', where, `There is no function ${quote(call)}().`, () => {
        const near = nearest(call, functions);
        return near ? `Did you mean ${near}()?` : `Use one of ${functions.join(', ')}.`;
      });
    else if (afterFunctions.includes(call) && !isAfter)
      yield problem(
        'error',
        'result_too_early',
        where,
        `${call}() means nothing here: the task has not run yet.`,
        'Read an earlier task with task.<name>.result, or use it in a transition.',
      );
  }
}

/** Secrets may reach inputs only, and of those not the ones that are shown. */
function* checkSecret(
  source: Source,
  reference: Reference,
  names: Names,
  { graph }: Subject,
): Generator<Finding> {
  const { within, place } = source;
  if (within === 'condition' || within === 'items') return;
  const action = place.task === undefined ? null : (graph.tasks.get(place.task)?.action ?? null);
  if (within === 'input' && (action === null || !showing.has(action))) return;
  const secret = tellSecret(reference, names);
  if (secret === null) return;
  const where = {
    input: `into what ${action ?? ''} shows`,
    publish: 'into a variable',
    vars: 'into a variable',
    output: 'into the result',
  }[within];
  yield problem(
    'warning',
    'secret_leak',
    at(source, reference),
    `${secret}, and this would put it ${where}.`,
    'Read it in the input of a task that needs it, and nowhere else.',
  );
}

function* checkUnused({ definition }: Subject, used: ReadonlySet<string>): Generator<Finding> {
  if (used.has('*')) return;
  const told = new Set<string>();
  const tell = (name: string, place: { task?: string; field: string }): Finding[] => {
    if (used.has(name) || told.has(name)) return [];
    told.add(name);
    const message = `Nothing reads the variable ${quote(name)}.`;
    return [problem('warning', 'unused_variable', place, message, 'Use it, or remove it.')];
  };
  for (const name of Object.keys(definition.vars ?? {})) yield* tell(name, { field: `vars.${name}` });
  for (const { name: task, next } of definition.tasks)
    for (const [index, { publish }] of next.entries())
      for (const [place, entry] of (publish ?? []).entries())
        for (const name of Object.keys(entry))
          yield* tell(name, { task, field: `next.${index}.publish.${place}.${name}` });
}
