import type { Json } from '@/engine/expression/expression';
import { parseDefinition } from '@/engine/definition/parse';
import type { Problem } from '@/engine/definition/problem';
import type { Definition } from '@/engine/definition/schema';
import { validateDefinition } from '@/engine/definition/validate';
import type { CatalogEntry } from '../canvas/view';

/** What an action has to have to be checked against. */
type CheckedAction = Pick<CatalogEntry, 'ref' | 'paramSchema' | 'outSchema'>;

/** What the server would find, found here: both sides run the same checker. */
export function checkDefinition(
  definition: Definition,
  actions: readonly CheckedAction[],
  ownRef: string,
): Problem[] {
  const { definition: read, problems } = parseDefinition(definition as Json);
  if (!read) return problems;
  // The workflow may run itself, as the draft takes it.
  const own = { ref: ownRef, paramSchema: read.parameters ?? {} };
  return [...problems, ...validateDefinition(read, [...actions, own], ownRef)];
}
