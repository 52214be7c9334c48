import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem } from '../db';
import { createApp } from '../http/app';
import { hashPassword } from '../identities/passwords';
import { stopLive } from '../live';
import { makePerson, makeTenant } from './test-people';

const password = 'correct horse battery';
const stopping = new AbortController();
let server: Server;
let address: string;
let cookie: string;
let archive: Buffer;

beforeAll(async () => {
  const app = createApp({ pages: true, stopping: false }, stopping.signal);
  const listener = getRequestListener((request, bindings) => app.fetch(request, bindings));
  server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  address = `${origin}/api/v1/packs/upload`;
  const { identityId, login } = await makePerson(await makeTenant(), 'Ada');
  const passwordHash = await hashPassword(password);
  await inSystem((tx) =>
    tx.query('UPDATE identity SET password_hash = $2 WHERE id = $1', [identityId, passwordHash]),
  );
  // A role as people have it: what the session may do is read from the database.
  await inSystem((tx) =>
    tx.query(
      `INSERT INTO permission_set (tenant_id, ref, label, grants)
       SELECT tenant_id, 'tests.installer', 'Installer', '[{"resource": "packs", "actions": ["read", "install"]}]' FROM identity WHERE id = $1`,
      [identityId],
    ),
  );
  await inSystem((tx) =>
    tx.query(
      `INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id)
       SELECT i.tenant_id, i.id, s.id FROM identity i JOIN permission_set s ON s.tenant_id = i.tenant_id WHERE i.id = $1`,
      [identityId],
    ),
  );
  const signedIn = await fetch(`${origin}/trpc/auth.signIn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-attune': '1' },
    body: JSON.stringify({ login, password }),
  });
  cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';

  const folder = mkdtempSync(join(tmpdir(), 'attune-rest-'));
  writeFileSync(join(folder, 'pack.yaml'), 'ref: by_rest\nversion: 1.0.0\n');
  archive = execFileSync('tar', ['-czf', '-', '-C', folder, '.']);
  rmSync(folder, { recursive: true });
});
afterAll(async () => {
  stopping.abort();
  server.closeAllConnections();
  server.close();
  await stopLive();
  await closeDatabase();
});

function upload(headers: Record<string, string>, field = 'pack'): Promise<Response> {
  const body = new FormData();
  body.set(field, new Blob([new Uint8Array(archive)]), 'by_rest.tar.gz');
  return fetch(address, { method: 'POST', headers, body });
}

describe('POST /api/v1/packs/upload', () => {
  it('installs the archive of the field pack', async () => {
    const response = await upload({ cookie, 'x-attune': '1' });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      data: {
        pack: { ref: 'by_rest', version: '1.0.0', is_standard: false },
        problems: [],
        tests_skipped: true,
      },
    });
  });

  it('answers nobody who is not signed in, and no page but ours', async () => {
    expect((await upload({ 'x-attune': '1' })).status).toBe(401);
    expect((await upload({ cookie })).status).toBe(403);
    expect((await upload({ cookie, 'x-attune': '1', origin: 'https://evil.example' })).status).toBe(403);
  });

  it('says what is missing, and refuses what is too large before it is read', async () => {
    const missing = await upload({ cookie, 'x-attune': '1' }, 'file');
    expect(missing.status).toBe(400);
    expect(await missing.json()).toMatchObject({ error: 'The file field pack is missing.' });
    const headers = { cookie, 'x-attune': '1', 'content-type': 'application/json' };
    expect((await fetch(address, { method: 'POST', headers, body: '{}' })).status).toBe(400);
    const large = await fetch(address, {
      method: 'POST',
      headers: { cookie, 'x-attune': '1', 'content-type': 'multipart/form-data; boundary=x' },
      body: new Uint8Array(22 * 2 ** 20),
    }).catch((error: unknown) => error);
    // Some clients see the answer, some only that the connection ended while they still sent.
    expect(large instanceof Response ? large.status : 413).toBe(413);
  });
});
