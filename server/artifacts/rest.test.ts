import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, password, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { makeTenant } from '../packs/test-people';

let server: RestServer;
let ada: Actor;
let token: string;
let stranger: string;
beforeAll(async () => {
  server = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  token = await server.tokenOf(ada.login);
  stranger = await server.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(() => server.close());

const create = (body: object) => server.call('POST', '/api/v1/artifacts', { token, body });
function send(ref: string, content: string, name: string, who = token): Promise<Response> {
  const form = new FormData();
  form.set('file', new File([content], name, { type: 'text/csv' }));
  return fetch(`${server.origin}/api/v1/artifacts/ref/${ref}/versions/file`, {
    ...{ method: 'POST', body: form },
    headers: { authorization: `Bearer ${who}` },
  });
}
const get = (path: string, who = token) => server.call('GET', `/api/v1/artifacts${path}`, { token: who });

describe('artifacts by REST', () => {
  it('are made, filled, listed, downloaded and removed', async () => {
    const made = await create({ ref: 'ops.table', scope: 'pack', owner: 'ops', type: 'file_datatable' });
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      ...{ ref: 'ops.table', name: 'ops.table', visibility: 'private', retention_policy: 'versions' },
      ...{ retention_limit: 10, size_bytes: null, latest_version: null, data: null, execution: null },
    });
    const id = Number(made.body.data?.['id']);
    const sent = await send('ops.table', 'a,b\n1,2\n', 'täble.csv');
    expect([sent.status, await sent.json()]).toMatchObject([
      201,
      {
        data: {
          artifact: id,
          version: 1,
          file_path: 'ops.table/v1/täble.csv',
          size_bytes: 8,
          content_type: 'text/csv',
        },
      },
    ]);
    await send('ops.table', 'a\n', 'second.csv');
    expect((await get(`/${id}/versions`)).body).toMatchObject({
      items: [{ version: 2 }, { version: 1 }],
      pagination: { total_items: 2, has_next: false },
    });
    expect((await get('/ref/ops.table')).body.data).toMatchObject({
      id,
      size_bytes: 2,
      content_type: 'text/csv',
    });
    const file = await fetch(`${server.origin}/api/v1/artifacts/${id}/download?version=1`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await file.text()).toBe('a,b\n1,2\n');
    expect(file.headers.get('content-disposition')).toBe(
      `attachment; filename="t_ble.csv"; filename*=UTF-8''t%C3%A4ble.csv`,
    );
    expect(file.headers.get('content-security-policy')).toContain('sandbox');
    expect((await get('?limit=1')).body).toMatchObject({ items: [{ id }], pagination: { page_size: 1 } });
    const removed = await server.call('DELETE', `/api/v1/artifacts/${id}`, { token });
    expect(removed.body).toMatchObject({ success: true });
    expect((await get(`/${id}`)).status).toBe(404);
  });

  it('take progress, which is given back oldest first', async () => {
    const made = await create({ ref: 'ops.steps', scope: 'system', type: 'progress', visibility: 'public' });
    const id = String(made.body.data?.['id']);
    for (const done of [1, 2]) {
      const told = await server.call('POST', `/api/v1/artifacts/${id}/progress`, {
        token,
        body: { entry: { done } },
      });
      expect([told.status, told.body.data]).toMatchObject([201, { seq: done, entry: { done } }]);
    }
    expect((await get(`/${id}`)).body.data?.['data']).toEqual([{ done: 1 }, { done: 2 }]);
  });

  it('that are not the caller’s answer like missing ones, and bad input says where', async () => {
    const made = await create({ ref: 'ops.hidden', scope: 'system', type: 'file_text' });
    const id = String(made.body.data?.['id']);
    for (const path of [`/${id}`, `/${id}/versions`, `/${id}/download`, '/ref/ops.hidden'])
      expect((await get(path, stranger)).status).toBe(404);
    expect((await send('ops.hidden', 'x', 'x.txt', stranger)).status).toBe(404);
    expect((await create({ ref: 'ops.hidden', scope: 'system', type: 'file_text' })).status).toBe(409);
    const wrong = await create({ ref: 'a b', scope: 'moon', type: 'file_text' });
    expect([wrong.status, wrong.body['details']]).toMatchObject([400, [{ path: 'ref' }, { path: 'scope' }]]);
    expect((await get('/0')).status).toBe(400);
    expect((await get(`/${id}/download`)).status).toBe(404);
  });

  it('are shown to a browser by its cookie where its own page asks, and to no other page', async () => {
    const made = await create({ ref: 'ops.image', scope: 'system', type: 'file_image' });
    await send('ops.image', 'x', 'x.png');
    const signedIn = await fetch(`${server.origin}/trpc/auth.signIn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-attune': '1', origin: server.origin },
      body: JSON.stringify({ login: ada.login, password }),
    });
    const cookie = signedIn.headers
      .getSetCookie()
      .map((each) => each.split(';')[0])
      .join('; ');
    expect(cookie).not.toBe('');
    const ask = async (site: string) => {
      const url = `${server.origin}/api/v1/artifacts/${String(made.body.data?.['id'])}/download`;
      return (await fetch(url, { headers: { cookie, 'sec-fetch-site': site } })).status;
    };
    expect(await ask('same-origin')).toBe(200);
    expect(await ask('cross-site')).toBe(403);
  });
});
