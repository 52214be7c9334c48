import { EvaluationFault } from './expression-error';
import { filter, lenient, type Filter } from './filter';
import { reachIn } from './group';
import { entriesOf } from './methods';
import { Missing, isObject, setOwn, typeName, type ValueObject } from './value';

/** Filters over objects. */
export const objectFilters: Record<string, Filter> = {
  attr: filter('(name)', 'A property by name.', (input, args, evaluator) => {
    const name = args.text(0, '');
    return isObject(input) && Object.hasOwn(input, name) ? evaluator.open(input[name]) : new Missing(name);
  }),
  items: lenient('', 'Pairs of key and value.', (input, _, evaluator) => {
    if (input instanceof Missing) return [];
    if (!isObject(input))
      throw new EvaluationFault('type', `items needs an object, and got ${typeName(input)}.`);
    return entriesOf(input, evaluator);
  }),
  combine: filter('(…)', 'One object of several; later ones win.', (input, { positional }, evaluator) => {
    const merged: ValueObject = {};
    for (const part of [input, ...positional]) {
      if (part instanceof Missing) continue;
      if (!isObject(part))
        throw new EvaluationFault('type', `combine needs objects, and got ${typeName(part)}.`);
      for (const [key, value] of entriesOf(part, evaluator)) setOwn(merged, key, value);
    }
    return merged;
  }),
  items_of: filter(
    '(key, value)',
    'An object made of a list of objects: one attribute as key, another as value.',
    (input, args, evaluator) => {
      const object: ValueObject = {};
      for (const item of evaluator.iterate(input)) {
        evaluator.spend(1);
        setOwn(
          object,
          evaluator.key(reachIn(item, args.value(0), evaluator)),
          reachIn(item, args.value(1), evaluator),
        );
      }
      return object;
    },
  ),
};
