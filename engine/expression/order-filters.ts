import { isEqual, isOrdered } from './compare';
import type { Args } from './arguments';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { filter, type Filter } from './filter';
import { reachIn } from './group';
import { group } from './group-pair';
import { printJson } from './json-text';
import { addUp } from './number-filters';
import { entriesOf } from './methods';
import { binary } from './operators';
import { Missing, Whole, isObject, typeName, type Value } from './value';

/** What an entry is sorted by: itself or an attribute, with the case of texts ignored unless asked. */
function keyOf(path: Value, isSensitive: boolean, evaluator: Evaluator): (item: Value) => Value {
  return (item) => {
    const key = path === null ? item : reachIn(item, path, evaluator);
    return !isSensitive && typeof key === 'string' ? key.toLowerCase() : key;
  };
}

function sorted(
  items: readonly Value[],
  keys: readonly ((item: Value) => Value)[],
  isReversed: boolean,
  evaluator: Evaluator,
): Value[] {
  evaluator.spend(items.length * Math.ceil(Math.log2(items.length + 2)));
  const keyed = items.map((item) => ({ item, keys: keys.map((key) => key(item)) }));
  keyed.sort((a, b) => {
    for (let place = 0; place < keys.length; place += 1) {
      const [x, y] = [a.keys[place] ?? null, b.keys[place] ?? null];
      if (isEqual(x, y, evaluator)) continue;
      return isOrdered(x, '<', y, evaluator) === isReversed ? 1 : -1;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

function sort(input: Value, args: Args, evaluator: Evaluator): Value {
  const attribute = args.value(2);
  const paths = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const keys = paths.map((path) => keyOf(path, args.flag(1), evaluator));
  return sorted(evaluator.iterate(input), keys, args.flag(0), evaluator);
}

function extreme(name: 'min' | 'max'): Filter {
  return filter(
    '(case_sensitive=false, attribute=none)',
    name === 'min' ? 'The smallest entry.' : 'The largest entry.',
    (input, args, evaluator) => {
      const key = keyOf(args.value(1), args.flag(0), evaluator);
      const items = evaluator.iterate(input);
      evaluator.spend(items.length);
      const [first, ...rest] = items;
      if (first === undefined) return new Missing(`the ${name} of nothing`);
      let best = { item: first, key: key(first) };
      for (const item of rest) {
        const candidate = { item, key: key(item) };
        if (isOrdered(candidate.key, name === 'min' ? '<' : '>', best.key, evaluator)) best = candidate;
      }
      return best.item;
    },
  );
}

/** Text that two values share only when they are equal. */
function identity(value: Value, evaluator: Evaluator): string {
  const plain = typeof value === 'boolean' ? Number(value) : value instanceof Whole ? value.value : value;
  return printJson(plain, { indent: null, isSorted: true, isAscii: false, isCompact: true }, evaluator);
}

function groupBy(input: Value, args: Args, evaluator: Evaluator): Value {
  const path = args.value(0);
  const otherwise = args.given(1);
  const raw = (item: Value): Value => {
    const found = reachIn(item, path, evaluator);
    return found instanceof Missing ? (otherwise ?? found) : found;
  };
  const key = (item: Value): Value => {
    const found = raw(item);
    return typeof found === 'string' && !args.flag(2) ? found.toLowerCase() : found;
  };
  const groups: { key: Value; first: Value; items: Value[] }[] = [];
  for (const item of sorted(evaluator.iterate(input), [key], false, evaluator)) {
    const last = groups.at(-1);
    const here = key(item);
    if (last && isEqual(last.key, here, evaluator)) last.items.push(item);
    else groups.push({ key: here, first: raw(item), items: [item] });
  }
  return groups.map(({ first, items }) => group(first, items));
}

function dictSort(input: Value, args: Args, evaluator: Evaluator): Value {
  if (!isObject(input))
    throw new EvaluationFault('type', `dictsort needs an object, and got ${typeName(input)}.`);
  const by = args.text(1, 'key');
  if (by !== 'key' && by !== 'value')
    throw new EvaluationFault('type', "dictsort sorts by 'key' or 'value'.");
  return sorted(
    entriesOf(input, evaluator),
    [keyOf(by === 'key' ? 0 : 1, args.flag(0), evaluator)],
    args.flag(2),
    evaluator,
  );
}

/** Filters that compare entries with each other, or add them up. */
export const orderFilters: Record<string, Filter> = {
  sort: filter('(reverse=false, case_sensitive=false, attribute=none)', 'The entries in order.', sort),
  min: extreme('min'),
  max: extreme('max'),
  unique: filter(
    '(case_sensitive=false, attribute=none)',
    'The entries without repetitions.',
    (input, args, evaluator) => {
      const key = keyOf(args.value(1), args.flag(0), evaluator);
      const items = evaluator.iterate(input);
      evaluator.spend(items.length);
      const seen = new Set<string>();
      return items.filter((item) => {
        const mark = identity(key(item), evaluator);
        return seen.has(mark) ? false : (seen.add(mark), true);
      });
    },
  ),
  sum: filter('(attribute=none, start=0)', 'The entries added up.', (input, args, evaluator) => {
    const attribute = args.value(0);
    const items = evaluator.iterate(input);
    evaluator.spend(items.length);
    const values = attribute === null ? items : items.map((item) => reachIn(item, attribute, evaluator));
    const start = args.value(1, 0);
    if (typeof start === 'string') throw new EvaluationFault('type', 'sum adds no texts.', 'Use | join.');
    return addUp(values, start, (a, b) => binary('+', a, b, evaluator));
  }),
  groupby: filter(
    '(attribute, default=none, case_sensitive=false)',
    'Pairs of a value and the entries whose attribute has it.',
    groupBy,
  ),
  dictsort: filter(
    "(case_sensitive=false, by='key', reverse=false)",
    'Pairs of an object in order of their keys, or of their values.',
    dictSort,
  ),
};
