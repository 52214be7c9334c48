import { checkConcurrencyKey } from '../concurrency';
import { problem, type Check } from './check';

/** What the workflow's own limit says: its key may read parameters, and no secret one. */
export const checkConcurrency: Check = ({ definition }) => {
  const key = definition.concurrency?.key;
  if (key === undefined) return [];
  return checkConcurrencyKey(key, definition.parameters ?? {}).map(
    ({ severity, code, message, repair, line, column }) => ({
      ...problem(severity, code, { field: 'concurrency.key' }, message, repair),
      line,
      column,
    }),
  );
};
