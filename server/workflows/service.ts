import { type DomainError, conflict } from '@/engine/errors';
import { insertAction, listUsersOfAction } from '../actions/store';
import { inConfiguration, type ConfigurationTx } from '../db';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { displayNames, toMoment } from '../packs/authors';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireOwn, requireRefInPack, targetOf } from '../packs/refs';
import { getPackToAddTo } from '../packs/store';
import { checkDefinition, readDefinition, toCompanion } from './check';
import { publishDraft } from './publish';
import type {
  CreateWorkflow,
  NameRevision,
  Publish,
  Revision,
  RevisionSummary,
  SaveDraft,
  SavedDraft,
  Workflow,
  WorkflowSummary,
} from './schema';
import {
  getRevisionRow,
  getWorkflowRow,
  hasOpenRuns,
  insertWorkflow,
  listRevisionRows,
  listWorkflowRows,
  saveDraftRow,
  toRevisionSummary,
  toWorkflowSummary,
  type DraftRow,
} from './store';

/** Every workflow that the actor may read, by ref. */
export async function listWorkflows(actor: Actor): Promise<WorkflowSummary[]> {
  requireRight(actor, 'read', 'actions');
  const rows = await inConfiguration(actor.tenantId, (tx) => listWorkflowRows(tx, actor.tenantId));
  return rows
    .filter((row) => may(actor, 'read', 'actions', { id: row.actionId, ref: row.ref, packRef: row.packRef }))
    .map(toWorkflowSummary);
}

/** One workflow with its draft and the problems in it. @throws DomainError workflow_not_found */
export async function getWorkflow(actor: Actor, ref: string): Promise<Workflow> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) =>
    read(tx, actor, await getWorkflowRow(tx, actor.tenantId, ref)),
  );
}

/** The new workflow, an empty draft, with the companion action that runs it. @throws DomainError action_exists */
export async function createWorkflow(actor: Actor, input: CreateWorkflow): Promise<Workflow> {
  requireRight(actor, 'create', 'actions', { ref: input.ref, packRef: input.packRef });
  return refusingDoubles('action', input.ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      const pack = await getPackToAddTo(tx, actor, input.packRef);
      requireRefInPack(input.ref, input.packRef);
      const { definition } = readDefinition({ tasks: [] });
      const owner = { tenantId: actor.tenantId, packId: pack.id, actorId: authorOf(actor) };
      const action = await insertAction(
        tx,
        { ...owner, packRef: pack.ref, isAdhoc: true },
        input.ref,
        toCompanion(definition, input),
      );
      const layout = { positions: {} };
      await insertWorkflow(tx, { ...owner, actionId: action.id }, input.ref, definition, layout);
      const row = await getWorkflowRow(tx, actor.tenantId, input.ref);
      await tellChange(tx, actor, 'workflow', row, 'created', {
        label: row.label,
      });
      return read(tx, actor, row);
    }),
  );
}

/**
 * Saves the draft, problems and all, and says what they are. Refused is only what cannot be kept at all.
 * @throws DomainError stale_draft when somebody saved since `draftVersion`; not_a_definition
 */
export async function saveDraft(actor: Actor, input: SaveDraft): Promise<SavedDraft> {
  requireRight(actor, 'update', 'actions', targetOf(input.ref));
  const { definition, problems } = readDefinition(input.definition);
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, input.ref);
    requireOwn(actor.tenantId, row);
    const version = await saveDraftRow(
      tx,
      row,
      input.draftVersion,
      definition,
      input.layout,
      authorOf(actor),
    );
    if (version === null) throw await staleDraft(tx, actor, input);
    await tellChange(tx, actor, 'workflow', row, 'updated', {
      draftVersion: version,
    });
    const saved = await getWorkflowRow(tx, actor.tenantId, input.ref);
    return {
      draftVersion: version,
      hasChanges: saved.hasChanges,
      problems: [
        ...problems,
        ...(await checkDefinition(tx, actor.tenantId, row.ref, definition, [], actor.hiddenPacks)),
      ],
    };
  });
}

/**
 * Makes the next immutable revision of the draft; new runs take it at once.
 * @throws DomainError has_problems with one detail per error, stale_draft, nothing_changed
 */
export async function publish(actor: Actor, input: Publish): Promise<RevisionSummary> {
  requireRight(actor, 'update', 'actions', targetOf(input.ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, input.ref, { lock: true });
    requireOwn(actor.tenantId, row);
    if (row.draftVersion !== input.draftVersion) throw await staleDraft(tx, actor, input);
    if (!row.hasChanges) {
      throw conflict(
        'nothing_changed',
        `The draft of ${row.ref} is the same as revision ${String(row.published)}: there is nothing to publish.`,
      );
    }
    const revision = await publishDraft(tx, row, input, authorOf(actor), [], actor.hiddenPacks);
    await tellChange(tx, actor, 'workflow', row, 'published', {
      published: revision.number,
    });
    await tellChange(tx, actor, 'action', { id: row.actionId, ref: row.ref }, 'updated');
    const names = new Map([[actor.identityId, actor.displayName]]);
    return toRevisionSummary(revision, revision.number, names);
  });
}

