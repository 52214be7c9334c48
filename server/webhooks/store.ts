import { createHash } from 'node:crypto';
import type { Json } from '@/engine/expression/expression';
import { prepare, querySystem, type Sql, type Tx } from '../db';
import type { JsonObject } from '../fields';
import type { Sealed, Sealing } from '../sealing/seal';
import { Gather } from '../gather';
import type { Hook } from './hooks';
import type { Delivery, DeliveryDetails, Verdict, WebhookConfig } from './schema';

/** What a secret's seal is bound to, beside its tenant. */
export function contextOf(triggerId: number): string {
  return `webhook:${triggerId}`;
}

/** The same secret with the newest master key, or null where it is already. @throws SealBroken */
export function resealSecret(
  sealing: Sealing,
  { tenantId, triggerId }: { tenantId: number; triggerId: number },
  sealed: Sealed,
): Sealed | null {
  return sealing.reseal(tenantId, contextOf(triggerId), sealed);
}

export async function hasSecret(sql: Sql, tenantId: number, triggerId: number): Promise<boolean> {
  const rows = await sql.query(
    'SELECT 1 FROM webhook_secret WHERE tenant_id = $1::bigint AND trigger_id = $2::bigint',
    [tenantId, triggerId],
  );
  return rows.length > 0;
}

/** Puts the sealed secret in place of the one before; null takes it away. */
export async function saveSecret(
  sql: Sql,
  tenantId: number,
  triggerId: number,
  sealed: Sealed | null,
): Promise<void> {
  if (sealed === null)
    await sql.query('DELETE FROM webhook_secret WHERE tenant_id = $1::bigint AND trigger_id = $2::bigint', [
      tenantId,
      triggerId,
    ]);
  else
    await sql.query(
      `INSERT INTO webhook_secret (tenant_id, trigger_id, sealed) VALUES ($1::bigint, $2::bigint, $3::bytea)
       ON CONFLICT (tenant_id, trigger_id) DO UPDATE SET sealed = EXCLUDED.sealed`,
      [tenantId, triggerId, sealed],
    );
}

/**
 * Counts one call, whichever process took it: null where it fits, else the seconds until the window is over. A window begins
 * with the first call after the one before it.
 */
export async function countCall(hook: Hook, limit: WebhookConfig['rate_limit']): Promise<number | null> {
  const { tenantId, triggerId, used, windowSeconds } = hook;
  // What is refused anyway costs the database no more than the look-up did.
  if (
    used !== null &&
    windowSeconds !== null &&
    used >= limit.requests &&
    windowSeconds < limit.window_seconds
  )
    return limit.window_seconds - windowSeconds;
  const fits = await querySystem(
    `INSERT INTO webhook_rate AS r (tenant_id, trigger_id, window_start, used) VALUES ($1, $2, clock_timestamp(), 1)
     ON CONFLICT (tenant_id, trigger_id) DO UPDATE SET
       used = CASE WHEN r.window_start + make_interval(secs => $4) <= clock_timestamp() THEN 1 ELSE r.used + 1 END,
       window_start = CASE WHEN r.window_start + make_interval(secs => $4) <= clock_timestamp() THEN clock_timestamp() ELSE r.window_start END
     WHERE r.used < $3 OR r.window_start + make_interval(secs => $4) <= clock_timestamp()
     RETURNING 1`,
    [tenantId, triggerId, limit.requests, limit.window_seconds],
  );
  if (fits.length > 0) return null;
  const [row] = await querySystem<{ seconds: number }>(
    `SELECT extract(epoch FROM window_start + make_interval(secs => $3) - clock_timestamp())::float8 AS seconds
     FROM webhook_rate WHERE tenant_id = $1 AND trigger_id = $2`,
    [tenantId, triggerId, limit.window_seconds],
  );
  return Math.max(row?.seconds ?? 1, 0.001);
}

/** What a delivery that came before led to. */
export interface Seen {
  eventId: number;
  receivedAt: Date;
}

/**
 * Takes the name that the sender gave its delivery, in the caller's transaction; null where it is new. Of many at once one is
 * first, and the others wait for it to commit.
 */
