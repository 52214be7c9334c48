import { inSystem } from '../db';
import { appendChanges } from '../feed/store';
import type { Actor } from '../identities/actor';
import { forgetActors } from '../identities/actor-cache';
import { toTokens, type Tokens } from '../identities/bearer';
import { randomToken, setSessionCookie, hashOf, sessionDays } from '../identities/sessions';
import { deleteSession, insertSession } from '../identities/store';
import type { Context } from '../trpc';
import { getOwnIdentityIn } from './service';

/** A session is bound to its tenant, so whoever goes to another begins a new one there. */
async function begin(
  actor: Actor,
  tenantId: number,
  session: { token: string; days: number; userAgent: string; replaced: string | null },
): Promise<number> {
  const identityId = await getOwnIdentityIn(actor, tenantId);
  const { token, days, userAgent, replaced } = session;
  return inSystem(async (tx) => {
    if (replaced !== null) await deleteSession(tx, hashOf(replaced));
    const place = { tenantId, identityId, address: actor.address, userAgent, days };
    const id = await insertSession(tx, { ...place, tokenHash: hashOf(token) });
    await appendChanges(tx, tenantId, [
      {
        entityType: 'identity',
        entityId: identityId,
        kind: 'signed_in',
        actorId: identityId,
        payload: { id: identityId, address: actor.address, from: actor.tenantId },
      },
    ]);
    return id;
  });
}

/** Takes the browser to another tenant of the person’s: the cookie is a new one. @throws DomainError not_found */
export async function switchTenant(ctx: Context & { actor: Actor }, tenantId: number): Promise<null> {
  const token = randomToken();
  const { userAgent, sessionToken: replaced } = ctx;
  await begin(ctx.actor, tenantId, { token, days: sessionDays, userAgent, replaced });
  forgetActors();
  setSessionCookie(ctx, token);
  return null;
}

/** Tokens for another tenant of the person’s, beside those that they have. @throws DomainError not_found, forbidden */
export async function tokensIn(actor: Actor, tenantId: number, userAgent: string): Promise<Tokens> {
  return toTokens(await begin(actor, tenantId, { token: randomToken(), days: 7, userAgent, replaced: null }));
}
