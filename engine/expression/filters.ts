import { Args } from './arguments';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import type { Filter } from './filter';
import { listFilters } from './list-filters';
import { nearest } from './nearest';
import { numberFilters } from './number-filters';
import { objectFilters } from './object-filters';
import { orderFilters } from './order-filters';
import { patternFilters } from './pattern-filters';
import { textFilters } from './text-filters';
import { valueFilters } from './value-filters';
import { Missing, type Named, type Value } from './value';

/** Every filter by name: Jinja's, and ours beside them. */
export const filters: Readonly<Record<string, Filter>> = {
  ...valueFilters,
  ...numberFilters,
  ...textFilters,
  ...patternFilters,
  ...listFilters,
  ...orderFilters,
  ...objectFilters,
};

/** Jinja's filters that are left out, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  random: 'Expressions give the same answer every time; choose in an action.',
  xmlattr: 'Build markup in an action.',
  urlize: 'Build markup in an action.',
};

/** Name, signature and help of every filter, for completion and hover. */
export const filterSignatures: Record<string, { signature: string; help: string }> = Object.fromEntries(
  Object.entries(filters).map(([name, { signature, help }]) => [
    name,
    { signature: `${name}${signature}`, help },
  ]),
);

/** What to do about a filter that does not exist. */
export function suggestFilter(name: string): string | undefined {
  if (Object.hasOwn(leftOut, name)) return leftOut[name];
  const near = nearest(name, Object.keys(filters));
  return near ? `Did you mean ${near}?` : undefined;
}

/** @throws EvaluationFault for a filter that is unknown or whose arguments don't fit */
export function applyFilter(
  name: string,
  input: Value,
  positional: readonly Value[],
  named: Named,
  evaluator: Evaluator,
): Value {
  const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
  if (!filter)
    throw new EvaluationFault(
      'unknown_filter',
      'There is no such filter.',
      suggestFilter(name),
      `There is no filter ${name}.`,
    );
  if (input instanceof Missing && !filter.acceptsMissing) evaluator.warn(input);
  // Whatever a filter does with a text, it goes through it; those that take anything count for themselves.
  evaluator.spend(typeof input === 'string' && !filter.acceptsMissing ? 1 + input.length / 64 : 1);
  return filter.apply(input, new Args(filter.parameters, name, positional, named), evaluator);
}
