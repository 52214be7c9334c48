import { checkConcurrencyKey } from '@/engine/definition/concurrency';
import { toJsonSchema } from '@/engine/definition/parameters';
import { conflict, invalid } from '@/engine/errors';
import { inConfiguration } from '../db';
import { forgetActions } from '../executions/action-facts';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { requireHeld } from '../identities/held-sets';
import { displayNames, toMoment } from '../packs/authors';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireOwn, requireRefInPack, targetOf } from '../packs/refs';
import { getWritablePack } from '../packs/store';
import { requireDeclaration } from './declaration';
import type { Action, ActionSummary, CatalogEntry, CreateAction, UpdateAction } from './schema';
import {
  getActionRow,
  insertAction,
  listActionRows,
  listCatalogRows,
  listUsersOfAction,
  saveAction,
  toAction,
  toActionSummary,
  type ActionSpec,
} from './store';

/** Every action but workflows that the actor may read, by ref. */
export async function listActions(actor: Actor): Promise<ActionSummary[]> {
  requireRight(actor, 'read', 'actions');
  const rows = await inConfiguration(actor.tenantId, (tx) => listActionRows(tx, actor.tenantId));
  return rows.map(toActionSummary).filter((action) => may(actor, 'read', 'actions', action));
}

/** Every action with its schemas, workflows too, by ref: what tasks may name. */
export async function listCatalog(actor: Actor): Promise<CatalogEntry[]> {
  requireRight(actor, 'read', 'actions');
  const rows = await inConfiguration(actor.tenantId, (tx) => listCatalogRows(tx, actor.tenantId));
  return rows.filter((action) => may(actor, 'read', 'actions', action));
}

/** One action with its source. @throws DomainError action_not_found */
export async function getAction(actor: Actor, ref: string): Promise<Action> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getActionRow(tx, actor.tenantId, ref);
    return toAction(row, actor);
  });
}

/** The new action, at revision 1. @throws DomainError action_exists, pack_not_found */
export async function createAction(actor: Actor, input: CreateAction): Promise<Action> {
  requireRight(actor, 'create', 'actions', { ref: input.ref, packRef: input.packRef });
  requireRefInPack(input.ref, input.packRef);
  const spec = toSpec(input, {
    entrypoint: '',
    outSchema: null,
    concurrency: null,
    limits: {},
    requiredRuntimes: {},
    parameterDelivery: 'stdin',
    parameterFormat: 'json',
    defaultPermissionSetRefs: [],
  });
  return refusingDoubles('action', input.ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      const pack = await getWritablePack(tx, actor.tenantId, input.packRef);
      await requireHeld(tx, actor, spec.defaultPermissionSetRefs, input, 'defaultPermissionSetRefs');
      const owner = {
        tenantId: actor.tenantId,
        packId: pack.id,
        packRef: pack.ref,
        actorId: authorOf(actor),
        isAdhoc: true,
      };
      const row = await insertAction(tx, owner, input.ref, spec);
      await tellChange(tx, actor, 'action', row, 'created', { label: row.label, runtime: row.runtime });
      return toAction(row, actor);
    }),
  );
}

