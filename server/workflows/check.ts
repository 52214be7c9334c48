import { toJsonSchema } from '@/engine/definition/parameters';
import { parseDefinition } from '@/engine/definition/parse';
import type { Problem } from '@/engine/definition/problem';
import type { Definition } from '@/engine/definition/schema';
import { validateDefinition } from '@/engine/definition/validate';
import { DomainError, invalid, type ErrorDetail } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { listCatalogRows, type ActionSpec } from '../actions/store';
import type { ConfigurationTx } from '../db';

const largestDraftBytes = 2_000_000;
const mostTasks = 10_000;

/**
 * A definition in its one form, with what could not be read in it. @throws DomainError too_large, or invalid
 * (not_a_definition) for what is no map at all
 */
export function readDefinition(given: Json): { definition: Definition; problems: Problem[] } {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(
      'A definition is a map with the key tasks.',
      [{ path: 'definition', message: 'must be a map with the key tasks' }],
      'not_a_definition',
    );
  }
  const { tasks } = given;
  const count = Array.isArray(tasks) ? tasks.length : Object.keys(tasks ?? {}).length;
  if (count > mostTasks) {
    throw new DomainError(
      'too_large',
      'too_many_tasks',
      `The workflow has ${count} tasks; at most ${mostTasks} fit. Move a part into a workflow of its own.`,
    );
  }
  const sizeBytes = Buffer.byteLength(JSON.stringify(given));
  if (sizeBytes > largestDraftBytes) {
    throw new DomainError(
      'too_large',
      'definition_too_large',
      `The definition has ${sizeBytes} bytes; at most ${largestDraftBytes} fit. Keep large data in a key or an artifact.`,
    );
  }
  return parseDefinition(given);
}