export async function takeName(tx: Tx, hook: Hook, name: string): Promise<Seen | null> {
  const values = [hook.tenantId, hook.triggerId, toHash(name)];
  const taken = await tx.query(
    'INSERT INTO webhook_seen (tenant_id, trigger_id, name_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1',
    values,
  );
  if (taken.length > 0) return null;
  const [seen] = await tx.query<Seen>(
    `SELECT event_id AS "eventId", received_at AS "receivedAt" FROM webhook_seen WHERE tenant_id = $1 AND trigger_id = $2 AND name_hash = $3`,
    values,
  );
  return seen ?? null;
}

/** Says which event the name led to. */
export async function nameEvent(tx: Tx, hook: Hook, name: string, eventId: number): Promise<void> {
  await tx.query(
    'UPDATE webhook_seen SET event_id = $4 WHERE tenant_id = $1 AND trigger_id = $2 AND name_hash = $3',
    [hook.tenantId, hook.triggerId, toHash(name), eventId],
  );
}

const toHash = (name: string) => createHash('sha256').update(name, 'utf8').digest();

export interface NewDelivery {
  verdict: Verdict;
  status: number;
  reason: string;
  address: string;
  sizeBytes: number;
  eventId: number | null;
  redeliveryOf?: number;
  headers?: JsonObject;
  body?: string | null;
  unkept?: number;
}

/**
 * Writes a delivery down, while the webhook is still on and has this key (a null key does not ask).
 * Gives its id, or null where it is not.
 */
export async function insertDelivery(
  sql: Sql,
  { tenantId, triggerId, key }: Pick<Hook, 'tenantId' | 'triggerId'> & { key: string | null },
  delivery: NewDelivery,
): Promise<number | null> {
  const [row] = await sql.query<{ id: number }>(
    `INSERT INTO webhook_delivery (tenant_id, trigger_id, verdict, status, reason, address, size_bytes, event_id, redelivery_of, headers, body, unkept)
     SELECT tenant_id, id, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM trigger
     WHERE tenant_id = $1 AND id = $2 AND ($3::text IS NULL OR (webhook_key = $3 AND webhook_enabled AND enabled)) RETURNING id`,
    [
      ...[tenantId, triggerId, key, delivery.verdict, delivery.status, delivery.reason.slice(0, 1_000)],
      ...[delivery.address, delivery.sizeBytes, delivery.eventId, delivery.redeliveryOf ?? null],
      ...[delivery.headers ? JSON.stringify(delivery.headers) : null, delivery.body ?? null],
      delivery.unkept ?? 0,
    ],
  );
  return row?.id ?? null;
}

/** A call that has passed every check. */
interface AcceptedCall extends Pick<Hook, 'tenantId' | 'triggerId' | 'key'> {
  /** The webhook must still be the one that this names; empty where only its key is asked about. */
  version: string;
  payload: Json;
  headers: JsonObject;
  executionId: number | null;
  address: string;
  sizeBytes: number;
}
type Accepted = { eventId: number; receivedAt: string } | null;

const acceptStatement = prepare(
  `SELECT place, event_id AS "eventId", received_at AS "receivedAt"
   FROM attune_accept_calls($1, $2, $3, $4, $5::json[], $6::json[], $7, $8, $9)`,
);

async function acceptTogether(calls: readonly AcceptedCall[]): Promise<Accepted[]> {
  const rows = await querySystem<{ place: number; eventId: number; receivedAt: Date }>(acceptStatement, [
    calls.map(({ tenantId }) => tenantId),
    calls.map(({ triggerId }) => triggerId),
    calls.map(({ key }) => key),
    calls.map(({ version }) => version),
    calls.map(({ payload }) => JSON.stringify(payload)),
    calls.map(({ headers }) => JSON.stringify(headers)),
    calls.map(({ executionId }) => executionId),
    calls.map(({ address }) => address),
    calls.map(({ sizeBytes }) => sizeBytes),
  ]);
  const accepted: Accepted[] = calls.map(() => null);
  for (const { place, eventId, receivedAt } of rows)
    accepted[place - 1] = { eventId, receivedAt: receivedAt.toISOString() };
  return accepted;
}

