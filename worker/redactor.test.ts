import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Outcome } from '@/server/executions/claims';
import { PhraseFinder } from './phrase-finder';
import { Redactor } from './redactor';

const mask = '********';
const secret = `p@ss "w0rd"/ü'€\\+x`;
const redactor = new Redactor([secret]);

const shell = (script: string) =>
  execFileSync('bash', ['-c', script], { encoding: 'utf8', env: { ...process.env, secret } });
const python = (script: string) =>
  execFileSync('python3', ['-c', script], { encoding: 'utf8', input: secret });

describe('a redactor', () => {
  it('masks a secret wherever it stands, and leaves all else', () => {
    expect(redactor.redact(`a ${secret} b${secret}${secret}`)).toBe(`a ${mask} b${mask}`);
    expect(redactor.redact('p@ss "w0rd" is not it')).toBe('p@ss "w0rd" is not it');
    expect(new Redactor([]).redact(secret)).toBe(secret);
  });

  it.each([
    ['JSON', () => JSON.stringify({ a: secret })],
    ['JSON in ASCII, by Python', () => python('import json,sys; print(json.dumps({"a": sys.stdin.read()}))')],
    ['JSON in a JSON text', () => JSON.stringify({ body: JSON.stringify({ a: secret }) })],
    ['a URL', () => `https://x.test/?t=${encodeURIComponent(secret)}&u=1`],
    [
      'a URL, by Python',
      () => python('import urllib.parse,sys; print(urllib.parse.quote(sys.stdin.read()))'),
    ],
    ['a form', () => String(new URLSearchParams({ t: secret, u: '1' }))],
    [
      'a form, by Python',
      () => python('import urllib.parse,sys; print(urllib.parse.urlencode({"t": sys.stdin.read()}))'),
    ],
    ['base64', () => shell('printf %s "$secret" | base64 -w0')],
    ['base64 of a line', () => shell('echo "$secret" | base64 -w0')],
    ['base64 for URLs', () => Buffer.from(secret).toString('base64url')],
    ['basic authentication', () => Buffer.from(`ada:${secret}`).toString('base64')],
    [
      'base64 of something longer',
      () => Buffer.from(`{"t":"xx${secret.replaceAll('"', '')}"}`).toString('base64'),
    ],
    ['hex', () => shell('printf %s "$secret" | od -An -tx1 | tr -d " \\n"')],
    ['a shell script that is traced', () => shell('exec 2>&1; set -x; : "$secret"')],
  ])('masks it in %s', (name, write) => {
    const text = write();
    const known = new Redactor([secret, secret.replaceAll('"', '')]);
    expect(text, 'the example holds it').not.toContain(mask);
    const shown = known.redact(text);
    expect(shown).toContain(mask);
    // What is left of base64 says at most 4 bits of a neighbour.
    for (const part of ['w0rd', '%22w0', 'cEBzc', 'AcGFz'].filter((each) => text.includes(each)))
      expect(shown, name).not.toContain(part);
  });

  it('masks a key line by line, and in wrapped base64', () => {
    const key = Array.from({ length: 6 }, (_, line) => `line${line}-${'Ab9+'.repeat(12)}${line}`).join('\n');
    const known = new Redactor([key]);
    expect(known.redact(key.replaceAll('\n', '\n> '))).toBe(Array(6).fill(mask).join('\n> '));
    const wrapped = execFileSync('base64', { input: key, encoding: 'utf8' });
    expect(wrapped.trim().split('\n').length).toBeGreaterThan(3);
    expect(known.redact(wrapped).trim()).toBe(mask);
  });

  it('masks secrets that overlap or lie in each other as one', () => {
    const known = new Redactor(['abcdef', 'cdef', 'efgh', 'zzzz']);
    expect(known.redact('1abcdefgh2')).toBe(`1${mask}2`);
    expect(known.redact('1cdef2abcde')).toBe(`1${mask}2abcde`);
    expect(known.redact('zzzzzzz')).toBe(mask);
  });

  it('does not look for what is shorter than 4 characters', () => {
    expect(new Redactor(['', 'a', 'abc']).redact('abc a')).toBe('abc a');
    expect(new Redactor(['abcd']).redact('abcd')).toBe(mask);
  });

  it('lets nothing through when the secrets are too long to be looked for', () => {
    const known = new Redactor(['x'.repeat(20_000)]);
    expect(known.redact('hello')).toMatch(/^\[nothing of the output is kept/);
    expect(known.redactJson({ a: 1 })).toBe(mask);
    const stream = known.stream();
    expect(`${stream.write('a')}${stream.write('b')}${stream.end()}`).toMatch(/^\[nothing [^\n]*\]\n$/);
  });

  it('masks texts, names and numbers of JSON, and nothing of its shape', () => {
    const known = new Redactor(['4711', 't0k-value']);
    expect(
      known.redactJson({
        a: ['t0k-value', 4711, 47110, 1, null, true],
        't0k-value': { b: 'Bearer t0k-value' },
      }),
    ).toEqual({ a: [mask, mask, mask, 1, null, true], [mask]: { b: `Bearer ${mask}` } });
  });

  it('masks what an attempt ended with, but not its numbers', () => {
    const outcome: Outcome = {
      state: 'failed',
      error: 'exited with code 1: t0k-value',
      result: {
        succeeded: false,
        exit_code: 1,
        duration_ms: 4711,
        stdout: 't0k-value\n',
        stderr: '',
        error: 'x',
        data: ['t0k-value'],
      },
    };
    expect(new Redactor(['4711', 't0k-value']).redactOutcome(outcome)).toEqual({
      state: 'failed',
      error: `exited with code 1: ${mask}`,
      result: { ...outcome.result, stdout: `${mask}\n`, data: [mask] },
    });
  });
});

describe('a stream', () => {
  const small = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '"'), maxLength: 12 });

  test('gives out the same however it is cut into chunks, and never a secret', () => {
    fc.assert(
      fc.property(
        fc.array(small, { maxLength: 4 }),
        fc.array(small, { maxLength: 12 }),
        (secrets, chunks) => {
          const known = new Redactor(secrets);
          const stream = known.stream();
          const shown = chunks.map((chunk) => stream.write(chunk)).join('') + stream.end();
          expect(shown).toBe(known.redact(chunks.join('')));
          for (const each of secrets) if (each.length >= 4) expect(shown).not.toContain(each);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('holds back no more than what may be the beginning of a secret', () => {
    const stream = new Redactor(['t0k-value']).stream();
    expect(stream.write('Token? t0k')).toBe('Token? ');
    expect(stream.write(' no')).toBe('t0k no');
    expect(stream.write(' t0k-va')).toBe(' ');
    expect(stream.write('lue')).toBe(mask);
    expect(stream.write('t0k-value!')).toBe('!');
    expect(stream.write('t0k-')).toBe('');
    expect(stream.end()).toBe('t0k-');
  });

  it('that is cut masks the beginning of a secret', () => {
    const stream = new Redactor(['t0k-value']).stream();
    expect(stream.write('a t0k-v')).toBe('a ');
    expect(stream.cut()).toBe(mask);
  });

  it('of 10 MB passes in well under two seconds with a hundred secrets', () => {
    const known = new Redactor(
      Array.from({ length: 100 }, (_, n) => `secret-number-${n}-${'x'.repeat(n % 30)}`),
    );
    const stream = known.stream();
    const chunk = `${'secret-numbers are 1.5e6 of the letters; '.repeat(1600)}\n`;
    const startedAt = performance.now();
    let length = 0;
    for (let bytes = 0; bytes < 10e6; bytes += chunk.length) length += stream.write(chunk).length;
    expect(length).toBeGreaterThan(9e6);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('the phrase finder', () => {
  test('finds at each place the longest phrase that ends there, as a plain search does', () => {
    const phrase = fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(phrase, { minLength: 1, maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b', 'ü'), maxLength: 40 }),
        (phrases, text) => {
          const finder = new PhraseFinder(phrases);
          let state = 0;
          for (let index = 0; index < text.length; index += 1) {
            state = finder.next(state, text.charCodeAt(index));
            const before = text.slice(0, index + 1);
            const ends = phrases.filter((each) => before.endsWith(each)).map((each) => each.length);
            expect(finder.longestEnding(state)).toBe(Math.max(0, ...ends));
          }
        },
      ),
    );
  });
});
