import { createHash, randomBytes } from 'node:crypto';
import { DomainError } from '@/engine/errors';
import { recordAlone, type AuditEntry } from '../audit/record';
import { inSystem, querySystem, type Sql } from '../db';
import { env } from '../env';
import { appendChanges } from '../feed/store';
import { log, reasonOf } from '../log';
import { defaultTenantId } from '../packs/refs';
import type { Context } from '../trpc';
import type { Actor } from './actor';
import { cachedActor, forgetActors } from './actor-cache';
import { passwordFits } from './passwords';
import type { Me } from './schema';
import { toMe } from './service';
import {
  chargeAttempt,
  deleteSession,
  deleteStaleSessions,
  findActorBySession,
  findActorByToken,
  findByLogin,
  insertSession,
  refundAttempt,
  touchSession,
} from './store';

export const sessionCookie = 'attune_session';
export const sessionDays = 30;
const failuresPerLogin = 5;
/** Many people may share one address, so it bears more. */
const failuresPerAddress = 20;

const system: Sql = { query: querySystem };

export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function toCookie(token: string, maxAgeSeconds: number): string {
  const secure = env().ATTUNE_SECURE_COOKIES === 'true' ? '; Secure' : '';
  return `${sessionCookie}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAgeSeconds}${secure}`;
}

// The row says when a session ends, and slides. The cookie only has to outlive it; browsers keep one for 400 days at most.
const cookieSeconds = 400 * 86_400;

/** Gives the browser its session's token. */
export function setSessionCookie(ctx: Pick<Context, 'setCookie'>, token: string): void {
  ctx.setCookie(toCookie(token, cookieSeconds));
}

/** The token in a Cookie header, or null. */
export function sessionTokenOf(cookieHeader: string | undefined): string | null {
  const match = /(?:^|;\s*)attune_session=([A-Za-z0-9_-]{43})(?:;|$)/.exec(cookieHeader ?? '');
  return match?.[1] ?? null;
}

/** Who calls: the identity of a live session, or null. At most two seconds old. */
export async function actorOf(
  token: string | null,
  address: string,
  requestId: string,
): Promise<Actor | null> {
  if (token === null) return null;
  const tokenHash = hashOf(token);
  const stored = await cachedActor(tokenHash.toString('base64'), async () => {
    const found = await findActorByToken(system, tokenHash);
    if (!found) return null;
    if (found.isStale && found.actor.sessionId !== undefined) {
      await touchSession(system, found.actor.sessionId, sessionDays);
    }
    return found.actor;
  });
  return stored && { ...stored, address, requestId };
}

/** The same actor with the rights of this moment; null when the session has ended or the identity is frozen. */
export async function refreshActor(actor: Actor): Promise<Actor | null> {
  if (actor.sessionId === undefined) return actor;
  const stored = await findActorBySession(system, actor.sessionId);
  return stored && { ...stored, address: actor.address, requestId: actor.requestId };
}

function subjectsOf(login: string, address: string) {
  return { loginSubject: `login:${login}`, addressSubject: `address:${address}` };
}

const wrong = () =>
  new DomainError('unauthenticated', 'wrong_credentials', 'The login or the password is wrong.');

function tooMany(seconds: number): DomainError {
  const wait = seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
  return new DomainError('too_many', 'locked', `Too many failed attempts. Try again in ${wait}.`, {
    retryAfterSeconds: seconds,
  });
}

interface Caller {
  address: string;
  userAgent: string;
}

