import type { Sql, Tx } from '../db';
import type { Actor } from './actor';
import { newcomerGrants } from './permission-sets';
import { Grant } from './schema';

/** An actor as the database knows it: without where and how the call came in. */
export type StoredActor = Omit<Actor, 'address' | 'requestId'>;

interface ActorRow {
  sessionId: number;
  identityId: number;
  tenantId: number;
  tenantName: string;
  login: string;
  displayName: string;
  held: { ref: string; packRef: string | null; grants: unknown[] }[];
  groups: string[];
  othersPacks: string[] | null;
  isStale: boolean;
}

/**
 * The sets that an identity holds (`permission_set_id`, `pack_ref` where it is for one pack alone), and what gives them
 * (`via`): itself, one of its teams, or one of its roles.
 */
export function setsOfIdentity(tenantId: string, identityId: string): string {
  return `SELECT a.id AS assignment_id, a.permission_set_id, a.pack_ref, 'identity' AS via, NULL AS name FROM permission_assignment a
      WHERE a.tenant_id = ${tenantId} AND a.identity_id = ${identityId}
    UNION ALL SELECT a.id, a.permission_set_id, a.pack_ref, 'team', k.name FROM team_member m
      JOIN permission_assignment a ON a.tenant_id = m.tenant_id AND a.team_id = m.team_id
      JOIN team k ON k.tenant_id = m.tenant_id AND k.id = m.team_id
      WHERE m.tenant_id = ${tenantId} AND m.identity_id = ${identityId}
    UNION ALL SELECT r.id, r.permission_set_id, r.pack_ref, 'role', m.role FROM identity_role m
      JOIN permission_set_role r ON r.tenant_id = m.tenant_id AND r.role = m.role
      WHERE m.tenant_id = ${tenantId} AND m.identity_id = ${identityId}`;
}

const selectActor = `
  SELECT s.id AS "sessionId", i.id AS "identityId", i.tenant_id AS "tenantId", t.name AS "tenantName", i.login,
    i.display_name AS "displayName", coalesce(g.held, '[]') AS held,
    ARRAY(SELECT 'team:' || k.name FROM team_member m JOIN team k ON k.tenant_id = m.tenant_id AND k.id = m.team_id
        WHERE m.tenant_id = i.tenant_id AND m.identity_id = i.id
      UNION SELECT 'role:' || m.role FROM identity_role m WHERE m.tenant_id = i.tenant_id AND m.identity_id = i.id) AS groups,
    (SELECT array_agg(p.ref) FROM pack p WHERE p.tenant_id = i.tenant_id AND p.visibility = 'private' AND p.created_by IS DISTINCT FROM i.id)
      AS "othersPacks",
    s.last_seen < now() - interval '1 minute' AS "isStale"
  FROM session s
  JOIN identity i ON i.id = s.identity_id AND i.tenant_id = s.tenant_id
  JOIN tenant t ON t.id = i.tenant_id
  LEFT JOIN identity h ON h.id = i.home_id
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(DISTINCT jsonb_build_object('ref', p.ref, 'packRef', x.pack_ref, 'grants', p.grants)) AS held
    FROM permission_set p JOIN (${setsOfIdentity('i.tenant_id', 'i.id')}) x ON x.permission_set_id = p.id
    WHERE p.tenant_id IN (1, i.tenant_id)
  ) g ON true
  WHERE s.expires_at > now() AND NOT i.frozen AND h.frozen IS NOT TRUE AND t.suspended_at IS NULL`;

/** What a set gives that is held for one pack alone: what cannot lie in a pack is not among it. */
export function withinPack(grants: readonly Grant[], packRef: string | null): Grant[] {
  if (packRef === null) return [...grants];
  return grants.flatMap((grant) => {
    const named = grant.constraints?.pack_refs;
    if (named && !named.includes(packRef)) return [];
    return { ...grant, constraints: { ...grant.constraints, pack_refs: [packRef] } };
  });
}

/** Of the private packs of others, those that no grant names: a broad grant does not reveal them. */
export function toHidden(packRefs: readonly string[], grants: readonly Grant[]): string[] {
  return packRefs.filter((ref) => !grants.some(({ constraints }) => constraints?.pack_refs?.includes(ref)));
}

function toActor(row: ActorRow): StoredActor {
  // A grant that this version does not know gives nothing.
  const held = row.held.flatMap(({ packRef, grants }) =>
    withinPack(
      grants.flatMap((grant) => Grant.safeParse(grant).data ?? []),
      packRef,
    ),
  );
  const grants = row.held.length > 0 ? held : newcomerGrants(row.login);
  return {
    identityId: row.identityId,
    tenantId: row.tenantId,
    tenantName: row.tenantName,
    login: row.login,
    displayName: row.displayName,
    permissionSets: row.held.flatMap(({ ref, packRef }) => (packRef === null ? [ref] : [])).sort(),
    groups: row.groups,
    grants,
    hiddenPacks: toHidden(row.othersPacks ?? [], grants),
    sessionId: row.sessionId,
  };
}

/** Who a live session belongs to, and whether its last sight is over a minute old. */
export async function findActorByToken(
  sql: Sql,
  tokenHash: Buffer,
): Promise<{ actor: StoredActor; isStale: boolean } | null> {
  const [row] = await sql.query<ActorRow>(`${selectActor} AND s.token_hash = $1`, [tokenHash]);
  return row ? { actor: toActor(row), isStale: row.isStale } : null;
}

