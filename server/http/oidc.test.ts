import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inSystem } from '../db';
import { env } from '../env';
import { stopBoss } from '../queue';
import { startRestServer, type RestServer } from './rest/rest-fixture';

/** A small provider: it signs in whoever `person` is, at once, and keeps to the letter of what it was asked. */
class Provider {
  person: Record<string, string> = {};
  /** What a test changes of the token's claims. */
  claims: Record<string, unknown> = {};
  readonly #codes = new Map<string, { nonce: string; challenge: string; redirect: string }>();
  #server: Server | undefined;
  #key: CryptoKey | undefined;
  #jwk: JWK = {};
  issuer = '';

  async start(): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    this.#key = privateKey;
    this.#jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
    this.#server = createServer((request, response) => void this.#answer(request, response));
    await new Promise<void>((resolve) => this.#server?.listen(0, '127.0.0.1', resolve));
    this.issuer = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.issuer);
    const json = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname === '/.well-known/openid-configuration')
      json({
        issuer: this.issuer,
        authorization_endpoint: `${this.issuer}/authorize`,
        token_endpoint: `${this.issuer}/token`,
        jwks_uri: `${this.issuer}/jwks`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    else if (pathname === '/jwks') json({ keys: [this.#jwk] });
    else if (pathname === '/authorize') {
      const code = randomUUID();
      const redirect = searchParams.get('redirect_uri') ?? '';
      this.#codes.set(code, {
        nonce: searchParams.get('nonce') ?? '',
        challenge: searchParams.get('code_challenge') ?? '',
        redirect,
      });
      const state = searchParams.get('state') ?? '';
      response.writeHead(302, { location: `${redirect}?${new URLSearchParams({ code, state })}` }).end();
    } else if (pathname === '/token') {
      const form = new URLSearchParams(await textOf(request));
      const asked = this.#codes.get(form.get('code') ?? '');
      this.#codes.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (!asked || asked.challenge !== challenge || asked.redirect !== form.get('redirect_uri'))
        return void json({ error: 'invalid_grant' }, 400);
      json({
        access_token: 'x',
        token_type: 'Bearer',
        expires_in: 60,
        id_token: await this.#sign(asked.nonce),
      });
    } else response.writeHead(404).end();
  }

  #sign(nonce: string): Promise<string> {
    if (!this.#key) throw new Error('not started');
    const now = Math.floor(Date.now() / 1000);
    const usual = { nonce, iss: this.issuer, aud: 'studio', iat: now, exp: now + 60 };
    return new SignJWT({ ...usual, ...this.person, ...this.claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .sign(this.#key);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

const provider = new Provider();
let rest: RestServer;
beforeAll(async () => {
  await provider.start();
  rest = await startRestServer();
  Object.assign(env(), {
    ATTUNE_PUBLIC_URL: rest.origin,
    ATTUNE_OIDC_ISSUER: provider.issuer,
    ATTUNE_OIDC_CLIENT_ID: 'studio',
    ATTUNE_OIDC_CLIENT_SECRET: 'a secret of the studio',
  });
});
beforeEach(() =>
  Object.assign(env(), { ATTUNE_OIDC_CREATE: 'true', ATTUNE_OIDC_DEFAULT_SET: 'core.viewer' }),
);
afterEach(() => (provider.claims = {}));
afterAll(async () => {
  provider.stop();
  await stopBoss();
  await rest.close();
});

/** A browser that follows no redirect by itself. */
async function visit(address: string, cookie = '') {
  const response = await fetch(address, { redirect: 'manual', headers: { cookie } });
  return {
    location: response.headers.get('location') ?? '',
    cookies: response.headers.getSetCookie().map((one) => one.split(';', 1)[0] ?? ''),
  };
}

/** To the provider and back; `change` the address that leads back. */
async function signIn({ next = '/executions', change = (address: string) => address } = {}) {
  const begun = await visit(`${rest.origin}/auth/oidc/login?next=${encodeURIComponent(next)}`);
  const back = await visit(begun.location);
  const landed = await visit(change(back.location), begun.cookies.join('; '));
  return { ...landed, begun, back };
}

const meOf = async (cookies: string[]) => {
  const response = await fetch(`${rest.origin}/trpc/auth.me`, { headers: { cookie: cookies.join('; ') } });
  const { result } = (await response.json()) as {
    result: { data: { login: string; permissionSets: string[] } | null };
  };
  return result.data;
};

describe('signing in at a provider', () => {
  it('makes an account at the first time and finds it again, whatever it is called by then', async () => {
    provider.person = { sub: 'subject-1', preferred_username: 'olive', name: 'Olive' };
    const first = await signIn();
    expect(first.location).toBe('/executions');
    expect(await meOf(first.cookies)).toMatchObject({
      login: 'olive',
      displayName: 'Olive',
      permissionSets: ['core.viewer'],
    });
    provider.person = { sub: 'subject-1', preferred_username: 'renamed' };
    expect(await meOf((await signIn()).cookies)).toMatchObject({ login: 'olive' });
  });

  it('asks with PKCE, a state and a nonce', async () => {
    const { begun } = await signIn();
    const asked = new URL(begun.location).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      code_challenge_method: 'S256',
      response_type: 'code',
      client_id: 'studio',
      redirect_uri: `${rest.origin}/auth/oidc/callback`,
    });
    for (const name of ['code_challenge', 'state', 'nonce']) expect(asked.get(name)).toMatch(/^[\w-]{20,}$/);
  });

  it('is refused for an answer to somebody else’s question, or to none', async () => {
    const stranger = await visit(`${rest.origin}/auth/oidc/login`);
    const changed = await signIn({
      change: (address) => {
        const other = new URL(stranger.location).searchParams.get('state') ?? '';
        const back = new URL(address);
        back.searchParams.set('state', other);
        return back.href;
      },
    });
    expect(changed.location).toBe('/login?error=oidc_refused');
    const { back } = await signIn();
    expect((await visit(back.location)).location).toBe('/login?error=oidc_stale');
    expect(changed.cookies.join()).not.toContain('attune_session');
  });

  it.each([
    ['with another nonce', { nonce: 'another' }],
    ['of another audience', { aud: 'another client' }],
    ['of another issuer', { iss: 'https://evil.example' }],
    ['that is too old', { exp: 1_000_000 }],
  ])('is refused for a token %s', async (_, claims) => {
    provider.claims = claims;
    expect((await signIn()).location).toBe('/login?error=oidc_refused');
  });

  it('is refused for a code that was used', async () => {
    const { begun, back } = await signIn();
    expect((await visit(back.location, begun.cookies.join('; '))).location).toBe('/login?error=oidc_refused');
  });

  it('gives nobody the account of another by a name that the provider tells', async () => {
    await inSystem((tx) =>
      tx.query("INSERT INTO identity (tenant_id, login, display_name) VALUES (2, 'taken', 'Taken')"),
    );
    provider.person = { sub: 'subject-2', preferred_username: 'taken' };
    expect((await signIn()).location).toBe('/login?error=oidc_login_taken');
  });

  it('makes nobody where that is off, and lets in nobody who is frozen', async () => {
    Object.assign(env(), { ATTUNE_OIDC_CREATE: 'false' });
    provider.person = { sub: 'subject-3', preferred_username: 'nadia' };
    expect((await signIn()).location).toBe('/login?error=oidc_unknown');
    provider.person = { sub: 'subject-1' };
    expect((await signIn()).location).toBe('/executions');
    await inSystem((tx) => tx.query("UPDATE identity SET frozen = true WHERE login = 'olive'"));
    expect((await signIn()).location).toBe('/login?error=frozen');
  });

  it('leads only to pages of the studio', async () => {
    await inSystem((tx) => tx.query("UPDATE identity SET frozen = false WHERE login = 'olive'"));
    provider.person = { sub: 'subject-1' };
    expect((await signIn({ next: 'https://evil.example/' })).location).toBe('/');
    expect((await signIn({ next: '//evil.example/' })).location).toBe('/');
  });

  it('is told among the settings', async () => {
    const { body } = await rest.call('GET', '/auth/settings');
    expect(body.data).toMatchObject({ oidc_enabled: true });
  });
});
