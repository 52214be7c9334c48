import { toJsonSchema } from '@/engine/definition/parameters';
import { parseDefinition } from '@/engine/definition/parse';
import type { Problem } from '@/engine/definition/problem';
import type { Definition } from '@/engine/definition/schema';
import { validateDefinition, type CatalogAction } from '@/engine/definition/validate';
import { DomainError, invalid, type ErrorDetail } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { listCatalogRows, type ActionSpec } from '../actions/store';
import { packRefOf } from '../packs/refs';
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
  const count = typeof tasks === 'object' && tasks !== null ? Object.keys(tasks).length : 0;
  if (count > mostTasks) {
    throw new DomainError(
      'too_large',
      'too_many_tasks',
      `The workflow has ${count} tasks; at most ${mostTasks} fit. Move a part into a workflow of its own.`,
    );
  }
  // Read first: what is nested beyond all measure cannot even be printed to be measured.
  const read = parseDefinition(given);
  const sizeBytes = Buffer.byteLength(JSON.stringify(read.definition));
  if (sizeBytes > largestDraftBytes) {
    throw new DomainError(
      'too_large',
      'definition_too_large',
      `The definition has ${sizeBytes} bytes; at most ${largestDraftBytes} fit. Keep large data in a key or an artifact.`,
    );
  }
  return read;
}

/**
 * What the definition would do wrong with the actions that the tenant has; `ref` is the workflow's own. It may run
 * itself, as the draft takes it, and `siblings`: what is loaded together with it and not stored yet. What lies in
 * `hiddenPacks` is not there for whoever asks.
 */
export async function checkDefinition(
  tx: ConfigurationTx,
  tenantId: number,
  ref: string,
  definition: Definition,
  siblings: readonly CatalogAction[] = [],
  hiddenPacks: readonly string[] = [],
): Promise<Problem[]> {
  const rows = await listCatalogRows(tx, tenantId);
  const catalog = rows.filter((action) => !hiddenPacks.includes(packRefOf(action.ref)));
  const own = { ref, paramSchema: toJsonSchema(definition.parameters ?? {}) };
  return validateDefinition(definition, [...catalog, ...siblings, own], ref);
}

/** A workflow that is about to be stored, as other definitions know it; null where its own cannot be read. */
export function toSibling(ref: string, given: Json): CatalogAction | null {
  try {
    const { definition } = readDefinition(given);
    return { ref, paramSchema: toJsonSchema(definition.parameters ?? {}) };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return null;
  }
}

/** The place and the sentence of a problem, as an error's detail says them. */
export function toDetail(problem: Problem): ErrorDetail {
  const parts = [...(problem.task ? ['tasks', problem.task] : []), ...(problem.field ? [problem.field] : [])];
  return { path: parts.join('.'), message: `${problem.message} ${problem.repair}`.trim() };
}

/** The action that runs a workflow: what tasks, rules and people name. */
export function toCompanion(
  definition: Definition,
  words: { label: string; description: string },
): ActionSpec {
  return {
    label: words.label,
    description: words.description,
    runtime: 'workflow',
    runtimeRef: null,
    entrypoint: '',
    code: null,
    paramSchema: toJsonSchema(definition.parameters ?? {}),
    outSchema: null,
    outputFormat: 'json',
    parameterDelivery: 'stdin',
    parameterFormat: 'json',
    timeoutSeconds: 300,
    idempotent: false,
    concurrency: definition.concurrency ?? null,
    limits: {},
    requiredRuntimes: {},
    // A workflow has no process that could call: its tasks’ actions say it.
    defaultPermissionSetRefs: [],
  };
}
