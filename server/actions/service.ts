import { checkConcurrencyKey } from '@/engine/definition/concurrency';
import { toJsonSchema } from '@/engine/definition/parameters';
import { conflict, invalid } from '@/engine/errors';
import { inConfiguration } from '../db';
import { forgetActions } from '../executions/action-facts';
import type { Action as ActionRow } from '../generated/prisma/client';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { requireHeld } from '../identities/held-sets';
import { displayNames, toMoment } from '../packs/authors';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireOwn, requireRefInPack, targetOf } from '../packs/refs';
import { getPackToAddTo } from '../packs/store';
import { requireDeclaration } from './declaration';
import type { Action, ActionSummary, CatalogEntry, CreateAction, UpdateAction } from './schema';
import {
  getActionRow,
  insertAction,
  listActionRows,
  listCatalogRows,
  listUsersOfAction,
  saveAction,
  specOf,
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
  const spec = toSpec(input, {
    runtimeRef: null,
    entrypoint: '',
    outSchema: null,
    concurrency: null,
    limits: {},
    requiredRuntimes: {},
    parameterDelivery: 'stdin',
    parameterFormat: 'json',
    defaultPermissionSetRefs: [],
  });
  return toAction(await createFromSpec(actor, input, spec), actor);
}

/** The new action as it is to be stored. @throws DomainError action_exists, pack_not_found */
export async function createFromSpec(
  actor: Actor,
  { ref, packRef }: { ref: string; packRef: string },
  spec: ActionSpec,
): Promise<ActionRow> {
  requireRight(actor, 'create', 'actions', { ref, packRef });
  requireUsable(spec);
  return refusingDoubles('action', ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      const pack = await getPackToAddTo(tx, actor, packRef);
      requireRefInPack(ref, packRef);
      await requireHeld(
        tx,
        actor,
        spec.defaultPermissionSetRefs,
        { ref, packRef },
        'defaultPermissionSetRefs',
      );
      const owner = {
        tenantId: actor.tenantId,
        packId: pack.id,
        packRef: pack.ref,
        actorId: authorOf(actor),
        isAdhoc: true,
      };
      const row = await insertAction(tx, owner, ref, spec);
      await tellChange(tx, actor, 'action', row, 'created', { label: row.label, runtime: row.runtime });
      return row;
    }),
  );
}

/** The action at its next revision. @throws DomainError stale_action when `revision` is not the newest */
export async function updateAction(actor: Actor, input: UpdateAction): Promise<Action> {
  const row = await updateFromSpec(actor, input.ref, input.revision, (kept) => {
    // Once edited here, the file that it was loaded from is no longer its source.
    const isSame = (kept.code ?? '') === input.code && kept.runtime === input.runtime;
    const spec = toSpec(input, { ...kept, entrypoint: isSame ? kept.entrypoint : '' });
    return isSame ? { ...spec, code: kept.code } : spec;
  });
  return toAction(row, actor);
}

/** The action as `change` has it, at its next revision. @throws DomainError stale_action, where a `revision` is named */
export async function updateFromSpec(
  actor: Actor,
  ref: string,
  revision: number | null,
  change: (kept: ActionSpec) => ActionSpec,
): Promise<ActionRow> {
  requireRight(actor, 'update', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getActionRow(tx, actor.tenantId, ref);
    requireOwn(actor.tenantId, row);
    requireOwnCode(row);
    const stale = async () => {
      const now = await getActionRow(tx, actor.tenantId, ref);
      const names = await displayNames(tx, actor.tenantId, [now.updatedBy]);
      const who = names.get(Number(now.updatedBy)) ?? 'Somebody else';
      return conflict(
        'stale_action',
        `${who} saved ${ref} at ${toMoment(now.updated)} (revision ${now.revision}; yours began at ${revision ?? row.revision}). Load it again and repeat your changes.`,
      );
    };
    if (revision !== null && row.revision !== revision) throw await stale();
    const spec = change(specOf(row));
    requireUsable(spec);
    // Also those that it has already: whoever writes its code decides what is done with them.
    await requireHeld(tx, actor, spec.defaultPermissionSetRefs, row, 'defaultPermissionSetRefs');
    const saved = await saveAction(tx, row, spec, authorOf(actor));
    if (!saved) throw await stale();
    await tellChange(tx, actor, 'action', saved, 'updated', { revision: saved.revision });
    return saved;
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
    | 'runtimeRef'
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
  return {
    label: input.label,
    description: input.description,
    runtime: input.runtime,
    runtimeRef: null,
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

function requireUsable({ concurrency, paramSchema, runtime, code }: ActionSpec): void {
  requireKey(concurrency?.key, paramSchema);
  if (code !== null) requireDeclaration(runtime, code);
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
