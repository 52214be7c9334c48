import { describe, expect, it } from 'vitest';
import { Lines } from './lines';
import { readLine } from './protocol';

const triggers = ['ops.seen', 'ops.gone'];
const read = (said: object) => readLine(JSON.stringify(said), triggers);

describe('a line of a sensor', () => {
  it('is an event of its first trigger, or of the one that it names, with or without its pack', () => {
    expect(read({ type: 'event', payload: { n: 1 } })).toEqual({
      ...{ kind: 'event', triggerRef: 'ops.seen', payload: { n: 1 }, dedupe: null, cursor: undefined },
    });
    expect(read({ type: 'event', trigger: 'ops.gone', payload: [], dedupe: 7, cursor: 3 })).toEqual({
      ...{ kind: 'event', triggerRef: 'ops.gone', payload: [], dedupe: '7', cursor: 3 },
    });
    expect(read({ type: 'event', trigger: 'gone' })).toMatchObject({ triggerRef: 'ops.gone', payload: {} });
    expect(read({ type: 'event', trigger: 'core.alert' })).toMatchObject({ kind: 'problem' });
    expect(read({ type: 'event', trigger: 4 })).toMatchObject({ kind: 'problem' });
    expect(read({ type: 'event', dedupe: 'k'.repeat(201) })).toMatchObject({ kind: 'problem' });
  });

  it('is a checkpoint of at most 64 KB, or something for the log', () => {
    expect(read({ type: 'checkpoint', cursor: { at: 1 } })).toEqual({
      kind: 'checkpoint',
      cursor: { at: 1 },
    });
    expect(read({ type: 'checkpoint' })).toEqual({ kind: 'checkpoint', cursor: null });
    expect(read({ type: 'checkpoint', cursor: 'x'.repeat(65_535) })).toMatchObject({ kind: 'problem' });
    expect(read({ type: 'event', payload: {}, cursor: 'x'.repeat(65_535) })).toMatchObject({
      kind: 'problem',
    });
    expect(read({ type: 'log', level: 'warning', message: 'low' })).toEqual({
      ...{ kind: 'log', level: 'warning', message: 'low' },
    });
  });

  it('is kept as it is where it is none of the protocol', () => {
    for (const line of ['', 'plain', '{broken', '[1]', '{"type":"other"}', '{"type":4}', '{"a":1}'])
      expect(readLine(line, triggers)).toEqual({ kind: 'text' });
  });

  it('that cannot be kept is told, not thrown', () => {
    for (const payload of ['"\\u0000"', '"\\ud83d"', `${'['.repeat(70)}${']'.repeat(70)}`])
      expect(readLine(`{"type":"event","payload":${payload}}`, triggers)).toMatchObject({ kind: 'problem' });
  });
});

describe('what a sensor prints', () => {
  const take = (lines: Lines, text: string) => lines.take(Buffer.from(text)).map((line) => line.text);

  it('is cut into lines, however it comes', () => {
    const lines = new Lines();
    expect(take(lines, 'a\nb')).toEqual(['a']);
    expect(take(lines, 'c\r\n\nd')).toEqual(['bc', '']);
    const euro = Buffer.from('€\n');
    expect(lines.take(euro.subarray(0, 1))).toEqual([]);
    expect(lines.take(euro.subarray(1))).toEqual([{ text: 'd€', isWhole: true }]);
    expect(take(lines, 'end')).toEqual([]);
    expect(lines.end()).toEqual([{ text: 'end', isWhole: true }]);
  });

  it('as a line without an end comes in parts, which are never taken for an event', () => {
    const lines = new Lines();
    const long = `{"type":"event","payload":"${'x'.repeat(1_100_000)}`;
    expect(lines.take(Buffer.from(long)).map(({ isWhole }) => isWhole)).toEqual([false]);
    expect(lines.take(Buffer.from('"}\n'))).toEqual([{ text: '"}', isWhole: false }]);
    expect(lines.take(Buffer.from('next\n'))).toEqual([{ text: 'next', isWhole: true }]);
  });
});