const acceptances = new Gather(acceptTogether, 1, 50);
/** What is larger is stored by itself: nobody waits for somebody else's megabytes. */
const togetherBytes = 64 * 1024;

/**
 * Stores the event of a call with its bell, and the call, in one statement that is a transaction of its own, together with
 * what else comes at the same time; null where the webhook is not on any more, has another key or is another version.
 */
export async function acceptCall(call: AcceptedCall): Promise<Accepted> {
  if (call.sizeBytes <= togetherBytes) return acceptances.ask(call);
  const [accepted = null] = await acceptTogether([call]);
  return accepted;
}

/** As many as are kept of one webhook, for so many days. */
export const mostDeliveries = 1_000;
const keepDays = 7;

const columns = `id, verdict, status, reason, address, size_bytes, event_id AS event, redelivery_of, unkept, created`;

/** Prisma and pg give the same integers in two types. */
type Loose<Row> = {
  [Key in keyof Row]: number extends Row[Key] ? Row[Key] | bigint : Row[Key];
};
export type DeliveryRow = Loose<Omit<Delivery, 'created' | 'status'>> & { status: number; created: Date };
type DetailsRow = DeliveryRow & Pick<DeliveryDetails, 'headers' | 'body'>;

/** Newest first; of those that are kept only. */
export async function listDeliveryRows(
  sql: Sql,
  tenantId: number,
  triggerId: number,
  filter: { verdict: Verdict | null; before: number | null; limit: number },
): Promise<DeliveryRow[]> {
  return sql.query<DeliveryRow>(
    `SELECT ${columns} FROM (
       SELECT * FROM webhook_delivery WHERE tenant_id = $1::bigint AND trigger_id = $2::bigint
         AND created > clock_timestamp() - make_interval(days => ${keepDays}) ORDER BY id DESC LIMIT ${mostDeliveries}) kept
     WHERE ($3::text IS NULL OR verdict = $3) AND ($4::bigint IS NULL OR id < $4::bigint) ORDER BY id DESC LIMIT $5::int`,
    [tenantId, triggerId, filter.verdict, filter.before, filter.limit],
  );
}

export async function findDelivery(
  sql: Sql,
  tenantId: number,
  triggerId: number,
  id: number,
): Promise<DetailsRow | null> {
  const [row] = await sql.query<DetailsRow>(
    `SELECT ${columns}, headers, body FROM webhook_delivery WHERE tenant_id = $1::bigint AND trigger_id = $2::bigint AND id = $3::bigint`,
    [tenantId, triggerId, id],
  );
  return row ?? null;
}

/** Removes what is kept no longer, of every tenant. Gives how many rows went; at most `limit` of each kind. */
export async function purgeWebhooks(limit: number): Promise<number> {
  const old = (table: string, key: string, moment: string) =>
    querySystem(
      `DELETE FROM ${table} WHERE (${key}) IN (
         SELECT ${key} FROM ${table} WHERE ${moment} < clock_timestamp() - make_interval(days => ${keepDays}) LIMIT $1) RETURNING 1`,
      [limit],
    );
  const surplus = querySystem(
    `DELETE FROM webhook_delivery WHERE (tenant_id, id) IN (
       SELECT d.tenant_id, d.id FROM trigger t
         CROSS JOIN LATERAL (SELECT k.id FROM webhook_delivery k WHERE k.tenant_id = t.tenant_id AND k.trigger_id = t.id
                             ORDER BY k.id DESC OFFSET ${mostDeliveries} LIMIT 1) edge
         JOIN webhook_delivery d ON d.tenant_id = t.tenant_id AND d.trigger_id = t.id AND d.id <= edge.id
       LIMIT $1) RETURNING 1`,
    [limit],
  );
  const gone = await Promise.all([
    old('webhook_seen', 'tenant_id, trigger_id, name_hash', 'received_at'),
    old('webhook_delivery', 'tenant_id, id', 'created'),
    surplus,
  ]);
  return Math.max(...gone.map((rows) => rows.length));
}
