import type { Args } from './arguments';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { filter, lenient, type Filter } from './filter';
import { reachIn } from './group';
import { characters, countCharacters, printValue } from './text';
import { joinTexts } from './text-methods';
import { Missing, isObject, isTruthy, typeName, type Value } from './value';

const length = filter('', 'How many entries or characters there are.', (input, _, evaluator) => {
  if (typeof input === 'string') {
    evaluator.spend(input.length / 512);
    return countCharacters(input);
  }
  if (Array.isArray(input)) return input.length;
  if (isObject(input)) return evaluator.iterate(input).length;
  if (input instanceof Missing) return 0;
  throw new EvaluationFault('type', `length needs a list, text or object, and got ${typeName(input)}.`);
});

/** select, reject, selectattr and rejectattr: which entries a test keeps. */
function selection(byAttribute: boolean, keeps: boolean): Filter {
  return filter(
    byAttribute ? '(attribute, …)' : '(…)',
    `The entries ${byAttribute ? 'whose attribute passes' : 'that pass'} a test${keeps ? '' : ', left out'}.`,
    (input, { positional, named }, evaluator) => {
      const [path = null, ...rest] = byAttribute ? positional : [null, ...positional];
      const [test, ...args] = rest;
      const name = test === undefined ? null : printValue(test, evaluator);
      const items = evaluator.iterate(input ?? []);
      evaluator.spend(items.length);
      return items.filter((item) => {
        const value = byAttribute ? reachIn(item, path, evaluator) : item;
        return (
          (name === null ? isTruthy(value, evaluator) : evaluator.test(name, value, args, named)) === keeps
        );
      });
    },
  );
}

function map(input: Value, { positional, named }: Args, evaluator: Evaluator): Value {
  const items = evaluator.iterate(input ?? []);
  evaluator.spend(items.length);
  const attribute = named.get('attribute');
  if (attribute !== undefined) {
    const otherwise = named.get('default');
    return items.map((item) => {
      const found = reachIn(item, attribute, evaluator);
      return found instanceof Missing ? (otherwise ?? found) : found;
    });
  }
  const [name, ...args] = positional;
  if (name === undefined) throw new EvaluationFault('type', 'map needs the name of a filter, or attribute=…');
  const filterName = printValue(name, evaluator);
  return items.map((item) => evaluator.filter(filterName, item, args, named));
}

function batch(input: Value, args: Args, evaluator: Evaluator): Value {
  const size = args.count(0, 0);
  if (size < 1) throw new EvaluationFault('type', 'batch needs a number from 1.');
  const fill = args.value(1);
  const items = evaluator.iterate(input);
  const batches: Value[][] = [];
  for (let place = 0; place < items.length; place += size) batches.push(items.slice(place, place + size));
  const last = batches.at(-1);
  if (fill !== null && last) {
    evaluator.allow(size);
    while (last.length < size) last.push(fill);
  }
  evaluator.spend(batches.length);
  return batches;
}

function deal(input: Value, args: Args, evaluator: Evaluator): Value {
  const count = args.count(0, 0);
  if (count < 1) throw new EvaluationFault('type', 'slice needs a number from 1.');
  evaluator.allow(count);
  evaluator.spend(count);
  const fill = args.value(1);
  const items = evaluator.iterate(input);
  const [each, more] = [Math.floor(items.length / count), items.length % count];
  let place = 0;
  return Array.from({ length: count }, (_, index) => {
    const size = each + (index < more ? 1 : 0);
    const part = items.slice(place, place + size);
    place += size;
    return fill !== null && index >= more ? [...part, fill] : part;
  });
}

/** Filters over lists. */
export const listFilters: Record<string, Filter> = {
  length,
  count: length,
  first: filter(
    '',
    'The first entry.',
    (input, _, evaluator) => evaluator.iterate(input)[0] ?? nothing(input, 'first'),
  ),
  last: filter(
    '',
    'The last entry.',
    (input, _, evaluator) => evaluator.iterate(input).at(-1) ?? nothing(input, 'last'),
  ),
  list: lenient('', 'The entries as a list.', (input, _, evaluator) => [...evaluator.iterate(input)]),
  reverse: filter('', 'The entries or characters from last to first.', (input, _, evaluator) =>
    typeof input === 'string'
      ? characters(input).reverse().join('')
      : [...evaluator.iterate(input)].reverse(),
  ),
  join: filter(
    "(d='', attribute=none)",
    'The entries as one text, with a mark between them.',
    (input, args, evaluator) => {
      const attribute = args.value(1);
      const mark = printValue(args.value(0, ''), evaluator);
      const parts = evaluator
        .iterate(input)
        .map((item) =>
          printValue(attribute === null ? item : reachIn(item, attribute, evaluator), evaluator),
        );
      return joinTexts(parts, mark, evaluator);
    },
  ),
  map: filter(
    '(…)',
    'Each entry changed by a filter: map("upper"); or its attribute: map(attribute="name").',
    map,
  ),
  select: selection(false, true),
  reject: selection(false, false),
  selectattr: selection(true, true),
  rejectattr: selection(true, false),
  batch: filter('(linecount, fill_with=none)', 'Lists of this many entries.', batch),
  slice: filter('(slices, fill_with=none)', 'The entries dealt out to this many lists.', deal),
};

function nothing(input: Value, which: string): Missing {
  return new Missing(input instanceof Missing ? input.path : `the ${which} entry of nothing`);
}
