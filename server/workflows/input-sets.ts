import { z } from 'zod';
import { toJsonSchema } from '@/engine/definition/parameters';
import { secretNames } from '@/engine/definition/secret-parameters';
import { conflict, notFound } from '@/engine/errors';
import { inConfiguration, type ConfigurationTx } from '../db';
import { Id, JsonObject, Ref } from '../fields';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { packRefOf, targetOf } from '../packs/refs';
import { readDefinition } from './check';
import { getWorkflowRow } from './store';

export const SaveInputSet = z.strictObject({
  ref: Ref,
  name: z.string().trim().min(1).max(100),
  shared: z
    .boolean()
    .default(false)
    .describe('For everybody who may run the workflow. (Default: for oneself)'),
  parameters: JsonObject,
});
export type SaveInputSet = z.infer<typeof SaveInputSet>;
export const InputSet = z.object({
  id: Id,
  name: z.string(),
  shared: z.boolean(),
  parameters: JsonObject,
  mayRemove: z.boolean(),
});
export type InputSet = z.infer<typeof InputSet>;

/** Of one owner: of a person, or of all together. */
const mostSets = 50;

/** The saved inputs of a workflow that the actor may use: their own and the shared ones, by name. */
export async function listInputSets(actor: Actor, ref: string): Promise<InputSet[]> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const { id } = await getWorkflowRow(tx, actor.tenantId, ref);
    return readSets(tx, actor, ref, id);
  });
}

/**
 * Keeps inputs under a name; one that is taken gets them anew. Secrets are left out: they are entered each time.
 * @throws DomainError too_many_sets
 */
export async function saveInputSet(actor: Actor, input: SaveInputSet): Promise<InputSet[]> {
  requireRight(actor, 'execute', 'executions', { ref: input.ref, packRef: packRefOf(input.ref) });
  requireRight(actor, input.shared ? 'update' : 'read', 'actions', targetOf(input.ref));
  const owner = input.shared ? null : authorOf(actor);
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, input.ref);
    const { definition } = readDefinition(row.draft);
    const secret = new Set(secretNames(toJsonSchema(definition.parameters ?? {}), input.parameters));
    const parameters = Object.fromEntries(
      Object.entries(input.parameters).filter(([name]) => !secret.has(name)),
    );
    const taken = await tx.prisma.workflowInputSet.findMany({
      where: { tenantId: actor.tenantId, workflowId: row.id, identityId: owner },
      select: { id: true, name: true },
      take: mostSets + 1,
    });
    const known = taken.find(({ name }) => name === input.name);
    if (!known && taken.length >= mostSets) {
      throw conflict(
        'too_many_sets',
        `There are ${taken.length} saved inputs of ${input.ref} already, and at most ${mostSets} fit. Remove one first.`,
      );
    }
    const data = { parameters: parameters as object, updated: new Date() };
    if (known) await tx.prisma.workflowInputSet.update({ where: { id: known.id }, data });
    else {
      await tx.prisma.workflowInputSet.create({
        data: { ...data, tenantId: actor.tenantId, workflowId: row.id, identityId: owner, name: input.name },
      });
    }
    return readSets(tx, actor, input.ref, row.id);
  });
}

/** Removes one of one's own sets. @throws DomainError not_found, also for a shared one */
export async function removeInputSet(actor: Actor, ref: string, id: number): Promise<InputSet[]> {
  requireRight(actor, 'execute', 'executions', { ref, packRef: packRefOf(ref) });
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return remove(actor, ref, id, false);
}

/** Removes a set that everybody has. @throws DomainError not_found, also for one's own */
export async function removeSharedInputSet(actor: Actor, ref: string, id: number): Promise<InputSet[]> {
  requireRight(actor, 'update', 'actions', targetOf(ref));
  return remove(actor, ref, id, true);
}

async function remove(actor: Actor, ref: string, id: number, shared: boolean): Promise<InputSet[]> {
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, ref);
    const sets = await readSets(tx, actor, ref, row.id);
    if (!sets.some((one) => one.id === id && one.shared === shared)) throw notFound('saved inputs', id);
    await tx.prisma.workflowInputSet.delete({ where: { id } });
    return sets.filter((one) => one.id !== id);
  });
}

async function readSets(
  tx: ConfigurationTx,
  actor: Actor,
  ref: string,
  workflowId: number,
): Promise<InputSet[]> {
  const mayEdit = may(actor, 'update', 'actions', targetOf(ref));
  const rows = await tx.prisma.workflowInputSet.findMany({
    where: {
      tenantId: actor.tenantId,
      workflowId,
      OR: [{ identityId: null }, { identityId: authorOf(actor) ?? -1 }],
    },
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    take: 2 * mostSets,
  });
  return rows.map((row) => ({
    id: Number(row.id),
    name: row.name,
    shared: row.identityId === null,
    parameters: row.parameters as JsonObject,
    mayRemove: row.identityId !== null || mayEdit,
  }));
}