/** The action at its next revision. @throws DomainError stale_action when `revision` is not the newest */
export async function updateAction(actor: Actor, input: UpdateAction): Promise<Action> {
  requireRight(actor, 'update', 'actions', targetOf(input.ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getActionRow(tx, actor.tenantId, input.ref);
    requireOwn(actor.tenantId, row);
    requireOwnCode(row);
    const stale = async () => {
      const now = await getActionRow(tx, actor.tenantId, input.ref);
      const names = await displayNames(tx, actor.tenantId, [now.updatedBy]);
      const who = names.get(Number(now.updatedBy)) ?? 'Somebody else';
      return conflict(
        'stale_action',
        `${who} saved ${input.ref} at ${toMoment(now.updated)} (revision ${now.revision}; yours began at ${input.revision}). Load it again and repeat your changes.`,
      );
    };
    if (row.revision !== input.revision) throw await stale();
    // Once edited here, the file that it was loaded from is no longer its source.
    const entrypoint = row.code === input.code && row.runtime === input.runtime ? row.entrypoint : '';
    const spec = toSpec(input, {
      entrypoint,
      outSchema: row.outSchema as ActionSpec['outSchema'],
      concurrency: row.concurrency as ActionSpec['concurrency'],
      limits: row.limits as ActionSpec['limits'],
      requiredRuntimes: row.requiredRuntimes as ActionSpec['requiredRuntimes'],
      parameterDelivery: row.parameterDelivery,
      parameterFormat: row.parameterFormat,
      defaultPermissionSetRefs: row.defaultPermissionSetRefs,
    });
    // Also those that it has already: whoever writes its code decides what is done with them.
    await requireHeld(tx, actor, spec.defaultPermissionSetRefs, row, 'defaultPermissionSetRefs');
    const saved = await saveAction(tx, row, spec, authorOf(actor));
    if (!saved) throw await stale();
    await tellChange(tx, actor, 'action', saved, 'updated', { revision: saved.revision });
    return toAction(saved, actor);
  });
}

/** Removes an action that nothing names any more. @throws DomainError action_in_use */
export async function removeAction(actor: Actor, ref: string): Promise<null> {
  requireRight(actor, 'delete', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getActionRow(tx, actor.tenantId, ref);
    requireOwn(actor.tenantId, row);
    requireOwnCode(row);
    const users = await listUsersOfAction(tx, actor.tenantId, ref);
    if (users.length > 0) {
      throw conflict(
        'action_in_use',
        `${ref} is used by ${users.join(', ')}. Take it out there first, then remove it.`,
      );
    }
    await tx.prisma.action.delete({ where: { id: row.id } });
    tx.afterCommit(forgetActions);
    await tellChange(tx, actor, 'action', row, 'deleted');
    return null;
  });
}

function requireOwnCode(row: { ref: string; runtime: string }): void {
  if (row.runtime === 'workflow') {
    throw invalid(`${row.ref} is a workflow: change or remove it on its canvas.`, [], 'action_is_workflow');
  }
  if (row.runtime === 'native') {
    throw invalid(`${row.ref} is built in and has no code to change.`, [], 'action_is_native');
  }
}

/** What a save writes; `kept` is what stays where the input says nothing. */
function toSpec(
  input: CreateAction | UpdateAction,
  kept: Pick<
    ActionSpec,
    | 'entrypoint'
    | 'outSchema'
    | 'concurrency'
    | 'limits'
    | 'requiredRuntimes'
    | 'parameterDelivery'
    | 'parameterFormat'
    | 'defaultPermissionSetRefs'
  >,
): ActionSpec {
  const paramSchema = toJsonSchema(input.paramSchema);
  const concurrency = input.concurrency === undefined ? kept.concurrency : input.concurrency;
  requireKey(concurrency?.key, paramSchema);
  requireDeclaration(input.runtime, input.code);
  return {
    label: input.label,
    description: input.description,
    runtime: input.runtime,
    entrypoint: kept.entrypoint,
    code: input.code,
    paramSchema,
    outSchema: kept.outSchema,
    outputFormat: input.outputFormat,
    parameterDelivery: input.parameterDelivery ?? kept.parameterDelivery,
    parameterFormat: input.parameterFormat ?? kept.parameterFormat,
    timeoutSeconds: input.timeoutSeconds,
    idempotent: input.idempotent,
    concurrency,
    limits: input.limits ?? kept.limits,
    requiredRuntimes: input.requiredRuntimes ?? kept.requiredRuntimes,
    defaultPermissionSetRefs: [...new Set(input.defaultPermissionSetRefs ?? kept.defaultPermissionSetRefs)],
  };
}

function requireKey(key: string | undefined, paramSchema: ActionSpec['paramSchema']): void {
  if (key === undefined) return;
  const [first] = checkConcurrencyKey(key, paramSchema).filter(({ severity }) => severity === 'error');
  if (!first) return;
  const message = `${first.message} ${first.repair}`;
  throw invalid(
    `The concurrency key cannot be used: ${message}`,
    [{ path: 'concurrency.key', message }],
    'invalid_concurrency_key',
  );
}
