import { describe, expect, test } from 'vitest';
import { readData, toStorable } from './read-data';

describe('reading data from an output', () => {
  test.each([
    ['text', '{"a":1}\n', { a: 1 }],
    ['text', '[1,2]', [1, 2]],
    ['text', '42', undefined],
    ['text', 'hello', undefined],
    ['json', '42\n', 42],
    ['json', 'noise\n{"a":1}\n', { a: 1 }],
    ['json', 'noise\n{\n  "a": [\n    1\n  ]\n}\n', { a: [1] }],
    ['jsonl', '{"a":1}\n\n{"a":2}\n', [{ a: 1 }, { a: 2 }]],
    ['jsonl', '', []],
    ['yaml', 'a: [1, 2]\nb: yes it is\n', { a: [1, 2], b: 'yes it is' }],
  ] as const)('as %s: %j', (format, text, data) => {
    expect(readData(text, format)).toEqual({ data, problem: null });
  });

  test.each([
    ['json', '', /nothing was printed/],
    ['json', '{"a":', /not JSON/],
    ['jsonl', '{"a":1}\noops\n', /Line 2 .* oops/],
    ['yaml', 'a: [1', /can't be read as yaml/],
    ['json', '['.repeat(100) + ']'.repeat(100), /deeper than 64/],
  ] as const)('as %s, %j is a problem that says where', (format, text, problem) => {
    expect(readData(text, format).problem).toMatch(problem);
  });

  test('an output beyond 1 MB is a problem only for a declared format', () => {
    expect(readData(null, 'json').problem).toMatch(/longer than 1 MB/);
    expect(readData(null, 'text')).toEqual({ data: undefined, problem: null });
  });

  test('makes data that Postgres can hold, and keeps odd keys as keys', () => {
    const data = toStorable(JSON.parse('{"a\\u0000":"\\ud800x","__proto__":{"p":1},"big":1e999}'));
    expect(JSON.stringify(data)).toBe('{"a\ufffd":"\ufffdx","__proto__":{"p":1},"big":null}');
    expect(({} as { p?: number }).p).toBeUndefined();
  });

  test('aliases of YAML cannot grow without bound', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((n, i) => `${n}: &${n} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
    ].join('\n');
    expect(readData(bomb, 'yaml').problem).toMatch(/can't be read as yaml/);
  });
});
