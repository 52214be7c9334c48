import { createSecretKey, hkdfSync } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { masterKeys } from '../sealing/master-keys';

/** What a browser carries with it to the provider and back, in a cookie that only we can write. */

const minutes = 10;
const State = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), next: z.string() });
export type OidcState = z.infer<typeof State>;

export const stateCookie = 'attune_oidc';
export const stateSeconds = minutes * 60;

function keyOf(id: string) {
  const master = masterKeys().byId.get(id);
  return master
    ? createSecretKey(Buffer.from(hkdfSync('sha256', master.key, '', 'attune oidc v1', 32)))
    : null;
}

export async function signState(state: OidcState): Promise<string> {
  const { id } = masterKeys().current;
  const key = keyOf(id);
  if (!key) throw new Error('there is no key to sign with');
  return new SignJWT({ ...state })
    .setProtectedHeader({ alg: 'HS256', kid: id })
    .setIssuedAt()
    .setExpirationTime(`${minutes} min`)
    .sign(key);
}

/** The state in a Cookie header; null where there is none, or one that is too old or was changed. */
export async function readState(cookieHeader: string | undefined): Promise<OidcState | null> {
  const token = /(?:^|;\s*)attune_oidc=([\w.-]{1,4096})(?:;|$)/.exec(cookieHeader ?? '')?.[1];
  if (!token) return null;
  const read = await jwtVerify(
    token,
    ({ kid }) => {
      const key = keyOf(kid ?? '');
      if (!key) throw new Error('an unknown key');
      return key;
    },
    { algorithms: ['HS256'], requiredClaims: ['exp'] },
  ).catch(() => null);
  return State.safeParse(read?.payload).data ?? null;
}
