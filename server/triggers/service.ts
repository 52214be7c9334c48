import { toJsonSchema } from '@/engine/definition/parameters';
import { conflict, DomainError, invalid } from '@/engine/errors';
import { inConfiguration, inTenant, type ConfigurationTx } from '../db';
import { recordEvent } from '../events/store';
import type { JsonObject } from '../fields';
import type { Prisma, Trigger as TriggerRow } from '../generated/prisma/client';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireOwn, requireRefInPack, targetOf } from '../packs/refs';
import { getPackToAddTo } from '../packs/store';
import {
  CreateTrigger,
  type EmitEvent,
  type Trigger,
  type TriggerSummary,
  type UpdateTrigger,
} from './schema';
import {
  getTriggerRow,
  listTriggerRows,
  newWebhookKey,
  readFacts,
  toTrigger,
  toTriggerSummary,
} from './store';

/** Every trigger that the actor may read, by ref. */
export async function listTriggers(actor: Actor): Promise<TriggerSummary[]> {
  const rows = await listVisibleTriggers(actor);
  return inConfiguration(actor.tenantId, async (tx) => {
    const facts = await readFacts(
      tx,
      actor.tenantId,
      rows.map((row) => row.ref),
    );
    return rows.map((row) => toTriggerSummary(row, facts.get(row.ref)));
  });
}

/** The same, as they are stored. */
export async function listVisibleTriggers(actor: Actor): Promise<TriggerRow[]> {
  requireRight(actor, 'read', 'triggers');
  const rows = await inConfiguration(actor.tenantId, (tx) => listTriggerRows(tx, actor.tenantId));
  return rows.filter((row) => may(actor, 'read', 'triggers', toTriggerSummary(row, undefined)));
}

/** One trigger as it is stored. @throws DomainError trigger_not_found */
export async function getVisibleTrigger(actor: Actor, ref: string): Promise<TriggerRow> {
  requireRight(actor, 'read', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, (tx) => getTriggerRow(tx, actor.tenantId, ref));
}

/** One trigger; its webhook's address only for those who look after it. @throws DomainError trigger_not_found */
export async function getTrigger(actor: Actor, ref: string): Promise<Trigger> {
  requireRight(actor, 'read', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) =>
    read(tx, actor, await getTriggerRow(tx, actor.tenantId, ref)),
  );
}

/** The new trigger, with a webhook at once if asked. @throws DomainError trigger_exists, pack_not_found */
export async function createTrigger(actor: Actor, given: CreateTrigger): Promise<Trigger> {
  const input = CreateTrigger.parse(given);
  requireRight(actor, 'create', 'triggers', { ref: input.ref, packRef: input.packRef });
  requireSchemas(input);
  return refusingDoubles('trigger', input.ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      const pack = await getPackToAddTo(tx, actor, input.packRef);
      requireRefInPack(input.ref, input.packRef);
      const row = await tx.prisma.trigger.create({
        data: {
          tenantId: actor.tenantId,
          packId: pack.id,
          packRef: pack.ref,
          ref: input.ref,
          label: input.label,
          description: input.description,
          enabled: input.enabled,
          paramSchema: input.paramSchema,
          outSchema: input.outSchema,
          isAdhoc: true,
          webhookEnabled: input.webhook,
          webhookKey: input.webhook ? newWebhookKey() : null,
          createdBy: authorOf(actor),
        },
      });
      await tellChange(tx, actor, 'trigger', row, 'created', { label: row.label });
      return read(tx, actor, row);
    }),
  );
}

/** The trigger with what was given changed; events on a disabled one reach no rule. */
export async function updateTrigger(actor: Actor, input: UpdateTrigger): Promise<Trigger> {
  requireSchemas(input);
  return change(actor, input.ref, () => ({
    ...(input.label === undefined ? {} : { label: input.label }),
    ...(input.description === undefined ? {} : { description: input.description }),
    ...(input.enabled === undefined ? {} : { enabled: input.enabled }),
    ...(input.paramSchema === undefined ? {} : { paramSchema: input.paramSchema }),
    ...(input.outSchema === undefined ? {} : { outSchema: input.outSchema }),
  }));
}

/** Turns the webhook on, with a new key unless it is on already. */
export async function enableWebhook(actor: Actor, ref: string): Promise<Trigger> {
  return change(actor, ref, (row) => ({
    webhookEnabled: true,
    webhookKey: row.webhookKey ?? newWebhookKey(),
  }));
}

