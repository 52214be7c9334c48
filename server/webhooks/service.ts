import type { z } from 'zod';
import { conflict, invalid, notFound, type ErrorDetail } from '@/engine/errors';
import { inConfiguration, inTenant, type ConfigurationTx } from '../db';
import { recordReplay } from '../events/store';
import type { Trigger as TriggerRow } from '../generated/prisma/client';
import { authorOf, requireRight, type Actor } from '../identities/actor';
import { tellChange } from '../packs/changes';
import { requireOwn, targetOf } from '../packs/refs';
import { seal } from '../sealing/seal';
import { getTriggerRow } from '../triggers/store';
import {
  WebhookConfig,
  type Delivery,
  type DeliveryDetails,
  type ListDeliveries,
  type SaveConfig,
  type ToldConfig,
} from './schema';
import {
  contextOf,
  findDelivery,
  hasSecret,
  insertDelivery,
  listDeliveryRows,
  saveSecret,
  type DeliveryRow,
} from './store';

/**
 * What a webhook asks of its callers, without its secret. Settings that cannot be read come back as those of the beginning:
 * saving them repairs the webhook, which takes no call until then. @throws DomainError trigger_not_found
 */
export async function getConfig(actor: Actor, ref: string): Promise<ToldConfig> {
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await findOwn(tx, actor, ref);
    return tell(tx, row, readConfig(row));
  });
}

/**
 * Changes what is given of it; the secret is sealed. @throws DomainError invalid for signatures without a secret and for a list
 * of addresses that lets nobody in
 */
export async function saveConfig(actor: Actor, ref: string, given: SaveConfig): Promise<ToldConfig> {
  return inConfiguration(actor.tenantId, async (tx) => {
    const seen = await findOwn(tx, actor, ref);
    await tx.query('SELECT 1 FROM trigger WHERE id = $1::bigint FOR UPDATE', [Number(seen.id)]);
    const row = await getTriggerRow(tx, actor.tenantId, ref);
    requireWhole(row, given);
    const config = merge(readConfig(row), given);
    const { hmac } = given;
    const [tenantId, triggerId] = [actor.tenantId, Number(row.id)];
    if (hmac === null) await saveSecret(tx, tenantId, triggerId, null);
    else if (hmac?.secret) {
      const sealed = seal(tenantId, contextOf(triggerId), hmac.secret);
      await saveSecret(tx, tenantId, triggerId, sealed);
    }
    requireWorkable(config, await hasSecret(tx, tenantId, triggerId));
    const saved = await tx.prisma.trigger.update({
      where: { id: row.id },
      data: { webhookConfig: config, updated: new Date() },
    });
    await tellChange(tx, actor, 'trigger', saved, 'updated', { webhookEnabled: saved.webhookEnabled });
    return tell(tx, saved, config);
  });
}

/** The last calls to a trigger's webhook, newest first: at most 1,000, of 7 days. @throws DomainError trigger_not_found */
export async function listDeliveries(
  actor: Actor,
  input: z.infer<typeof ListDeliveries>,
): Promise<{ items: Delivery[]; next: number | null }> {
  return inConfiguration(actor.tenantId, async (tx) => {
    const trigger = await findOwn(tx, actor, input.ref);
    const rows = await listDeliveryRows(tx, actor.tenantId, Number(trigger.id), {
      verdict: input.verdict ?? null,
      before: input.cursor ?? null,
      limit: input.limit + 1,
    });
    const items = rows.slice(0, input.limit).map(toDelivery);
    return { items, next: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null };
  });
}

/** One call, with what was sent where it was refused. @throws DomainError delivery_not_found */
export async function getDelivery(actor: Actor, ref: string, id: number): Promise<DeliveryDetails> {
  return inConfiguration(actor.tenantId, async (tx) => {
    const trigger = await findOwn(tx, actor, ref);
    const row = await findDelivery(tx, actor.tenantId, Number(trigger.id), id);
    if (!row) throw notFound('delivery', id);
    return { ...toDelivery(row), headers: row.headers, body: row.body };
  });
}

/**
 * Makes the event of an accepted call once more, on purpose: a new event that says which one it repeats. Whoever may send
 * events may. @throws DomainError delivery_not_found, trigger_disabled, delivery_without_event, event_not_found
 */
