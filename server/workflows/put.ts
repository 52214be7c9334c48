import { isDeepStrictEqual } from 'node:util';
import { toJsonSchema } from '@/engine/definition/parameters';
import type { Problem } from '@/engine/definition/problem';
import { conflict } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { getActionRow, insertAction, saveAction, specOf } from '../actions/store';
import { inConfiguration, type ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import { authorOf, requireRight, type Actor } from '../identities/actor';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireOwn, requireRefInPack, targetOf } from '../packs/refs';
import { getPackToAddTo } from '../packs/store';
import { checkDefinition, readDefinition, toCompanion } from './check';
import { publishDraft } from './publish';
import { getWorkflowRow, insertWorkflow, saveDraftRow, type DraftRow } from './store';

/** What a workflow is to be; what is left out stays as it is. */
export interface WorkflowChange {
  label?: string | undefined;
  description?: string | undefined;
  /** What its makers call it. */
  version?: string | undefined;
  tags?: string[] | undefined;
  /** Its parameters stand beside it, unless it says them itself. */
  definition?: JsonObject | undefined;
  paramSchema?: JsonObject | undefined;
  outSchema?: JsonObject | null | undefined;
}

/**
 * A new workflow, published at once. Gives what the studio would warn of.
 * @throws DomainError has_problems with one detail per error, action_exists, pack_not_found
 */
export async function createPublished(
  actor: Actor,
  place: { ref: string; packRef: string },
  change: WorkflowChange & { label: string; definition: JsonObject },
): Promise<Problem[]> {
  const { ref, packRef } = place;
  requireRight(actor, 'create', 'actions', place);
  return refusingDoubles('action', ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      const pack = await getPackToAddTo(tx, actor, packRef);
      requireRefInPack(ref, packRef);
      const { definition } = readDefinition({ tasks: [] });
      const owner = { tenantId: actor.tenantId, packId: pack.id, actorId: authorOf(actor) };
      const words = { label: change.label, description: change.description ?? '' };
      const action = await insertAction(
        tx,
        { ...owner, packRef: pack.ref, isAdhoc: true },
        ref,
        toCompanion(definition, words),
      );
      await insertWorkflow(tx, { ...owner, actionId: action.id }, ref, definition, { positions: {} });
      const row = await getWorkflowRow(tx, actor.tenantId, ref, { lock: true });
      await tellChange(tx, actor, 'workflow', row, 'created', { label: row.label });
      return apply(tx, actor, row, change);
    }),
  );
}

/**
 * Changes a workflow and publishes it at once. Gives what the studio would warn of.
 * @throws DomainError has_problems with one detail per error, unpublished_changes where somebody's draft would be lost
 */
export async function updatePublished(actor: Actor, ref: string, change: WorkflowChange): Promise<Problem[]> {
  requireRight(actor, 'update', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, ref, { lock: true });
    requireOwn(actor.tenantId, row);
    const isOther = change.definition !== undefined || change.paramSchema !== undefined;
    if (isOther && row.hasChanges)
      throw conflict(
        'unpublished_changes',
        `${ref} has changes in the studio that are not published. Publish or undo them there, then send this again.`,
      );
    return apply(tx, actor, row, change);
  });
}

/** What somebody may keep of a draft that was never published is nothing: it is empty. */
async function apply(
  tx: ConfigurationTx,
  actor: Actor,
  row: DraftRow,
  change: WorkflowChange,
): Promise<Problem[]> {
  const { version, tags } = change;
  await tx.prisma.workflow.update({
    where: { id: row.id },
    data: { ...(version !== undefined && { version }), ...(tags !== undefined && { tags }) },
  });
  const action = await getActionRow(tx, actor.tenantId, row.ref);
  const before = specOf(action);
  const spec = {
    ...before,
    label: change.label ?? before.label,
    description: change.description ?? before.description,
    outSchema:
      change.outSchema === undefined ? before.outSchema : change.outSchema && toJsonSchema(change.outSchema),
  };
  if (!isDeepStrictEqual(before, spec)) {
    await saveAction(tx, action, spec, authorOf(actor));
    await tellChange(tx, actor, 'action', action, 'updated');
  }

  const read = readDefinition(merge(row.draft, change));
  if (!isDeepStrictEqual(read.definition, row.draft)) {
    await saveDraftRow(tx, row, row.draftVersion, read.definition, row.layout, authorOf(actor));
    await tellChange(tx, actor, 'workflow', row, 'updated', { draftVersion: row.draftVersion + 1 });
  }
  const saved = await getWorkflowRow(tx, actor.tenantId, row.ref);
  // A draft that somebody is at in the studio is theirs to publish.
  const isOurs = !row.hasChanges || row.published === null;
  if (saved.hasChanges && isOurs) {
    const revision = await publishDraft(tx, saved, { note: '' }, authorOf(actor), [], actor.hiddenPacks);
    await tellChange(tx, actor, 'workflow', row, 'published', { published: revision.number });
  }
  const found = await checkDefinition(tx, actor.tenantId, row.ref, read.definition, [], actor.hiddenPacks);
  return [...read.problems, ...found].filter(({ severity }) => severity === 'warning');
}

function merge(draft: Json, { definition, paramSchema }: WorkflowChange): Json {
  const now = draft as JsonObject;
  const base = definition ?? now;
  const parameters = paramSchema ?? (definition === undefined ? undefined : now['parameters']);
  const isSaid = definition?.['parameters'] !== undefined || parameters === undefined;
  return isSaid ? base : { ...base, parameters };
}