/** Turns the webhook off and forgets its key: the old address is gone for good. */
export async function disableWebhook(actor: Actor, ref: string): Promise<Trigger> {
  return change(actor, ref, () => ({ webhookEnabled: false, webhookKey: null }));
}

/** Gives the webhook a new address; the old one is gone at once. @throws DomainError webhook_disabled */
export async function regenerateWebhook(actor: Actor, ref: string): Promise<Trigger> {
  return change(actor, ref, (row) => {
    if (!row.webhookEnabled) {
      throw invalid(
        `The webhook of ${ref} is off, so it has no address to renew. Turn it on first.`,
        [],
        'webhook_disabled',
      );
    }
    return { webhookKey: newWebhookKey() };
  });
}

/** Makes an event by hand, as if it had happened; rules are asked as ever. @throws DomainError trigger_disabled */
export async function emitEvent(actor: Actor, input: EmitEvent): Promise<{ eventId: number }> {
  requireRight(actor, 'execute', 'executions', targetOf(input.ref));
  const trigger = await inConfiguration(actor.tenantId, (tx) => getTriggerRow(tx, actor.tenantId, input.ref));
  if (!trigger.enabled) {
    throw conflict('trigger_disabled', `The trigger ${input.ref} is off. Turn it on, then send the event.`);
  }
  return inTenant(actor.tenantId, (tx) =>
    recordEvent(tx, {
      tenantId: actor.tenantId,
      triggerRef: trigger.ref,
      triggerId: Number(trigger.id),
      source: 'manual',
      payload: input.payload,
      headers: {},
      actorId: authorOf(actor),
    }),
  );
}

/** Removes a trigger that no rule names any more; its events stay. @throws DomainError trigger_in_use */
export async function removeTrigger(actor: Actor, ref: string): Promise<null> {
  requireRight(actor, 'delete', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getTriggerRow(tx, actor.tenantId, ref);
    requireOwn(actor.tenantId, row);
    const rules = await tx.prisma.rule.findMany({
      where: { tenantId: actor.tenantId, triggerRef: ref },
      select: { ref: true },
      take: 20,
    });
    if (rules.length > 0) {
      const names = rules.map((rule) => rule.ref).join(', ');
      throw conflict(
        'trigger_in_use',
        `${ref} is used by the rules ${names}. Change or remove them first, then remove it.`,
      );
    }
    await tx.prisma.trigger.delete({ where: { id: row.id } });
    await tellChange(tx, actor, 'trigger', row, 'deleted');
    return null;
  });
}

/** Schemas are kept as they were written; that they can be read is asked here. @throws DomainError invalid_parameters */
function requireSchemas(given: {
  paramSchema?: JsonObject | undefined;
  outSchema?: JsonObject | undefined;
}): void {
  for (const key of ['paramSchema', 'outSchema'] as const) {
    try {
      toJsonSchema(given[key] ?? {});
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const details = error.details.map(({ path, message }) => ({ path: `${key}.${path}`, message }));
      const told = details.map(({ path, message }) => `${path} ${message}`).join('; ');
      throw invalid(`The schema cannot be read: ${told}.`, details, error.code);
    }
  }
}

async function change(
  actor: Actor,
  ref: string,
  decide: (row: TriggerRow) => Prisma.TriggerUpdateInput,
): Promise<Trigger> {
  requireRight(actor, 'update', 'triggers', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const seen = await getTriggerRow(tx, actor.tenantId, ref);
    requireOwn(actor.tenantId, seen);
    // Two people at one switch: the second sees what the first did.
    await tx.query('SELECT 1 FROM trigger WHERE id = $1::bigint FOR UPDATE', [Number(seen.id)]);
    const row = await getTriggerRow(tx, actor.tenantId, ref);
    const saved = await tx.prisma.trigger.update({
      where: { id: row.id },
      data: { ...decide(row), updated: new Date() },
    });
    await tellChange(tx, actor, 'trigger', saved, 'updated', {
      enabled: saved.enabled,
      webhookEnabled: saved.webhookEnabled,
    });
    return read(tx, actor, saved);
  });
}

async function read(tx: ConfigurationTx, actor: Actor, row: TriggerRow): Promise<Trigger> {
  const facts = await readFacts(tx, actor.tenantId, [row.ref]);
  return toTrigger(row, facts.get(row.ref), actor);
}
