import { describe, expect, it } from 'vitest';
import type { LogChunk } from '@/components/live/use-log';
import { findLines, LogLines } from './log-lines';

let seq = 0;
const chunk = (content: string, stream: LogChunk['stream'] = 'stdout'): LogChunk => ({
  seq: ++seq,
  stream,
  content,
  created: '',
});
const texts = (chunks: LogChunk[]) => new LogLines().add(chunks).map(({ text }) => text);

describe('log lines', () => {
  it('joins a line that was cut between two chunks', () => {
    expect(texts([chunk('one\ntw'), chunk('o\nthree')])).toEqual(['one', 'two', 'three']);
  });

  it('keeps the streams apart while both are in the middle of a line', () => {
    expect(texts([chunk('out '), chunk('err\n', 'stderr'), chunk('put\n')])).toEqual(['out put', 'err']);
  });

  it('gives the same lines when chunks come one by one', () => {
    const chunks = [chunk('a\nb'), chunk('c\n'), chunk('d')];
    const lines = new LogLines();
    for (let count = 1; count <= chunks.length; count += 1) lines.add(chunks.slice(0, count));
    expect(lines.lines.map(({ text }) => text)).toEqual(['a', 'bc', 'd']);
  });

  it('shows what follows the last carriage return', () => {
    expect(texts([chunk('10%\r50%\r100%\ndone\r\n')])).toEqual(['100%', 'done']);
  });

  it('turns ANSI colours into classes and leaves plain text plain', () => {
    const [line] = new LogLines().add([chunk('\u001b[31mred\u001b[0m plain\n')]);
    expect(line?.spans).toEqual([
      { text: 'red', className: 'ansi-red-fg' },
      { text: ' plain', className: '' },
    ]);
  });

  it('finds by pattern, and by plain text when the pattern cannot be read', () => {
    const lines = new LogLines().add([chunk('error 12\nfine (really\n')]);
    const both = new Set(['stdout']);
    expect(findLines(lines, String.raw`error \d+`, both).map(({ number }) => number)).toEqual([1]);
    expect(findLines(lines, '(really', both).map(({ number }) => number)).toEqual([2]);
  });
});
