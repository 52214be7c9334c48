import type { z } from 'zod';
import { forbidden, notFound } from '@/engine/errors';
import { inSystem, querySystem, type Tx } from '../db';
import { appendChanges } from '../feed/store';
import type { Actor } from './actor';
import { forgetActors } from './actor-cache';
import type { Session } from './schema';

/**
 * A person's sessions, in every tenant that they are in: browsers, and what was exchanged for a password or a token. What
 * is ended is refused from the next call on, and its live streams are cut: the feed says so to whoever watches.
 */

/** Every identity of the person behind `$1`. */
export const identitiesOfPerson = `SELECT p.id FROM identity i JOIN identity p ON p.id = coalesce(i.home_id, i.id) OR p.home_id = coalesce(i.home_id, i.id)
  WHERE i.id = $1`;

interface Row {
  id: number;
  tenantId: number;
  tenantName: string;
  userAgent: string;
  address: string;
  token: string | null;
  created: Date;
  lastSeen: Date;
}

/** @throws DomainError forbidden for an execution, which has none */
export function requirePerson(actor: Actor): void {
  if (actor.execution) throw forbidden('This is for people: an execution has no sessions of its own.');
}

/** The live sessions of the person, last used first, at most 200. @throws DomainError forbidden */
export async function listSessions(actor: Actor): Promise<z.infer<typeof Session>[]> {
  requirePerson(actor);
  const rows = await querySystem<Row>(
    `SELECT s.id, s.tenant_id AS "tenantId", t.name AS "tenantName", s.user_agent AS "userAgent", s.ip AS address, k.label AS token,
       s.created, s.last_seen AS "lastSeen"
     FROM session s JOIN tenant t ON t.id = s.tenant_id LEFT JOIN api_token k ON k.id = s.api_token_id
     WHERE s.identity_id IN (${identitiesOfPerson}) AND s.expires_at > now() ORDER BY s.last_seen DESC, s.id DESC LIMIT 200`,
    [actor.identityId],
  );
  return rows.map(({ created, lastSeen, ...row }) => ({
    ...row,
    created: created.toISOString(),
    lastSeen: lastSeen.toISOString(),
    isThis: row.id === actor.sessionId,
  }));
}

/** Ends one of them. @throws DomainError not_found, forbidden */
export async function endSession(actor: Actor, id: number): Promise<null> {
  requirePerson(actor);
  const ended = await inSystem((tx) => removeSessions(tx, actor, 'AND s.id = $2', [id]));
  if (ended === 0) throw notFound('session', id);
  forgetActors();
  return null;
}

/** Ends them all but the one that asks; how many. @throws DomainError forbidden */
export async function endOtherSessions(actor: Actor): Promise<number> {
  requirePerson(actor);
  const ended = await inSystem((tx) => endSessionsOfPerson(tx, actor, actor.sessionId ?? 0));
  forgetActors();
  return ended;
}

/** Ends every session of the person behind the actor but `except`. */
export function endSessionsOfPerson(
  tx: Tx,
  actor: Pick<Actor, 'identityId'>,
  except: number,
): Promise<number> {
  return removeSessions(tx, actor, 'AND s.id <> $2', [except]);
}

async function removeSessions(
  tx: Tx,
  actor: Pick<Actor, 'identityId'>,
  which: string,
  values: unknown[],
): Promise<number> {
  const ended = await tx.query<{ tenantId: number; identityId: number }>(
    `DELETE FROM session s WHERE s.identity_id IN (${identitiesOfPerson}) ${which}
     RETURNING s.tenant_id AS "tenantId", s.identity_id AS "identityId"`,
    [actor.identityId, ...values],
  );
  const whose = new Map(ended.map((one) => [one.identityId, one]));
  for (const { tenantId, identityId } of whose.values()) {
    const count = ended.filter((one) => one.identityId === identityId).length;
    await appendChanges(tx, tenantId, [
      {
        entityType: 'identity',
        entityId: identityId,
        kind: 'sessions_ended',
        actorId: identityId,
        payload: { id: identityId, count },
      },
    ]);
  }
  return ended.length;
}
