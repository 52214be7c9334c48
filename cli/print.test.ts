import { describe, expect, it } from 'vitest';
import { plain, toDuration } from './print';

describe('a server’s text', () => {
  it('cannot steer the terminal that shows it', () => {
    expect(plain('a\u001b[2Jb\u001b]0;title\u0007c\rd\u009b31me\tf\ng')).toBe('abcde\tf\ng');
  });
});

describe('a duration', () => {
  it.each([
    ['2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.250Z', '1.3 s'],
    ['2026-01-01T00:00:00.000Z', '2026-01-01T00:03:04.000Z', '3 min 04 s'],
    ['2026-01-01T00:00:00.000Z', '2026-01-01T02:05:00.000Z', '2 h 05 min'],
    [null, '2026-01-01T00:00:00.000Z', ''],
  ])('from %s to %s', (from, to, text) => {
    expect(toDuration(from, to)).toBe(text);
  });
});
