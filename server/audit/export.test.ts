import Papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { toCsvLine } from './csv';

let rest: RestServer;
let token: string;
beforeAll(async () => {
  rest = await startRestServer();
  token = await rest.tokenOf((await makeMember(await makeTenant(), 'Ada', undefined, ['core.admin'])).login);
  // What a spreadsheet would run.
  const body = { login: '=cmd|calc', display_name: 'x' };
  await rest.call('POST', '/api/v1/identities', { token, body });
});
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const download = (query: string) =>
  fetch(`${rest.origin}/api/v1/audit-events/export?${query}`, {
    headers: { authorization: `Bearer ${token}` },
  });

describe('the audit log as a file', () => {
  it('is CSV that a spreadsheet takes for text', async () => {
    const response = await download('format=csv&event_type=identity.created');
    expect(response.headers.get('content-disposition')).toContain('audit.csv');
    const { data, errors } = Papa.parse<Record<string, string>>(await response.text(), {
      header: true,
      skipEmptyLines: true,
    });
    expect(errors).toEqual([]);
    expect(data).toMatchObject([{ eventType: 'identity.created', resourceRef: "'=cmd|calc" }]);
  });

  it('is JSON with the same entries as the list', async () => {
    const rows = (await (await download('format=json')).json()) as { id: number }[];
    const { body } = await rest.call('GET', '/api/v1/audit-events?page_size=1000', { token });
    expect(rows.map(({ id }) => id)).toEqual(body.items?.map(({ id }) => id));
    expect(await (await download('format=json&resource_ref=nothing')).json()).toEqual([]);
  });

  it('is narrowed to one request by its id, which is told with every answer', async () => {
    const { headers } = await rest.call('POST', '/api/v1/identities', { token, body: { login: 'traced' } });
    const id = headers.get('x-request-id') ?? '';
    const rows = (await (await download(`request_id=${id}`)).json()) as { resourceRef: string }[];
    expect(rows).toMatchObject([{ resourceRef: 'traced' }]);
    expect((await download('request_id=nonsense')).status).toBe(400);
  });
});

describe('a line of CSV', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1'])('defuses %j', (text) => {
    expect(toCsvLine([text])).toBe(`"'${text}"\r\n`);
  });

  it('quotes what would break it, and leaves numbers and nothing as they are', () => {
    expect(toCsvLine(['a "b", c\nd', -1, null, { a: 1 }])).toBe('"a ""b"", c\nd",-1,,"{""a"":1}"\r\n');
  });
});
