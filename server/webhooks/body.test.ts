import { describe, expect, it } from 'vitest';
import { parseWebhookBody } from './body';

const parse = (body: string, type: string) => parseWebhookBody(new TextEncoder().encode(body), type);

describe("a webhook's body", () => {
  it('in our envelope gives its payload, and its headers by lower-case name', async () => {
    const body = JSON.stringify({
      payload: [1],
      headers: { 'X-Kind': 'a', ':redelivery_of': 1, ':query': {} },
      source_ip: '1.2.3.4',
      user_agent: 'u',
    });
    expect(await parse(body, 'application/json')).toEqual({
      payload: [1],
      headers: { 'x-kind': 'a', source_ip: '1.2.3.4', 'user-agent': 'u' },
    });
  });

  it('with a field beside the envelope is taken as it is', async () => {
    const body = { payload: 1, action: 'opened' };
    expect((await parse(JSON.stringify(body), 'application/vnd.github+json')).payload).toEqual(body);
  });

  it.each([
    ['a form', 'a=1&b=x%20y&a=2', 'application/x-www-form-urlencoded', { a: ['1', '2'], b: 'x y' }],
    ['JSON that curl calls a form', '{"disk":97}', 'application/x-www-form-urlencoded', { disk: 97 }],
    ['JSON without a type', '[1]', '', [1]],
    ['text', 'disk full', 'text/plain; charset=utf-8', 'disk full'],
    ['text that looks like JSON but says text', '{"a":1}', 'text/plain', '{"a":1}'],
    ['a bare JSON number', '3', 'application/json', 3],
  ])('as %s', async (_name, body, type, payload) => {
    expect((await parse(body, type)).payload).toEqual(payload);
  });

  it('as a multipart form gives its fields and refuses files', async () => {
    const form = new FormData();
    form.append('a', '1');
    const fields = new Response(form);
    const type = fields.headers.get('content-type') ?? '';
    expect((await parseWebhookBody(new Uint8Array(await fields.arrayBuffer()), type)).payload).toEqual({
      a: '1',
    });
    form.append('f', new Blob(['x']), 'x.txt');
    const file = new Response(form);
    await expect(
      parseWebhookBody(new Uint8Array(await file.arrayBuffer()), file.headers.get('content-type') ?? ''),
    ).rejects.toMatchObject({ code: 'file_refused' });
  });

  it.each([
    ['nothing', '', 'application/json', 'empty_body'],
    ['only spaces', '  ', 'text/plain', 'empty_body'],
    ['broken JSON', '{"a"', 'application/json', 'malformed_json'],
    ['a broken multipart form', 'x', 'multipart/form-data', 'malformed_body'],
  ])('is refused when it is %s', async (_name, body, type, code) => {
    await expect(parse(body, type)).rejects.toMatchObject({ kind: 'invalid', code });
  });

  it('cannot reach prototypes', async () => {
    const { payload } = await parse('__proto__=1&constructor=2', 'application/x-www-form-urlencoded');
    expect(Object.keys(payload as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(payload)).toBe(Object.prototype);
  });
});
