import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { DomainError, notFound } from '@/engine/errors';
import { recordAlone, recordAudit, type AuditEntry } from '../audit/record';
import { inConfiguration, inSystem } from '../db';
import type { ApiToken as ApiTokenRow } from '../generated/prisma/client';
import { defaultTenantId } from '../packs/refs';
import { authorOf, requireRight, type Actor } from './actor';
import { forgetActors } from './actor-cache';
import { getPersonRow, tellPerson } from './people-store';
import { requireNotAbove } from './roles';
import type { ApiToken } from './schema';
import { randomToken } from './sessions';
import { chargeAttempt, insertSession } from './store';

/** So that a leaked one is recognised for what it is. */
const prefix = 'atk_';
const failuresPerAddress = 20;
const sessionDays = 7;

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** One's own, or with the right to manage people those of others with no more rights. */
async function requireMine(actor: Actor, tx: Parameters<typeof getPersonRow>[0], id: number): Promise<void> {
  const isOwn = actor.identityId === id && actor.execution === undefined;
  if (!isOwn) requireRight(actor, 'manage', 'identities', { id });
  const row = await getPersonRow(tx, actor.tenantId, id);
  if (!isOwn) await requireNotAbove(tx, actor, row);
}

/** A new token of an identity, told this once. @throws DomainError not_found, forbidden */
export async function createApiToken(
  actor: Actor,
  identityId: number,
  input: { label: string; description: string },
): Promise<{ token: string; row: ApiTokenRow }> {
  const token = prefix + randomToken();
  const row = await inConfiguration(actor.tenantId, async (tx) => {
    await requireMine(actor, tx, identityId);
    const created = await tx.prisma.apiToken.create({
      data: {
        tenantId: actor.tenantId,
        identityId,
        ...input,
        tokenHash: Uint8Array.from(hashOf(token)),
        createdBy: authorOf(actor),
      },
    });
    await tellPerson(tx, actor, identityId, 'token_created', { label: input.label });
    return created;
  });
  return { token, row };
}

/** The tokens of an identity, newest first, at most 1,000. */
export async function listApiTokens(actor: Actor, identityId: number): Promise<ApiTokenRow[]> {
  return inConfiguration(actor.tenantId, async (tx) => {
    await requireMine(actor, tx, identityId);
    return tx.prisma.apiToken.findMany({
      where: { tenantId: actor.tenantId, identityId },
      orderBy: { id: 'desc' },
      take: 1_000,
    });
  });
}

/** Ends a token, and with it at once what was exchanged for it. @throws DomainError not_found */
export async function revokeApiToken(actor: Actor, identityId: number, tokenId: number): Promise<void> {
  await inConfiguration(actor.tenantId, async (tx) => {
    await requireMine(actor, tx, identityId);
    const where = { tenantId: actor.tenantId, identityId, id: tokenId };
    const row = await tx.prisma.apiToken.findFirst({ where });
    if (!row) throw notFound('token', tokenId);
    await tx.prisma.apiToken.updateMany({ where, data: { active: false, revokedAt: new Date() } });
    await tx.prisma.session.deleteMany({ where: { tenantId: actor.tenantId, apiTokenId: tokenId } });
    await tellPerson(tx, actor, identityId, 'token_revoked', { label: row.label });
  });
  forgetActors();
}

const tokenLogin = (address: string, outcome: 'success' | 'failure'): AuditEntry => ({
  category: 'authentication',
  eventType: outcome === 'success' ? 'identity.signed_in' : 'identity.sign_in_failed',
  outcome,
  actorId: null,
  address,
  resourceType: 'api_token',
  resourceId: null,
  resourceRef: null,
  details: {},
});

/** The session that a token is exchanged for. @throws DomainError unauthenticated, too_many */
export async function beginTokenSession(
  caller: { address: string; userAgent: string },
  token: string,
): Promise<number> {
  const sessionId = await inSystem(async (tx) => {
    const [row] = await tx.query<{ id: number; tenantId: number; identityId: number }>(
      `UPDATE api_token k SET last_used = clock_timestamp() FROM identity i
       WHERE k.token_hash = $1 AND k.active AND i.id = k.identity_id AND NOT i.frozen
       RETURNING k.id, k.tenant_id AS "tenantId", k.identity_id AS "identityId"`,
      [hashOf(token)],
    );
    if (!row) return null;
    const { id: apiTokenId, ...whose } = row;
    const session = await insertSession(tx, {
      ...whose,
      ...caller,
      tokenHash: hashOf(randomToken()),
      days: sessionDays,
      apiTokenId,
    });
    await recordAudit(tx, whose.tenantId, [
      { ...tokenLogin(caller.address, 'success'), actorId: whose.identityId, resourceId: apiTokenId },
    ]);
    return session;
  });
  if (sessionId !== null) return sessionId;
  await recordAlone(defaultTenantId, { ...tokenLogin(caller.address, 'failure'), status: 401 });
  const lockedSeconds = await inSystem((tx) =>
    chargeAttempt(tx, `token:${caller.address}`, failuresPerAddress),
  );
  if (lockedSeconds > 0)
    throw new DomainError(
      'too_many',
      'locked',
      `Too many failed attempts. Try again in ${lockedSeconds} s.`,
      {
        retryAfterSeconds: lockedSeconds,
      },
    );
  throw new DomainError('unauthenticated', 'invalid_token', 'The token is unknown or was revoked.');
}

/** A token as its owner sees it, without itself. */
export function toApiToken(row: ApiTokenRow): z.infer<typeof ApiToken> {
  return {
    id: Number(row.id),
    label: row.label,
    active: row.active,
    created: row.created.toISOString(),
    lastUsed: row.lastUsed?.toISOString() ?? null,
  };
}
