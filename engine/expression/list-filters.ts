import type { Call, Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { argument, flagArgument, numberArgument, textArgument, toNumber, type Filter } from './filter';
import { member } from './members';
import { printValue } from './text';
import {
  Missing,
  Secret,
  emptyObject,
  isEqual,
  isObject,
  isTruthy,
  setOwn,
  toJson,
  typeName,
  type Json,
  type Value,
} from './value';

/** Follows `a.b.0` into a value. */
function reach(value: Value, path: Value, evaluator: Evaluator): Value {
  let here = value;
  for (const part of typeof path === 'string' ? path.split('.') : [toJson(path)]) {
    const found = member(here, /^\d+$/.test(String(part)) ? Number(part) : part, false, evaluator);
    here = found instanceof Secret ? found.value : found;
  }
  return here;
}

function folder(call: Call, place: number): (value: Value) => Value {
  const isSensitive = flagArgument(call, place, 'case_sensitive', false);
  return (value) => (!isSensitive && typeof value === 'string' ? value.toLowerCase() : value);
}

function sorted(
  items: readonly Value[],
  keyOf: (item: Value) => Value[],
  isReversed: boolean,
  evaluator: Evaluator,
): Value[] {
  evaluator.spend(items.length * Math.ceil(Math.log2(items.length + 2)));
  const keyed = items.map((item) => ({ item, keys: keyOf(item) }));
  keyed.sort((a, b) => {
    for (const [place, key] of a.keys.entries()) {
      const other = b.keys[place] as Value;
      if (isEqual(key, other)) continue;
      const order = evaluator.holds(key, '<', other) ? -1 : 1;
      return isReversed ? -order : order;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

function sort(input: Value, call: Call, evaluator: Evaluator): Value {
  const attribute = argument(call, 2, 'attribute');
  const fold = folder(call, 1);
  const paths =
    attribute === null ? [null] : typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const keysOf = (item: Value) =>
    paths.map((path) => fold(path === null ? item : reach(item, path, evaluator)));
  return sorted(evaluator.iterate(input), keysOf, flagArgument(call, 0, 'reverse', false), evaluator);
}

function extreme(name: 'min' | 'max'): Filter {
  return {
    signature: '(case_sensitive=false, attribute=none)',
    help: name === 'min' ? 'The smallest entry.' : 'The largest entry.',
    apply: (input, call, evaluator) => {
      const fold = folder(call, 0);
      const attribute = argument(call, 1, 'attribute');
      const key = (item: Value) => fold(attribute === null ? item : reach(item, attribute, evaluator));
      const items = evaluator.iterate(input);
      evaluator.spend(items.length);
      if (items.length === 0) return new Missing(`the ${name} of nothing`);
      return items.reduce((best, item) =>
        evaluator.holds(key(item), name === 'min' ? '<' : '>', key(best)) ? item : best,
      );
    },
  };
}

/** select, reject, selectattr and rejectattr: which entries a test keeps. */
function selection(byAttribute: boolean, keeps: boolean): Filter {
  return {
    signature: byAttribute ? '(attribute, test=none, …)' : '(test=none, …)',
    help: `The entries ${byAttribute ? 'whose attribute passes' : 'that pass'} a test${keeps ? '' : ', left out'}.`,
    apply: (input, { positional, named }, evaluator) => {
      const [path, ...rest] = byAttribute ? positional : [null, ...positional];
      const [test, ...args] = rest;
      const items = evaluator.iterate(input);
      evaluator.spend(items.length);
      return items.filter((item) => {
        const value = byAttribute ? reach(item, path ?? '', evaluator) : item;
        const passes =
          test === undefined
            ? isTruthy(value)
            : evaluator.test(printValue(test), value, { positional: args, named });
        return passes === keeps;
      });
    },
  };
}

const length: Filter = {
  signature: '',
  help: 'How many entries or characters there are.',
  apply: (input) => {
    if (typeof input === 'string') return [...input].length;
    if (Array.isArray(input)) return input.length;
    if (isObject(input)) return Object.keys(input).length;
    if (input instanceof Missing) return 0;
    throw new EvaluationFault('type', `length needs a list, text or object, and got ${typeName(input)}.`);
  },
};

/** Filters over lists. */
export const listFilters: Record<string, Filter> = {
  length,
  count: length,
  first: {
    signature: '',
    help: 'The first entry.',
    apply: (input, _, evaluator) => evaluator.iterate(input)[0] ?? new Missing('the first entry'),
  },
  last: {
    signature: '',
    help: 'The last entry.',
    apply: (input, _, evaluator) => evaluator.iterate(input).at(-1) ?? new Missing('the last entry'),
  },
  list: {
    signature: '',
    help: 'The entries as a list.',
    acceptsMissing: true,
    apply: (input, _, evaluator) => [...evaluator.iterate(input)],
  },
  reverse: {
    signature: '',
    help: 'The entries or characters from last to first.',
    apply: (input, _, evaluator) =>
      typeof input === 'string' ? [...input].reverse().join('') : [...evaluator.iterate(input)].reverse(),
  },
  join: {
    signature: "(mark='', attribute=none)",
    help: 'The entries as one text, with a mark between them.',
    apply: (input, call, evaluator) => {
      const attribute = argument(call, 1, 'attribute');
      const parts = evaluator
        .iterate(input)
        .map((item) => printValue(attribute === null ? item : reach(item, attribute, evaluator)));
      const mark = printValue(argument(call, 0, 'd', ''));
      evaluator.allow(parts.reduce((size, part) => size + part.length + mark.length, 0));
      return parts.join(mark);
    },
  },
  sort: {
    signature: '(reverse=false, case_sensitive=false, attribute=none)',
    help: 'The entries in order.',
    apply: sort,
  },
  min: extreme('min'),
  max: extreme('max'),
  sum: {
    signature: '(attribute=none, start=0)',
    help: 'The numbers added up.',
    apply: (input, call, evaluator) => {
      const attribute = argument(call, 0, 'attribute');
      const items = evaluator.iterate(input);
      evaluator.spend(items.length);
      return items.reduce<number>(
        (total, item) =>
          total + toNumber(attribute === null ? item : reach(item, attribute, evaluator), 'sum'),
        numberArgument(call, 1, 'start', 0),
      );
    },
  },
  unique: {
    signature: '(case_sensitive=false, attribute=none)',
    help: 'The entries without repetitions.',
    apply: (input, call, evaluator) => {
      const fold = folder(call, 0);
      const attribute = argument(call, 1, 'attribute');
      const seen = new Set<string>();
      const items = evaluator.iterate(input);
      evaluator.spend(items.length);
      return items.filter((item) => {
        const key = JSON.stringify(
          toJson(fold(attribute === null ? item : reach(item, attribute, evaluator))),
        );
        return seen.has(key) ? false : (seen.add(key), true);
      });
    },
  },
  map: {
    signature: '(filter, …) or (attribute=…, default=none)',
    help: 'Each entry changed by a filter, or its attribute.',
    apply: (input, { positional, named }, evaluator) => {
      const items = evaluator.iterate(input);
      evaluator.spend(items.length);
      const attribute = named.get('attribute');
      if (attribute !== undefined) {
        return items
          .map((item) => {
            const found = reach(item, attribute, evaluator);
            return found instanceof Missing ? (named.get('default') ?? found) : found;
          })
          .map((value) => (value instanceof Missing ? null : value));
      }
      const [filter, ...args] = positional;
      if (filter === undefined)
        throw new EvaluationFault('type', 'map needs the name of a filter, or attribute=…');
      return items.map((item) =>
        evaluator.applyFilter(printValue(filter), item, { positional: args, named }),
      );
    },
  },
  select: selection(false, true),
  reject: selection(false, false),
  selectattr: selection(true, true),
  rejectattr: selection(true, false),
  groupby: {
    signature: '(attribute, default=none)',
    help: 'Pairs of a value and the entries whose attribute has it.',
    apply: (input, call, evaluator) => {
      const path = argument(call, 0, 'attribute');
      const fallback = argument(call, 1, 'default');
      const keyOf = (item: Value) => {
        const found = reach(item, path, evaluator);
        return found instanceof Missing ? fallback : found;
      };
      const fold = (value: Value) => (typeof value === 'string' ? value.toLowerCase() : value);
      const groups: { key: Value; items: Json[] }[] = [];
      for (const item of sorted(
        evaluator.iterate(input),
        (entry) => [fold(keyOf(entry))],
        false,
        evaluator,
      )) {
        const key = keyOf(item);
        const last = groups.at(-1);
        if (last && isEqual(fold(last.key), fold(key))) last.items.push(toJson(item));
        else groups.push({ key, items: [toJson(item)] });
      }
      return groups.map(({ key, items }) => [toJson(key), items]);
    },
  },
  batch: {
    signature: '(linecount, fill_with=none)',
    help: 'Lists of this many entries.',
    apply: (input, call, evaluator) => {
      const size = Math.trunc(numberArgument(call, 0, 'linecount', 0));
      if (size < 1) throw new EvaluationFault('type', 'batch needs a number from 1.');
      const fill = argument(call, 1, 'fill_with');
      const items = evaluator.iterate(input);
      const batches: Value[][] = [];
      for (let place = 0; place < items.length; place += size) batches.push(items.slice(place, place + size));
      const last = batches.at(-1);
      if (fill !== null && last) {
        evaluator.allow(size);
        while (last.length < size) last.push(fill);
      }
      return batches;
    },
  },
  slice: {
    signature: '(slices, fill_with=none)',
    help: 'The entries dealt out to this many lists.',
    apply: (input, call, evaluator) => {
      const count = Math.trunc(numberArgument(call, 0, 'slices', 0));
      if (count < 1) throw new EvaluationFault('type', 'slice needs a number from 1.');
      evaluator.allow(count);
      const fill = argument(call, 1, 'fill_with');
      const items = evaluator.iterate(input);
      const [each, more] = [Math.floor(items.length / count), items.length % count];
      let place = 0;
      return Array.from({ length: count }, (_, index) => {
        const size = each + (index < more ? 1 : 0);
        const part = items.slice(place, place + size);
        place += size;
        return fill !== null && index >= more && more > 0 ? [...part, fill] : part;
      });
    },
  },
  items_of: {
    signature: '(key, value)',
    help: 'An object made of a list of objects: one attribute as key, another as value.',
    apply: (input, call, evaluator) => {
      const object = emptyObject();
      for (const item of evaluator.iterate(input)) {
        setOwn(
          object,
          printValue(reach(item, textArgument(call, 0, 'key', 'key'), evaluator)),
          toJson(reach(item, textArgument(call, 1, 'value', 'value'), evaluator)),
        );
      }
      return object;
    },
  },
};
