import * as client from 'openid-client';
import { DomainError } from '@/engine/errors';
import { inSystem, isUniqueViolation, querySystem, type Tx } from '../db';
import { env } from '../env';
import { appendChanges } from '../feed/store';
import { log, reasonOf } from '../log';
import { defaultTenantId, standardTenantId } from '../packs/refs';
import type { OidcState } from './oidc-state';
import { Login } from './schema';
import { hashOf, randomToken, sessionDays } from './sessions';
import { insertSession } from './store';

/**
 * Signing in at an OpenID Connect provider: authorization code with PKCE, state and nonce (docs/adr/0045). The library checks
 * what comes back; here is who that is. Nobody is found by a login or an address that the provider tells: it would be theirs who
 * may choose such names there.
 */

/** How the sign-in page names it; null where none is configured. */
export function oidcLabel(): string | null {
  const { ATTUNE_OIDC_ISSUER, ATTUNE_OIDC_CLIENT_ID, ATTUNE_OIDC_LABEL } = env();
  return ATTUNE_OIDC_ISSUER && ATTUNE_OIDC_CLIENT_ID ? ATTUNE_OIDC_LABEL : null;
}

const failed = (word: string, message: string, cause?: unknown) =>
  new DomainError('unauthenticated', word, message, { cause });

let discovered: Promise<client.Configuration> | undefined;

/** The provider as it describes itself, asked once. @throws DomainError not_implemented, unavailable */
async function provider(): Promise<client.Configuration> {
  const { ATTUNE_OIDC_ISSUER: issuer, ATTUNE_OIDC_CLIENT_ID: id, ATTUNE_OIDC_CLIENT_SECRET: secret } = env();
  if (!issuer || !id)
    throw new DomainError('not_implemented', 'oidc_not_configured', 'No provider is configured here.');
  const server = new URL(issuer);
  discovered ??= client.discovery(server, id, secret, undefined, {
    timeout: 10,
    // Only where the operator wrote http:// themself: a provider on the same machine, or in a test. The library marks it as
    // deprecated so that nobody takes it for anything else.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    ...(server.protocol === 'http:' && { execute: [client.allowInsecureRequests] }),
  });
  return discovered.catch((cause: unknown) => {
    discovered = undefined;
    log.warn({ error: reasonOf(cause) }, 'the OpenID Connect provider could not be asked');
    throw new DomainError('unavailable', 'oidc_unavailable', 'The provider does not answer.', {
      cause,
      retryAfterSeconds: 10,
    });
  });
}

function redirectUri(): string {
  const { ATTUNE_PUBLIC_URL, HOST, PORT } = env();
  return new URL('/auth/oidc/callback', ATTUNE_PUBLIC_URL ?? `http://${HOST}:${PORT}`).href;
}

/** Where the browser is sent, and what it carries until it is back. @throws DomainError not_implemented, unavailable */
export async function beginOidc(next: string): Promise<{ address: string; state: OidcState }> {
  const config = await provider();
  const state = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
    next,
  };
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri(),
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(state.verifier),
    code_challenge_method: 'S256',
    state: state.state,
    nonce: state.nonce,
  });
  return { address: address.href, state };
}

/**
 * The token of a session for whoever comes back from the provider. @throws DomainError unauthenticated where the answer is
 * not one to this browser's question, for somebody who is frozen, or unknown where nobody is made; unavailable
 */