/** Whose the credentials are. @throws DomainError unauthenticated, too_many */
async function checkCredentials(
  { address }: Caller,
  input: { login: string; password: string },
): Promise<Whose> {
  const { loginSubject, addressSubject } = subjectsOf(input.login, address);
  await inSystem(async (tx) => {
    // Address before login, always: two orders could wait for each other.
    for (const [subject, limit] of [
      [addressSubject, failuresPerAddress],
      [loginSubject, failuresPerLogin],
    ] as const) {
      const lockedSeconds = await chargeAttempt(tx, subject, limit);
      if (lockedSeconds > 0) throw tooMany(lockedSeconds);
    }
  });

  const candidate = await findByLogin(system, input.login);
  const fits = await passwordFits(candidate?.passwordHash ?? null, input.password);
  if (!candidate || !fits) {
    log.info({ login: input.login, address }, 'a sign-in failed');
    // Not awaited: the answer to an unknown login must not come sooner.
    if (candidate) tellFailure(candidate, address);
    else void recordAlone(defaultTenantId, unknownLogin(input.login, address));
    throw wrong();
  }
  if (candidate.frozen) {
    tellFailure(candidate, address);
    throw new DomainError(
      'unauthenticated',
      'frozen',
      'This account is frozen. Ask an administrator to open it.',
    );
  }
  return candidate;
}

/**
 * Begins a session, whose token nobody knows but the caller, in place of `replaced`. Its id. An unknown login and a wrong
 * password read and last the same. @throws DomainError unauthenticated, too_many
 */
export async function beginSession(
  caller: Caller,
  input: { login: string; password: string },
  session: { token: string; days: number; replaced?: string | null },
): Promise<number> {
  const whose = await checkCredentials(caller, input);
  const { loginSubject, addressSubject } = subjectsOf(input.login, caller.address);
  return inSystem(async (tx) => {
    await refundAttempt(tx, loginSubject, addressSubject);
    if (session.replaced) await deleteSession(tx, hashOf(session.replaced));
    const id = await insertSession(tx, {
      tenantId: whose.tenantId,
      identityId: whose.identityId,
      tokenHash: hashOf(session.token),
      userAgent: caller.userAgent,
      address: caller.address,
      days: session.days,
    });
    await appendChanges(tx, whose.tenantId, [signInChange(whose, 'signed_in', caller.address)]);
    return id;
  });
}

/** A token of 256 bits. */
export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Starts a session and sets its cookie. @throws DomainError unauthenticated, too_many */
export async function signIn(ctx: Context, input: { login: string; password: string }): Promise<Me> {
  const token = randomToken();
  await beginSession(ctx, input, { token, days: sessionDays, replaced: ctx.sessionToken });
  const actor = await actorOf(token, ctx.address, ctx.requestId);
  // Frozen or removed between the check and here.
  if (!actor) throw wrong();
  setSessionCookie(ctx, token);
  return toMe(actor);
}

/** Ends the caller's session, if any, here and in the browser. */
export async function signOut(ctx: Context): Promise<null> {
  const { sessionToken } = ctx;
  if (sessionToken) {
    await inSystem(async (tx) => {
      const ended = await deleteSession(tx, hashOf(sessionToken));
      if (ended) await appendChanges(tx, ended.tenantId, [signInChange(ended, 'signed_out', ctx.address)]);
    });
    forgetActors();
  }
  ctx.setCookie(toCookie('', 0));
  return null;
}

/** Removes ended sessions and forgotten failures; the web process calls it now and then. */
export function sweepSessions(): Promise<void> {
  return deleteStaleSessions(system);
}

interface Whose {
  tenantId: number;
  identityId: number;
}

function signInChange(whose: Whose, kind: 'signed_in' | 'signed_out' | 'sign_in_failed', address: string) {
  return {
    entityType: 'identity' as const,
    entityId: whose.identityId,
    kind,
    actorId: whose.identityId,
    payload: { id: whose.identityId, address },
  };
}

/** Of no tenant: those who keep the installation see it. */
function unknownLogin(login: string, address: string): AuditEntry {
  return {
    category: 'authentication',
    eventType: 'identity.sign_in_failed',
    outcome: 'failure',
    actorId: null,
    address,
    resourceType: 'identity',
    resourceId: null,
    resourceRef: login.slice(0, 200),
    details: { reason: 'unknown login' },
    status: 401,
  };
}

function tellFailure(whose: Whose, address: string): void {
  inSystem((tx) => appendChanges(tx, whose.tenantId, [signInChange(whose, 'sign_in_failed', address)])).catch(
    (error: unknown) => log.warn({ error: reasonOf(error) }, 'a failed sign-in was not recorded'),
  );
}
