import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Resolve } from './exchange';
import { base, dataOf, elsewhere, heard, last, send, startServer, stopServer } from './local-server';

beforeAll(startServer);
afterAll(stopServer);

describe('a redirect', () => {
  test.each([
    [301, 'POST', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [303, 'PUT', 'GET', ''],
    [307, 'POST', 'POST', 'text'],
    [308, 'PUT', 'PUT', 'text'],
  ])('of %i turns %s into %s', async (status, method, then, body) => {
    const end = await send(`/to/${status}?at=/echo`, { method, body: 'text' });
    expect(last()).toMatchObject({ method: then, url: '/echo', body });
    expect(dataOf(end)).toMatchObject({ status_code: 200, url: `${base}/echo` });
  });

  test('is the answer itself where it is not to be followed', async () => {
    const end = await send('/to/302?at=/echo', { follow_redirects: false });
    expect(dataOf(end)).toMatchObject({ status_code: 302, success: false, headers: { location: '/echo' } });
  });

  test('without end is given up after ten', async () => {
    expect(await send('/round')).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('more than 10 times'),
    });
  });

  test('to another origin takes no credentials and no secret along', async () => {
    const headers = { Cookie: 'a=b', 'X-Custom': 'is s3cret-word', 'X-Plain': 'yes' };
    await send(
      `/to/302?at=${elsewhere}/echo`,
      { headers, auth: { token: 't0ken' } },
      { secrets: ['s3cret-word'] },
    );
    expect(last().headers).toMatchObject({ host: elsewhere.slice(7), 'x-plain': 'yes' });
    for (const name of ['cookie', 'authorization', 'x-custom'])
      expect(last().headers).not.toHaveProperty(name);
    const end = await send(
      `/to/307?at=${elsewhere}/echo`,
      { method: 'POST', body: { pin: 's3cret-word' } },
      { secrets: ['s3cret-word'] },
    );
    expect(end).toMatchObject({ kind: 'failed', error: expect.stringContaining('holds a secret') });
  });
});

describe('what is not public', () => {
  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://0.0.0.0/',
  ])('is not asked: %s', async (url) => {
    expect(await send(url, {}, { allow: '' })).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('is not a public address, so it was not asked'),
    });
  });

  test('is not asked behind a name either, and the operator is told how to allow it', async () => {
    const before = heard.length;
    const end = await send(`${elsewhere}/echo`, {}, { allow: '' });
    expect(end).toMatchObject({
      kind: 'failed',
      error:
        'elsewhere.test (127.0.0.1) is not a public address, so it was not asked. The operator can list it in ATTUNE_HTTP_ALLOW.',
    });
    expect(heard).toHaveLength(before);
    expect((await send(`${elsewhere}/echo`, {}, { allow: 'elsewhere.test' })).kind).toBe('completed');
  });

  test('is not asked when a redirect leads there', async () => {
    for (const at of ['http://169.254.169.254/', 'http://[::1]:1/', 'http://inner.test/'])
      expect(
        await send(
          `/to/302?at=${at}`,
          {},
          { resolve: (_, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]) },
        ),
      ).toMatchObject({ kind: 'failed', error: expect.stringContaining('is not a public address') });
  });

  test('is not asked when a name changes its mind between two look-ups', async () => {
    const addresses = ['127.0.0.1', '10.0.0.1'];
    const asked: string[] = [];
    const fickle: Resolve = (name, callback) => {
      asked.push(name);
      callback(null, [{ address: addresses.shift() ?? '', family: 4 }]);
    };
    const end = await send(`${elsewhere}/to/302?at=/echo`, {}, { resolve: fickle });
    // Each connection looked up once, and was made to what was checked.
    expect(asked).toEqual(['elsewhere.test', 'elsewhere.test']);
    expect(end).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('(10.0.0.1) is not a public address'),
    });
  });

  test('is passed over where a name has public addresses as well', async () => {
    const mixed: Resolve = (_, callback) =>
      callback(null, [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    expect(dataOf(await send(`${elsewhere}/echo`, {}, { resolve: mixed }))).toMatchObject({
      status_code: 200,
    });
  });
});
