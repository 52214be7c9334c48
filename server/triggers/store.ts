import { randomInt } from 'node:crypto';
import type { ConfigurationTx } from '../db';
import { notFound } from '@/engine/errors';
import { env } from '../env';
import type { Trigger as TriggerRow } from '../generated/prisma/client';
import { may, type Actor } from '../identities/actor';
import { visibleTo } from '../packs/refs';
import type { Trigger, TriggerSummary } from './schema';

export interface TriggerFacts {
  rules: number;
  lastEvent: Date | null;
  sensorRef: string | null;
}

/** Every trigger by ref. */
export async function listTriggerRows(tx: ConfigurationTx, tenantId: number): Promise<TriggerRow[]> {
  return tx.prisma.trigger.findMany({ where: visibleTo(tenantId), orderBy: { ref: 'asc' } });
}

export async function findTrigger(
  tx: ConfigurationTx,
  tenantId: number,
  ref: string,
): Promise<TriggerRow | null> {
  return tx.prisma.trigger.findFirst({
    where: { ref, ...visibleTo(tenantId) },
    orderBy: { tenantId: 'desc' },
  });
}

/** @throws DomainError not_found */
export async function getTriggerRow(tx: ConfigurationTx, tenantId: number, ref: string): Promise<TriggerRow> {
  const row = await findTrigger(tx, tenantId, ref);
  if (!row) throw notFound('trigger', ref);
  return row;
}

/** How many rules of this tenant listen, and when it last saw an event, per trigger. */
export async function readFacts(
  tx: ConfigurationTx,
  tenantId: number,
  refs: readonly string[],
): Promise<Map<string, TriggerFacts>> {
  const rows = await tx.query<{
    ref: string;
    rules: number | bigint;
    lastEvent: Date | null;
    sensorRef: string | null;
  }>(
    `SELECT t.ref,
       (SELECT count(*)::int FROM rule r WHERE r.tenant_id = $1::bigint AND r.trigger_ref = t.ref) AS rules,
       (SELECT e.created FROM event e WHERE e.tenant_id = $1::bigint AND e.trigger_ref = t.ref ORDER BY e.id DESC LIMIT 1) AS "lastEvent",
       (SELECT s.ref FROM sensor s WHERE s.tenant_id IN (1, $1::bigint) AND t.ref = ANY (s.trigger_refs) ORDER BY s.tenant_id DESC, s.id LIMIT 1) AS "sensorRef"
     FROM jsonb_array_elements_text($2::jsonb) AS t(ref)`,
    [tenantId, JSON.stringify(refs)],
  );
  return new Map(rows.map(({ ref, rules, ...facts }) => [ref, { ...facts, rules: Number(rules) }]));
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A new secret address part: 190 random bits. */
export function newWebhookKey(): string {
  return `wh_${Array.from({ length: 32 }, () => base62[randomInt(62)]).join('')}`;
}

/** Where the world posts to. */
export function toWebhookUrl(key: string): string {
  const { ATTUNE_PUBLIC_URL, HOST, PORT } = env();
  const host = HOST === '0.0.0.0' || HOST === '::' ? 'localhost' : HOST.includes(':') ? `[${HOST}]` : HOST;
  const base = ATTUNE_PUBLIC_URL?.replace(/\/+$/, '') ?? `http://${host}:${PORT}`;
  return `${base}/api/v1/webhooks/${key}`;
}

export function toTriggerSummary(row: TriggerRow, facts: TriggerFacts | undefined): TriggerSummary {
  return {
    id: Number(row.id),
    ref: row.ref,
    packRef: row.packRef,
    label: row.label,
    description: row.description,
    enabled: row.enabled,
    isAdhoc: row.isAdhoc,
    webhookEnabled: row.webhookEnabled,
    rules: facts?.rules ?? 0,
    lastEvent: facts?.lastEvent?.toISOString() ?? null,
    updated: row.updated.toISOString(),
  };
}

const targetOf = (row: TriggerRow) => ({ id: Number(row.id), ref: row.ref, packRef: row.packRef });
const isOwn = (row: TriggerRow, actor: Actor) => Number(row.tenantId) === actor.tenantId;

/** Whoever knows the key can make events, so it is shown to those who look after the trigger only. */
export function maySeeKey(row: TriggerRow, actor: Actor): boolean {
  const target = targetOf(row);
  return (
    isOwn(row, actor) && (['update', 'manage'] as const).some((each) => may(actor, each, 'triggers', target))
  );
}

export function toTrigger(row: TriggerRow, facts: TriggerFacts | undefined, actor: Actor): Trigger {
  return {
    ...toTriggerSummary(row, facts),
    webhookUrl:
      row.webhookEnabled && row.webhookKey && maySeeKey(row, actor) ? toWebhookUrl(row.webhookKey) : null,
    paramSchema: row.paramSchema as Trigger['paramSchema'],
    outSchema: row.outSchema as Trigger['outSchema'],
    sensorRef: facts?.sensorRef ?? null,
    mayEdit: isOwn(row, actor) && may(actor, 'update', 'triggers', targetOf(row)),
  };
}
