import { describe, expect, it } from 'vitest';
import { decodeText, parseJson, readBody } from './read-body';

describe('JSON from outside', () => {
  it('is taken as it is', () => {
    expect(parseJson('{"a":[1,"ü",null,{"b":9007199254740991}]}')).toEqual({
      a: [1, 'ü', null, { b: 9_007_199_254_740_991 }],
    });
    expect(parseJson('"💡"')).toBe('💡');
    expect(parseJson('"12345678901234567890"')).toBe('12345678901234567890');
    expect(parseJson('0.1234567890123456789')).toBeCloseTo(0.123);
  });

  it.each([
    ['malformed', '{"a":', 'malformed_json'],
    ['NUL in a text', '{"a":"x\\u0000"}', 'nul'],
    ['NUL in a name', '{"x\\u0000":1}', 'nul'],
    ['half a surrogate pair', '["\\ud83d"]', 'surrogate'],
    ['an integer that would be rounded', '{"id":9007199254740993}', 'number_too_large'],
    ['infinity', '1e999', 'number_too_large'],
    ['65 levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'too_deep'],
  ])('is refused with a word: %s', (_name, text, code) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ kind: 'invalid', code }));
  });

  it('may be 64 levels deep, and a bomb of a million brackets is refused in peace', () => {
    expect(() => parseJson(`${'['.repeat(64)}${']'.repeat(64)}`)).not.toThrow();
    expect(() => parseJson(`${'['.repeat(1e6)}${']'.repeat(1e6)}`)).toThrow(
      expect.objectContaining({ code: 'too_deep' }),
    );
  });
});

describe('a body', () => {
  const post = (body: BodyInit) =>
    new Request('http://x/', { method: 'POST', body, duplex: 'half' } as RequestInit);

  it('is read up to its limit', async () => {
    expect((await readBody(post('12345'), 5)).byteLength).toBe(5);
    await expect(readBody(post('123456'), 5)).rejects.toMatchObject({ kind: 'too_large' });
  });

  it('is stopped at its limit also when it hides its length', async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    await expect(readBody(post(endless), 10_000)).rejects.toMatchObject({ kind: 'too_large' });
    expect(sent).toBeLessThan(20);
  });

  it('must be UTF-8', () => {
    expect(() => decodeText(new Uint8Array([0xff, 0xfe]))).toThrow(
      expect.objectContaining({ kind: 'invalid' }),
    );
  });
});