export async function finishOidc(
  caller: { address: string; userAgent: string },
  search: string,
  carried: OidcState | null,
): Promise<string> {
  if (!carried)
    throw failed('oidc_stale', 'The sign-in took too long, or began in another browser. Try again.');
  const config = await provider();
  // Our own address as the provider knows it: what stood in front of us may have another.
  const address = new URL(redirectUri());
  address.search = search;
  const tokens = await client
    .authorizationCodeGrant(config, address, {
      pkceCodeVerifier: carried.verifier,
      expectedState: carried.state,
      expectedNonce: carried.nonce,
      idTokenExpected: true,
    })
    .catch((cause: unknown) => {
      log.warn({ error: reasonOf(cause), address: caller.address }, 'a sign-in at the provider failed');
      throw failed('oidc_refused', 'The provider did not sign you in. Try again.', cause);
    });
  const claims = tokens.claims();
  if (!claims) throw failed('oidc_refused', 'The provider did not say who you are.');
  const identity = (await findBySubject(claims.iss, claims.sub)) ?? (await createBySubject(claims));
  if (identity.frozen) throw failed('frozen', 'This account is frozen. Ask an administrator to open it.');
  const token = randomToken();
  await inSystem(async (tx) => {
    const { identityId, tenantId } = identity;
    await insertSession(tx, { tenantId, identityId, ...caller, tokenHash: hashOf(token), days: sessionDays });
    await appendChanges(tx, tenantId, [
      {
        entityType: 'identity',
        entityId: identityId,
        kind: 'signed_in',
        actorId: identityId,
        payload: { id: identityId, address: caller.address, by: 'oidc' },
      },
    ]);
  });
  return token;
}

interface Found {
  identityId: number;
  tenantId: number;
  frozen: boolean;
}

async function findBySubject(issuer: string, subject: string): Promise<Found | null> {
  const [row] = await querySystem<Found>(
    `SELECT i.id AS "identityId", i.tenant_id AS "tenantId", i.frozen OR t.suspended_at IS NOT NULL AS frozen
     FROM identity_subject s JOIN identity i ON i.id = s.identity_id JOIN tenant t ON t.id = i.tenant_id
     WHERE s.issuer = $1 AND s.subject = $2`,
    [issuer, subject],
  );
  return row ?? null;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

/** Somebody new in the default tenant, without a password, with the set that newcomers are given. */
async function createBySubject(claims: client.IDToken): Promise<Found> {
  const { ATTUNE_OIDC_CREATE, ATTUNE_OIDC_DEFAULT_SET: set } = env();
  if (ATTUNE_OIDC_CREATE !== 'true')
    throw failed('oidc_unknown', 'You have no account here yet. Ask an administrator for one.');
  const { iss: issuer, sub: subject } = claims;
  const wanted = textOf(claims['preferred_username']) ?? textOf(claims['email']) ?? subject;
  const login = Login.safeParse(wanted).data;
  if (login === undefined)
    throw failed('oidc_login', 'The provider gives you a name that no login can have. Ask an administrator.');
  const tenantId = defaultTenantId;
  const insert = async (tx: Tx): Promise<number> => {
    const [row] = await tx.query<{ id: number }>(
      'INSERT INTO identity (tenant_id, login, display_name) VALUES ($1, $2, $3) RETURNING id',
      [tenantId, login, (textOf(claims['name']) ?? login).slice(0, 200)],
    );
    const id = row?.id ?? 0;
    await tx.query(
      'INSERT INTO identity_subject (tenant_id, identity_id, issuer, subject) VALUES ($1, $2, $3, $4)',
      [tenantId, id, issuer, subject],
    );
    if (set)
      await tx.query(
        `INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id)
         SELECT $1, $2, id FROM permission_set WHERE tenant_id IN ($3, $1) AND ref = $4 ORDER BY tenant_id LIMIT 1`,
        [tenantId, id, standardTenantId, set],
      );
    await appendChanges(tx, tenantId, [
      {
        entityType: 'identity',
        entityId: id,
        kind: 'registered',
        actorId: id,
        payload: { id, login, by: 'oidc' },
      },
    ]);
    return id;
  };
  try {
    return { identityId: await inSystem(insert), tenantId, frozen: false };
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    // Two tabs came back at once, or the login is somebody else's.
    const known = await findBySubject(issuer, subject);
    if (known) return known;
    throw failed(
      'oidc_login_taken',
      `The login ${login} belongs to another account here. Ask an administrator.`,
    );
  }
}
