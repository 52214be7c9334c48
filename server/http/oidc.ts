import { Hono, type Context } from 'hono';
import { DomainError } from '@/engine/errors';
import { env } from '../env';
import { toKnownError } from '../http-errors';
import { beginOidc, finishOidc } from '../identities/oidc';
import { readState, signState, stateCookie, stateSeconds } from '../identities/oidc-state';
import { setSessionCookie } from '../identities/sessions';
import type { HttpEnv } from './bindings';
import { toLocalPath } from './local-path';
import { chargeCall } from './rate-limit';

/** `/auth/oidc`: to the provider and back. A browser follows these, so what goes wrong leads to the sign-in page, which knows the words. */
export function createOidc(): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.get('/login', (c) =>
    led(c, async () => {
      const { address, state } = await beginOidc(toLocalPath(c.req.query('next')));
      keep(c, await signState(state), stateSeconds);
      return address;
    }),
  );
  app.get('/callback', (c) =>
    led(c, async () => {
      const carried = await readState(c.req.header('cookie'));
      keep(c, '', 0);
      const caller = { address: c.get('address'), userAgent: c.req.header('user-agent') ?? '' };
      const token = await finishOidc(caller, new URL(c.req.url).search, carried);
      setSessionCookie({ setCookie: (cookie) => c.header('set-cookie', cookie, { append: true }) }, token);
      return toLocalPath(carried?.next);
    }),
  );
  return app;
}

async function led(c: Context<HttpEnv>, lead: () => Promise<string>): Promise<Response> {
  c.header('cache-control', 'no-store');
  try {
    chargeCall(c.get('address'));
    return c.redirect(await lead(), 302);
  } catch (error) {
    const known = toKnownError(error);
    if (!(known instanceof DomainError)) throw error;
    return c.redirect(`/login?${new URLSearchParams({ error: known.code })}`, 302);
  }
}

function keep(c: Context<HttpEnv>, value: string, seconds: number): void {
  const secure = env().ATTUNE_SECURE_COOKIES === 'true' ? '; Secure' : '';
  // Lax: the provider leads back by a link.
  c.header(
    'set-cookie',
    `${stateCookie}=${value}; Path=/auth/oidc; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`,
    { append: true },
  );
}