export async function findActorBySession(sql: Sql, sessionId: number): Promise<StoredActor | null> {
  const [row] = await sql.query<ActorRow>(`${selectActor} AND s.id = $1`, [sessionId]);
  return row ? toActor(row) : null;
}

/** Moves the end of a session on; at most one of many requests at once does it. */
export async function touchSession(sql: Sql, sessionId: number, days: number): Promise<void> {
  await sql.query(
    `UPDATE session SET last_seen = now(), expires_at = now() + make_interval(days => $2)
     WHERE id = $1 AND last_seen < now() - interval '1 minute'`,
    [sessionId, days],
  );
}

/** Notes that a session was used, without moving its end on. */
export async function noteSeen(sql: Sql, sessionId: number): Promise<void> {
  await sql.query(
    "UPDATE session SET last_seen = now() WHERE id = $1 AND last_seen < now() - interval '1 minute'",
    [sessionId],
  );
}

export interface SignInCandidate {
  identityId: number;
  tenantId: number;
  passwordHash: string | null;
  frozen: boolean;
}

export async function findByLogin(sql: Sql, login: string): Promise<SignInCandidate | null> {
  const [row] = await sql.query<SignInCandidate>(
    `SELECT i.id AS "identityId", i.tenant_id AS "tenantId", i.password_hash AS "passwordHash",
       i.frozen OR t.suspended_at IS NOT NULL AS frozen
     FROM identity i JOIN tenant t ON t.id = i.tenant_id WHERE i.login = $1 AND i.home_id IS NULL`,
    [login],
  );
  return row ?? null;
}

export interface NewSession {
  tenantId: number;
  identityId: number;
  tokenHash: Buffer;
  userAgent: string;
  address: string;
  days: number;
  /** What it was exchanged for. (Default: a password) */
  apiTokenId?: number;
}

/** Its id. */
export async function insertSession(tx: Tx, session: NewSession): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `INSERT INTO session (tenant_id, identity_id, token_hash, user_agent, ip, expires_at, api_token_id)
     VALUES ($1, $2, $3, $4, $5, now() + make_interval(days => $6), $7) RETURNING id`,
    [
      session.tenantId,
      session.identityId,
      session.tokenHash,
      session.userAgent.slice(0, 500),
      session.address,
      session.days,
      session.apiTokenId ?? null,
    ],
  );
  if (!row) throw new Error('no session was made');
  return row.id;
}

/** The session ends so many days from now; false when it has ended already. */
export async function extendSession(sql: Sql, sessionId: number, days: number): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE session SET last_seen = now(), expires_at = now() + make_interval(days => $2)
     WHERE id = $1 AND expires_at > now() RETURNING id`,
    [sessionId, days],
  );
  return rows.length > 0;
}

/** Ends the session; gives back whose it was. */
export async function deleteSession(
  tx: Tx,
  tokenHash: Buffer,
): Promise<{ tenantId: number; identityId: number } | null> {
  const [row] = await tx.query<{ tenantId: number; identityId: number }>(
    'DELETE FROM session WHERE token_hash = $1 RETURNING tenant_id AS "tenantId", identity_id AS "identityId"',
    [tokenHash],
  );
  return row ?? null;
}

/** Removes what time has ended: sessions, and failures that nobody counts any more. */
export async function deleteStaleSessions(sql: Sql): Promise<void> {
  await sql.query('DELETE FROM session WHERE expires_at < now()');
  await sql.query("DELETE FROM sign_in_failure WHERE updated < now() - interval '1 day'");
}

/**
 * Counts one more attempt for the subject before it is tried, so that many at once cannot slip past the limit.
 * Gives back the seconds that the subject is locked for; 0 when the attempt may go on.
 * From the limit on, each attempt locks: 1 s, 2 s, 4 s … 15 min. An hour of quiet forgets.
 */
export async function chargeAttempt(tx: Tx, subject: string, limit: number): Promise<number> {
  const charged = await tx.query(
    `INSERT INTO sign_in_failure AS f (tenant_id, subject, count, locked_until, updated)
     VALUES (1, $1, 1, clock_timestamp(), clock_timestamp())
     ON CONFLICT (tenant_id, subject) DO UPDATE SET
       count = CASE WHEN f.updated < clock_timestamp() - interval '1 hour' THEN 1 ELSE f.count + 1 END,
       locked_until = CASE
         WHEN f.updated < clock_timestamp() - interval '1 hour' OR f.count + 1 < $2 THEN clock_timestamp()
         ELSE clock_timestamp() + make_interval(secs => least(900, power(2, least(f.count + 1 - $2, 10)))) END,
       updated = clock_timestamp()
     WHERE f.locked_until <= clock_timestamp()
     RETURNING count`,
    [subject, limit],
  );
  if (charged.length > 0) return 0;
  const [row] = await tx.query<{ seconds: number }>(
    `SELECT greatest(1, ceil(extract(epoch FROM locked_until - clock_timestamp())))::int AS seconds
     FROM sign_in_failure WHERE tenant_id = 1 AND subject = $1`,
    [subject],
  );
  return row?.seconds ?? 1;
}

/** After a success: the login starts afresh; its address gets this one attempt back, no more. */
export async function refundAttempt(tx: Tx, loginSubject: string, addressSubject: string): Promise<void> {
  await tx.query(
    `UPDATE sign_in_failure SET count = greatest(count - 1, 0), locked_until = clock_timestamp()
     WHERE tenant_id = 1 AND subject = $1`,
    [addressSubject],
  );
  await tx.query('DELETE FROM sign_in_failure WHERE tenant_id = 1 AND subject = $1', [loginSubject]);
}
