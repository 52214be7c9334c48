import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import { z } from 'zod';
import { Id } from '../fields';
import { masterKeys } from '../sealing/master-keys';

/**
 * Signed tokens (JWT, HS256). The key is derived from the master key that every process of an installation has, so the
 * worker signs what the web process reads; the header names the master key, so tokens outlive its rotation as long as the
 * old one is given. A token only says whose it is: whether it still counts is asked of the database at each use.
 */

const issuer = 'attune';
const algorithm = 'HS256';

const PersonClaims = z.object({ kind: z.enum(['access', 'refresh']), session: Id });
const ExecutionClaims = z.object({
  kind: z.literal('execution'),
  tenant: Id,
  root: Id,
  execution: Id,
  fence: Id,
  sets: z.array(z.string()),
});
const Claims = z.discriminatedUnion('kind', [PersonClaims, ExecutionClaims]);
export type Claims = z.infer<typeof Claims>;
export type ExecutionClaims = z.infer<typeof ExecutionClaims>;

const derived = new Map<string, KeyObject>();

function signingKey(keyId: string): KeyObject | null {
  const known = derived.get(keyId);
  if (known) return known;
  const master = masterKeys().byId.get(keyId);
  if (!master) return null;
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', master.key, '', 'attune tokens v1', 32)));
  derived.set(keyId, key);
  return key;
}

/** The token that says so, for so many seconds. */
export async function signToken(claims: Claims, seconds: number): Promise<string> {
  const { id } = masterKeys().current;
  const key = signingKey(id);
  if (!key) throw new Error('there is no key to sign with');
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid: id })
    .setIssuer(issuer)
    .setIssuedAt()
    .setExpirationTime(`${Math.ceil(seconds)} s`)
    .sign(key);
}

/** What the token says; null for one that we did not sign, that was changed, or whose time is over. */
export async function readToken(token: string): Promise<Claims | null> {
  const payload = await verify(token).catch(() => null);
  return Claims.safeParse(payload).data ?? null;
}

/** Whether we signed it, and its time is over. */
export async function hasExpired(token: string): Promise<boolean> {
  return verify(token).then(
    () => false,
    (error: unknown) => error instanceof errors.JWTExpired,
  );
}

/** Tokens whose signature was seen to be right, so that a client's next calls need not show it again. */
const verified = new Map<string, JWTPayload & { exp: number }>();
const mostVerified = 2_000;

async function verify(token: string): Promise<JWTPayload | null> {
  if (token.length > 8_192) return null;
  const known = verified.get(token);
  // What is over is told by the library, in its own error.
  if (known && known.exp * 1_000 > Date.now()) return known;
  const payload = await verifySignature(token);
  if (payload?.exp !== undefined) {
    const [oldest] = verified.keys();
    if (verified.size >= mostVerified && oldest !== undefined) verified.delete(oldest);
    verified.set(token, { ...payload, exp: payload.exp });
  }
  return payload;
}

async function verifySignature(token: string): Promise<JWTPayload | null> {
  const { kid } = decodeProtectedHeader(token);
  const key = kid === undefined ? null : signingKey(kid);
  if (!key) return null;
  const { payload } = await jwtVerify(token, key, {
    algorithms: [algorithm],
    issuer,
    requiredClaims: ['exp'],
  });
  return payload;
}
