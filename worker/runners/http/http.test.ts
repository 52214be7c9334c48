import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { env } from '@/server/env';
import { runHttpAction } from './declared';
import { keptBodyBytes, type Resolve } from './exchange';
import { base, dataOf, heard, last, open, send, startServer, stopServer } from './local-server';

beforeAll(startServer);
afterAll(stopServer);

describe('an HTTP request', () => {
  test.each([200, 204, 301, 404, 418, 503])(
    'that is answered with %i completes with the answer',
    async (status) => {
      const end = await send(`/status/${status}`);
      expect(end.kind).toBe('completed');
      expect(dataOf(end)).toMatchObject({
        status_code: status,
        success: status < 300,
        body: status === 204 ? '' : `this is ${status}`,
        json: null,
        body_truncated: false,
      });
    },
  );

  test('fails on an answer outside of 2xx where it is asked to, and keeps the answer', async () => {
    const end = await send('/status/503', { fail_on_error: true });
    expect(end).toMatchObject({
      kind: 'failed',
      error: `GET ${base}/status/503 was answered with 503 Service Unavailable.`,
    });
    expect(dataOf(end)).toMatchObject({ status_code: 503, body: 'this is 503' });
  });

  test('gives JSON as data; what looks like a template in it stays as it came', async () => {
    expect(dataOf(await send('/json'))).toMatchObject({ json: { a: [1, { b: '{{ 7 * 7 }}' }] } });
  });

  test('sends its method, headers, query and body', async () => {
    const end = await send('/echo?a=1', {
      method: 'put',
      headers: { 'X-Trace': 'abc', 'X-Many': ['1', 2], 'x-none': null },
      query: { q: 'ä b', list: [1, true] },
      body: { n: 1 },
    });
    expect(last()).toMatchObject({
      method: 'PUT',
      url: '/echo?a=1&q=%C3%A4+b&list=1&list=true',
      headers: {
        'x-trace': 'abc',
        'x-many': '1, 2',
        'content-type': 'application/json',
        'content-length': '7',
      },
      body: '{"n":1}',
    });
    expect(dataOf(end)).toMatchObject({ headers: { 'set-cookie': ['a=1', 'b=2'] }, json: { method: 'PUT' } });
  });

  test('sends a text as it is, and an object as a form where its headers say so', async () => {
    await send('/echo', { method: 'POST', body: 'plain {{ text }}' });
    expect(last()).toMatchObject({
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: 'plain {{ text }}',
    });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    await send('/echo', { method: 'POST', headers, body: { a: 'x y', b: [1, 2] } });
    expect(last().body).toBe('a=x+y&b=1&b=2');
  });

  test('signs in by name and password, by token, and by what its address holds', async () => {
    const basic = `Basic ${Buffer.from('ada:pass').toString('base64')}`;
    await send('/echo', { auth: { type: 'basic', username: 'ada', password: 'pass' } });
    expect(last().headers.authorization).toBe(basic);
    await send('/echo', { auth: { token: 't0ken' } });
    expect(last().headers.authorization).toBe('Bearer t0ken');
    const end = await send(`${base.replace('//', '//ada:pass@')}/echo`);
    expect(last().headers.authorization).toBe(basic);
    expect(dataOf(end)['url']).toBe(`${base}/echo`);
  });

  test('shows none of its secrets, though the answer repeats them', async () => {
    const end = await send(
      '/echo',
      {
        method: 'POST',
        headers: { 'X-Api-Key': 'canary-key-1', Authorization: 'Bearer canary-token-2' },
        body: { pin: 'canary-pin-3' },
      },
      { secrets: ['canary-pin-3'] },
    );
    expect(last().headers).toMatchObject({
      'x-api-key': 'canary-key-1',
      authorization: 'Bearer canary-token-2',
    });
    expect(end.kind).toBe('completed');
    expect(JSON.stringify(end)).not.toContain('canary');
  });

  test('unpacks what is packed, and reads text by its charset', async () => {
    expect(dataOf(await send('/zip/2000'))['body']).toBe('z'.repeat(2000));
    expect(dataOf(await send('/bytes'))['body']).toBe('jä\ufffd');
  });

  test('keeps 10 MB of a body and says that the rest is cut, also of one that only unpacking makes large', async () => {
    const data = dataOf(await send(`/zip/${keptBodyBytes + 1}`));
    expect(data['body_truncated']).toBe(true);
    expect(String(data['body'])).toHaveLength(keptBodyBytes + '\n[body cut at 10 MB]'.length);
    expect(String(data['body']).slice(-22)).toBe('zz\n[body cut at 10 MB]');
    const whole = dataOf(await send(`/zip/${keptBodyBytes}`));
    expect(whole['body_truncated']).toBe(false);
  });
});

