import { querySystem, type Sql, type Tx } from '../db';
import type { Sealing } from '../sealing/seal';

/** A request as it is known again: by whom, and under which key. */
export interface KeyName {
  tenantId: number;
  caller: string;
  key: string;
}

export interface KeyRow {
  route: string;
  sealed: Buffer;
  status: number | null;
  isOver: boolean;
  /** Its process has let its lease run out. */
  isLost: boolean;
  tookEffect: boolean;
}

/** How long a request may be silent before it counts as lost with its process. */
const leaseSeconds = 30;
export const renewMs = 10_000;

const named = ({ tenantId, caller, key }: KeyName) => [tenantId, caller, key];

/** Takes the key for a request; false where it is taken. */
export async function insertKey(
  tx: Tx,
  name: KeyName,
  row: { route: string; sealed: Buffer; holder: string },
): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO idempotency_key (tenant_id, caller, key, route, sealed, holder, lease_until)
     VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))
     ON CONFLICT (tenant_id, caller, key) DO NOTHING RETURNING key`,
    [...named(name), row.route, row.sealed, row.holder, leaseSeconds],
  );
  return rows.length > 0;
}

/** The row, locked until the transaction ends. */
export async function lockKey(tx: Tx, name: KeyName): Promise<KeyRow | null> {
  const [row] = await tx.query<KeyRow>(
    `SELECT route, sealed, status, created < clock_timestamp() - interval '24 hours' AS "isOver",
       lease_until < clock_timestamp() AS "isLost", took_effect AS "tookEffect"
     FROM idempotency_key WHERE tenant_id = $1 AND caller = $2 AND key = $3 FOR UPDATE`,
    named(name),
  );
  return row ?? null;
}

export async function deleteKey(tx: Tx, name: KeyName): Promise<void> {
  await tx.query(
    'DELETE FROM idempotency_key WHERE tenant_id = $1 AND caller = $2 AND key = $3',
    named(name),
  );
}

export async function renewKey(sql: Sql, name: KeyName, holder: string): Promise<void> {
  await sql.query(
    `UPDATE idempotency_key SET lease_until = clock_timestamp() + make_interval(secs => $5)
     WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND holder = $4 AND status IS NULL`,
    [...named(name), holder, leaseSeconds],
  );
}

/** Notes that the request has written something; false where it is not its key any more. */
export async function markEffect(sql: Sql, name: KeyName, holder: string): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE idempotency_key SET took_effect = true WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND holder = $4::uuid
     RETURNING key`,
    [...named(name), holder],
  );
  return rows.length > 0;
}

export async function storeAnswer(
  tx: Tx,
  name: KeyName,
  answer: { holder: string; sealed: Buffer; status: number },
): Promise<void> {
  await tx.query(
    `UPDATE idempotency_key SET sealed = $5, status = $6 WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND holder = $4`,
    [...named(name), answer.holder, answer.sealed, answer.status],
  );
}

/** Gives the key back: at once, or where the request has written something, for good without an answer. */
export async function releaseKey(tx: Tx, name: KeyName, holder: string): Promise<void> {
  await tx.query(
    'DELETE FROM idempotency_key WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND holder = $4 AND NOT took_effect',
    [...named(name), holder],
  );
  await tx.query(
    `UPDATE idempotency_key SET lease_until = clock_timestamp() WHERE tenant_id = $1 AND caller = $2 AND key = $3 AND holder = $4`,
    [...named(name), holder],
  );
}

/** Removes keys of more than a day ago; gives how many. */
export async function purgeIdempotencyKeys(limit: number): Promise<number> {
  const rows = await querySystem(
    `DELETE FROM idempotency_key WHERE (tenant_id, caller, key) IN (
       SELECT tenant_id, caller, key FROM idempotency_key WHERE created < clock_timestamp() - interval '24 hours' LIMIT $1
     ) RETURNING key`,
    [limit],
  );
  return rows.length;
}

/** Where a row is sealed. */
export const contextOf = ({ caller, key }: Pick<KeyName, 'caller' | 'key'>) => `idempotency:${caller}:${key}`;

export function resealAnswer(sealing: Sealing, name: KeyName, sealed: Buffer): Buffer | null {
  return sealing.reseal(name.tenantId, contextOf(name), sealed);
}