export async function redeliver(actor: Actor, ref: string, id: number): Promise<{ eventId: number }> {
  const trigger = await inConfiguration(actor.tenantId, (tx) => findOwn(tx, actor, ref));
  requireRight(actor, 'execute', 'executions', targetOf(ref));
  const [tenantId, triggerId] = [actor.tenantId, Number(trigger.id)];
  if (!trigger.enabled)
    throw conflict('trigger_disabled', `The trigger ${ref} is off. Turn it on, then send the event.`);
  return inTenant(tenantId, async (tx) => {
    const delivery = await findDelivery(tx, tenantId, triggerId, id);
    if (!delivery) throw notFound('delivery', id);
    const firstId = delivery.event === null ? null : Number(delivery.event);
    if (firstId === null)
      throw conflict('delivery_without_event', `The call ${id} was refused, so there is nothing to repeat.`);
    const eventId = await recordReplay(tx, tenantId, {
      of: firstId,
      // No header can be called that.
      headers: { ':redelivery_of': firstId },
      actorId: authorOf(actor),
      executionId: actor.execution?.id ?? null,
    });
    if (eventId === null) throw notFound('event', firstId);
    await insertDelivery(
      tx,
      { tenantId, triggerId, key: null },
      {
        ...{ verdict: 'accepted', status: 200, reason: '', eventId, redeliveryOf: id },
        ...{ address: actor.address, sizeBytes: Number(delivery.size_bytes) },
      },
    );
    return { eventId };
  });
}

/** Settings and calls are for those who look after the trigger. */
async function findOwn(tx: ConfigurationTx, actor: Actor, ref: string): Promise<TriggerRow> {
  requireRight(actor, 'update', 'triggers', targetOf(ref));
  const row = await getTriggerRow(tx, actor.tenantId, ref);
  requireOwn(actor.tenantId, row);
  return row;
}

function readConfig(row: TriggerRow): WebhookConfig {
  const read = WebhookConfig.safeParse(row.webhookConfig);
  return read.success ? read.data : WebhookConfig.parse({});
}

/** Of broken settings nobody knows what they asked for: a part of new ones must not open the rest. */
function requireWhole(row: TriggerRow, given: SaveConfig): void {
  if (WebhookConfig.safeParse(row.webhookConfig).success) return;
  const missing = (['hmac', 'rate_limit', 'ip_whitelist'] as const).filter(
    (part) => given[part] === undefined,
  );
  if (missing.length === 0) return;
  throw invalid(
    `The stored settings are broken. Say all of them anew; still missing: ${missing.join(', ')}.`,
    missing.map((path) => ({ path, message: 'must be said anew' })),
  );
}

async function tell(tx: ConfigurationTx, row: TriggerRow, config: WebhookConfig): Promise<ToldConfig> {
  const has_secret = await hasSecret(tx, Number(row.tenantId), Number(row.id));
  return { ...config, hmac: { ...config.hmac, has_secret } };
}

function merge(now: WebhookConfig, given: SaveConfig): WebhookConfig {
  const first = WebhookConfig.parse({});
  const { secret: _, ...hmac } = given.hmac ?? {};
  const merged = {
    hmac: given.hmac === null ? first.hmac : over(now.hmac, hmac),
    rate_limit: given.rate_limit === null ? first.rate_limit : over(now.rate_limit, given.rate_limit ?? {}),
    ip_whitelist:
      given.ip_whitelist === null ? first.ip_whitelist : over(now.ip_whitelist, given.ip_whitelist ?? {}),
    payload_size_limit_kb:
      given.payload_size_limit_kb === undefined ? now.payload_size_limit_kb : given.payload_size_limit_kb,
    dedupe_header: given.dedupe_header === undefined ? now.dedupe_header : given.dedupe_header,
    response_mode: given.response_mode === undefined ? now.response_mode : (given.response_mode ?? 'async'),
    sync_timeout_seconds:
      given.sync_timeout_seconds === undefined
        ? now.sync_timeout_seconds
        : (given.sync_timeout_seconds ?? first.sync_timeout_seconds),
  };
  // GitHub names every delivery; whoever takes its form gets the check with it.
  if (hmac.scheme === 'github' && now.hmac.scheme !== 'github' && given.dedupe_header === undefined)
    merged.dedupe_header ??= 'X-GitHub-Delivery';
  return WebhookConfig.parse(merged);
}

/** What is undefined was not given. */
function over<Part extends object>(now: Part, given: { [Key in keyof Part]?: unknown }): object {
  return { ...now, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

function requireWorkable(config: WebhookConfig, isSecretThere: boolean): void {
  const details: ErrorDetail[] = [];
  if (config.hmac.enabled && !isSecretThere)
    details.push({
      path: 'hmac.secret',
      message: 'is missing: what callers sign with must be known here too',
    });
  if (config.ip_whitelist.enabled && config.ip_whitelist.ips.length === 0)
    details.push({
      path: 'ip_whitelist.ips',
      message: 'is empty: nobody could call. Name an address or a range',
    });
  if (details.length > 0)
    throw invalid(
      `The settings do not work: ${details.map((each) => `${each.path} ${each.message}`).join('; ')}.`,
      details,
    );
}

function toDelivery(row: DeliveryRow): Delivery {
  const { id, verdict, status, reason, address, size_bytes, event, redelivery_of, unkept, created } = row;
  return {
    ...{ id: Number(id), verdict, status, reason, address, size_bytes: Number(size_bytes) },
    event: event === null ? null : Number(event),
    redelivery_of: redelivery_of === null ? null : Number(redelivery_of),
    unkept: Number(unkept),
    created: created.toISOString(),
  };
}