describe('a request without an answer fails', () => {
  test('because nobody listens', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await new Promise((resolve) => other.close(resolve));
    const end = await send(`http://127.0.0.1:${port}/x?key=v`);
    expect(end).toMatchObject({
      kind: 'failed',
      error: `No answer from GET http://127.0.0.1:${port}/x: nothing listens there.`,
    });
  });

  test('because there is no such host', async () => {
    const gone: Resolve = (_, callback) =>
      callback(Object.assign(new Error('gone'), { code: 'ENOTFOUND' }), []);
    const end = await send('http://nobody.example/', {}, { resolve: gone });
    expect(end).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('there is no host of this name'),
    });
  });

  test.each(['/silence', '/drip'])('because %s took longer than its timeout', async (path) => {
    const end = await send(path, { timeout: 0.2 });
    expect(end).toMatchObject({
      kind: 'failed',
      error: `No answer from GET ${base}${path}: timed out after 0.2 s.`,
    });
    await expect.poll(() => open.size).toBe(0);
  });

  test('because it broke off', async () => {
    expect(await send('/broken')).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/^No answer from/),
    });
  });

  test('because it never began: the sentence says what to change', async () => {
    const problems = {
      'ftp://x/': /url must begin with http/,
      'no address': /url is no address/,
    };
    for (const [url, error] of Object.entries(problems))
      expect(await send(url)).toMatchObject({ kind: 'failed', error: expect.stringMatching(error) });
    expect(await send('/echo', { headers: { 'X-A': 'a\r\nb: c' } })).toMatchObject({
      error:
        'The request cannot be sent: headers.X-A has a character that no header may hold, such as a line break.',
    });
    expect(await send('/echo', { headers: { 'Transfer-Encoding': 'chunked' } })).toMatchObject({
      error: expect.stringContaining('is set by the studio itself'),
    });
    expect(await send('/echo', { method: 'CONNECT' })).toMatchObject({
      error: expect.stringContaining('method:'),
    });
  });

  test('and is stopped at once when its execution is, which closes the connection', async () => {
    const control = new AbortController();
    const before = heard.length;
    const sending = send('/silence', {}, { stop: control.signal });
    await expect.poll(() => heard.length).toBeGreaterThan(before);
    control.abort();
    expect(await sending).toEqual({ kind: 'stopped' });
    await expect.poll(() => open.size).toBe(0);
  });
});

describe('an HTTP action', () => {
  const declared = (code: string | null, parameters = {}, more = {}) =>
    runHttpAction(
      {
        code,
        entrypoint: '',
        actionRef: 'tests.call',
        parameters,
        outSchema: null,
        secretTexts: [],
        executionId: 1,
        ...more,
      },
      new AbortController().signal,
    );

  test('fills its templates from the parameters, and keeps their types', async () => {
    Object.assign(env(), { ATTUNE_HTTP_ALLOW: '127.0.0.1' });
    const code = `
url: "${base}/echo/{{ id }}"
method: "{{ method | upper }}"
headers: { X-Who: "{{ parameters.who }}" }
body: { count: "{{ n }}", text: "n is {{ n }}" }
`;
    const end = await declared(code, { id: 7, method: 'post', who: 'ada', n: 3 });
    expect(end).toMatchObject({ kind: 'completed', stdout: '' });
    expect(last()).toMatchObject({
      method: 'POST',
      url: '/echo/7',
      headers: { 'x-who': 'ada' },
      body: '{"count":3,"text":"n is 3"}',
    });
  });

  test('puts a parameter in as it is, never as a template', async () => {
    await declared(`{ url: "${base}/echo", method: POST, body: "{{ text }}" }`, {
      text: '{{ 7 * 7 }}',
      seven: 7,
    });
    expect(last().body).toBe('{{ 7 * 7 }}');
  });

  test('that declares only an address takes the rest from its parameters', async () => {
    await declared(null, { method: 'POST', body: 'x' }, { entrypoint: `${base}/echo` });
    expect(last()).toMatchObject({ method: 'POST', body: 'x' });
  });

  test('fails clearly when a template breaks, and when the answer does not fit its output schema', async () => {
    expect(await declared(`url: "${base}/echo/{{ 1 / 0 }}"`)).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/^The request of tests\.call cannot be made: url/),
    });
    const outSchema = { type: 'object', properties: { status_code: { const: 200 } } };
    expect(await declared(`url: "${base}/status/404"`, {}, { outSchema })).toMatchObject({
      kind: 'failed',
      error: expect.stringContaining('does not fit the action'),
      data: { status_code: 404 },
    });
  });
});
