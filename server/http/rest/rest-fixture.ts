import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { closeDatabase, inSystem } from '../../db';
import type { Actor } from '../../identities/actor';
import { hashPassword } from '../../identities/passwords';
import type { Grant } from '../../identities/schema';
import { stopLive } from '../../live';
import { makePerson } from '../../packs/test-people';
import { createApp } from '../app';
import { createUpgradeHandler } from '../upgrade';

/** For tests of the REST API: a real server on a port of its own. */

export const password = 'correct horse battery';

export interface Answer {
  status: number;
  // What a test looks at it says itself.
  body: { [name: string]: unknown } & {
    data?: { [name: string]: unknown };
    items?: { [name: string]: unknown }[];
  };
  headers: Headers;
}

export interface RestServer {
  origin: string;
  /** Sends JSON, unless `body` is a text, and reads JSON. */
  call: (
    method: string,
    path: string,
    options?: { token?: string | undefined; body?: unknown; headers?: Record<string, string> },
  ) => Promise<Answer>;
  /** An access token of the person. */
  tokenOf: (login: string) => Promise<string>;
  close: () => Promise<void>;
}

export async function startRestServer(): Promise<RestServer> {
  const stopping = new AbortController();
  const app = createApp({ pages: true, stopping: false }, stopping.signal);
  const listener = getRequestListener((request, bindings) => app.fetch(request, bindings));
  const server: Server = createServer((request, response) => void listener(request, response));
  server.on('upgrade', createUpgradeHandler(stopping.signal));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call: RestServer['call'] = async (method, path, { token, body, headers = {} } = {}) => {
    const response = await fetch(origin + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return {
      status: response.status,
      body: (await response.json()) as Answer['body'],
      headers: response.headers,
    };
  };
  return {
    origin,
    call,
    tokenOf: async (login) => {
      const { body } = await call('POST', '/auth/login', { body: { login, password } });
      return String(body.data?.['access_token']);
    },
    close: async () => {
      stopping.abort();
      server.closeAllConnections();
      server.close();
      await stopLive();
      await closeDatabase();
    },
  };
}

/** A person with a password and a role of their own, which holds these grants (Default: all), beside built-in ones. */
export async function makeMember(
  tenantId: number,
  name: string,
  grants?: Grant[],
  builtIn: readonly string[] = [],
): Promise<Actor> {
  const person = await makePerson(tenantId, name, grants);
  const passwordHash = await hashPassword(password);
  await inSystem(async (tx) => {
    await tx.query('UPDATE identity SET password_hash = $2 WHERE id = $1', [person.identityId, passwordHash]);
    await tx.query(
      `WITH s AS (INSERT INTO permission_set (tenant_id, ref, label, grants) VALUES ($1, $2, $2, $3) RETURNING id)
       INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id) SELECT $1, $4, id FROM s`,
      [tenantId, `tests.${person.login}`, JSON.stringify(person.grants), person.identityId],
    );
    await tx.query(
      `INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id)
       SELECT $1, $2, id FROM permission_set WHERE tenant_id = 1 AND ref = ANY ($3)`,
      [tenantId, person.identityId, builtIn],
    );
  });
  return person;
}
