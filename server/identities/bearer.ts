import { DomainError } from '@/engine/errors';
import { querySystem, type Sql } from '../db';
import type { Actor } from './actor';
import { cachedActor, forgetActor } from './actor-cache';
import { beginTokenSession } from './api-tokens';
import { findExecutionActor } from './execution-token';
import { beginSession, randomToken } from './sessions';
import { extendSession, findActorBySession, noteSeen, type StoredActor } from './store';
import { readToken, signToken } from './tokens';

/**
 * Who calls with `Authorization: Bearer`. A person's tokens belong to a session, as a browser's cookie does: what ends the
 * session (a frozen account, a new password, a sign-out) ends them too.
 */

const accessSeconds = 3_600;
const refreshDays = 7;

const system: Sql = { query: querySystem };

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
  actor: StoredActor;
}

const stale = () =>
  new DomainError(
    'unauthenticated',
    'invalid_token',
    'The token is not valid: it is too old, was changed, or its session has ended. Log in again.',
  );

/** The token of an Authorization header; null where there is none. @throws DomainError unauthenticated for another scheme */
export function bearerOf(header: string | undefined): string | null {
  if (header === undefined) return null;
  const token = /^Bearer +([\w.~+/=-]+)$/i.exec(header.trim())?.[1];
  if (!token) throw stale();
  return token;
}

/** Who calls: a person, or an execution that runs. `fresh`: as the database says now. @throws DomainError unauthenticated */
export async function actorOfBearer(
  token: string,
  address: string,
  requestId: string,
  { fresh = false } = {},
): Promise<Actor> {
  const claims = await readToken(token);
  if (!claims || claims.kind === 'refresh') throw stale();
  if (fresh) forgetActor(`session ${claims.kind === 'access' ? claims.session : ''}`);
  const stored =
    claims.kind === 'execution'
      ? await findExecutionActor(system, claims)
      : await cachedActor(`session ${claims.session}`, () => findSeenActor(claims.session));
  if (!stored) throw stale();
  return { ...stored, address, requestId };
}

/** Notes that the session was used, at most once a minute. */
async function findSeenActor(sessionId: number): Promise<StoredActor | null> {
  const actor = await findActorBySession(system, sessionId);
  if (actor) await noteSeen(system, sessionId);
  return actor;
}

/** Tokens for credentials. Unknown login and wrong password read and last the same. @throws DomainError unauthenticated, too_many */
export async function login(
  caller: { address: string; userAgent: string },
  input: { login: string; password: string },
): Promise<Tokens> {
  // Nobody is told this token: the session is spoken for by signed ones.
  const sessionId = await beginSession(caller, input, { token: randomToken(), days: refreshDays });
  return toTokens(sessionId);
}

/** Tokens for an API token; revoking it ends them. @throws DomainError unauthenticated, too_many */
export async function tokenLogin(
  caller: { address: string; userAgent: string },
  token: string,
): Promise<Tokens> {
  return toTokens(await beginTokenSession(caller, token));
}

/** New tokens for a refresh token, for another seven days. @throws DomainError unauthenticated */
export async function refresh(refreshToken: string): Promise<Tokens> {
  const claims = await readToken(refreshToken);
  if (claims?.kind !== 'refresh') throw stale();
  const tokens = await toTokens(claims.session);
  if (!(await extendSession(system, claims.session, refreshDays))) throw stale();
  return tokens;
}

/** Tokens for a session. @throws DomainError unauthenticated where it has ended */
export async function toTokens(sessionId: number): Promise<Tokens> {
  const actor = await findActorBySession(system, sessionId);
  if (!actor) throw stale();
  return {
    accessToken: await signToken({ kind: 'access', session: sessionId }, accessSeconds),
    refreshToken: await signToken({ kind: 'refresh', session: sessionId }, refreshDays * 86_400),
    expiresInSeconds: accessSeconds,
    actor,
  };
}

/** The same caller with the rights of this moment; null once the token, its session or its execution has ended. */
export async function refreshBearer(token: string, { address, requestId }: Actor): Promise<Actor | null> {
  return actorOfBearer(token, address, requestId, { fresh: true }).catch((error: unknown) => {
    if (error instanceof DomainError && error.kind === 'unauthenticated') return null;
    throw error;
  });
}