/** The published revisions, newest first. */
export async function listRevisions(actor: Actor, ref: string): Promise<RevisionSummary[]> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const workflow = await getWorkflowRow(tx, actor.tenantId, ref);
    const rows = await listRevisionRows(tx, workflow.id);
    const names = await displayNames(
      tx,
      actor.tenantId,
      rows.map((row) => row.createdBy),
    );
    return rows.map((row) => toRevisionSummary(row, workflow.published, names));
  });
}

/** Gives a revision another name, or none; it stays what it is. @throws DomainError revision_not_found */
export async function nameRevision(actor: Actor, input: NameRevision): Promise<RevisionSummary[]> {
  requireRight(actor, 'update', 'actions', targetOf(input.ref));
  await inConfiguration(actor.tenantId, async (tx) => {
    const workflow = await getWorkflowRow(tx, actor.tenantId, input.ref);
    requireOwn(actor.tenantId, workflow);
    const { number } = await getRevisionRow(tx, workflow, input.number);
    await tx.prisma.workflowRevision.updateMany({
      where: { tenantId: workflow.tenantId, workflowId: workflow.id, number },
      data: { name: input.name },
    });
  });
  return listRevisions(actor, input.ref);
}

/** One revision as it was published. @throws DomainError revision_not_found */
export async function getRevision(actor: Actor, ref: string, number: number): Promise<Revision> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const workflow = await getWorkflowRow(tx, actor.tenantId, ref);
    const row = await getRevisionRow(tx, workflow, number);
    const names = await displayNames(tx, actor.tenantId, [row.createdBy]);
    return {
      ...toRevisionSummary(row, workflow.published, names),
      definition: row.definition,
      layout: row.layout,
    };
  });
}

/** Puts an old revision into the draft; it takes a publish to make it run. @throws DomainError revision_not_found */
export async function restoreRevision(actor: Actor, ref: string, number: number): Promise<Workflow> {
  requireRight(actor, 'update', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, ref, { lock: true });
    requireOwn(actor.tenantId, row);
    const { definition, layout } = await getRevisionRow(tx, row, number);
    const version = await saveDraftRow(tx, row, row.draftVersion, definition, layout, authorOf(actor));
    await tellChange(tx, actor, 'workflow', row, 'updated', {
      draftVersion: version,
    });
    return read(tx, actor, await getWorkflowRow(tx, actor.tenantId, ref));
  });
}

/** Removes a workflow, its revisions and its action. Runs keep their rows. @throws DomainError action_in_use */
export async function removeWorkflow(actor: Actor, ref: string): Promise<null> {
  requireRight(actor, 'delete', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWorkflowRow(tx, actor.tenantId, ref, { lock: true });
    requireOwn(actor.tenantId, row);
    const users = await listUsersOfAction(tx, actor.tenantId, ref);
    if (users.length > 0) {
      throw conflict(
        'action_in_use',
        `${ref} is used by ${users.join(', ')}. Take it out there first, then remove it.`,
      );
    }
    if (await hasOpenRuns(tx, actor.tenantId, ref)) {
      throw conflict(
        'workflow_running',
        `${ref} has runs that have not ended. Cancel them or wait, then remove it.`,
      );
    }
    await tx.prisma.action.delete({ where: { id: row.actionId } });
    await tellChange(tx, actor, 'workflow', row, 'deleted');
    return null;
  });
}

/** Says who saved meanwhile. */
export async function staleDraft(
  tx: ConfigurationTx,
  actor: Actor,
  input: { ref: string; draftVersion: number },
): Promise<DomainError> {
  const now = await getWorkflowRow(tx, actor.tenantId, input.ref);
  const names = await displayNames(tx, actor.tenantId, [now.draftUpdatedBy]);
  const who =
    now.draftUpdatedBy === actor.identityId ? 'You' : (names.get(now.draftUpdatedBy ?? 0) ?? 'Somebody else');
  return conflict(
    'stale_draft',
    `${who} saved ${input.ref} at ${toMoment(now.draftUpdated)} (version ${now.draftVersion}; yours began at ${input.draftVersion}). Load it again to see what changed.`,
  );
}

async function read(tx: ConfigurationTx, actor: Actor, row: DraftRow): Promise<Workflow> {
  const { definition, problems } = readDefinition(row.draft);
  const names = await displayNames(tx, actor.tenantId, [row.draftUpdatedBy]);
  const target = { id: row.actionId, ref: row.ref, packRef: row.packRef };
  return {
    ...toWorkflowSummary(row),
    definition,
    layout: row.layout,
    draftVersion: row.draftVersion,
    draftUpdatedBy: names.get(row.draftUpdatedBy ?? 0) ?? null,
    draftUpdated: row.draftUpdated.toISOString(),
    pins: row.pins,
    problems: [
      ...problems,
      ...(await checkDefinition(tx, actor.tenantId, row.ref, definition, [], actor.hiddenPacks)),
    ],
    mayEdit: row.tenantId === actor.tenantId && may(actor, 'update', 'actions', target),
  };
}
