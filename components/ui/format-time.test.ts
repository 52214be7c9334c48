import { describe, expect, it } from 'vitest';
import { formatDuration, formatRelative } from './format-time';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [3_400, '3.4 s'],
    [9_949, '9.9 s'],
    [9_960, '10 s'],
    [59_600, '1 min 00 s'],
    [2 * minute + 5 * second, '2 min 05 s'],
    [hour + 12 * minute, '1 h 12 min'],
    [3 * day + 4 * hour, '3 d 4 h'],
    [-5, '0 ms'],
  ])('says %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('formatRelative', () => {
  const now = Date.UTC(2030, 5, 15, 12);

  it('names one unit, before and after now', () => {
    expect(formatRelative(now - 20 * second, now)).toBe('just now');
    expect(formatRelative(now + 20 * second, now)).toBe('in a moment');
    expect(formatRelative(now - 4 * minute, now)).toBe('4 min ago');
    expect(formatRelative(now + 2 * hour, now)).toBe('in 2 h');
    expect(formatRelative(now - 5 * day, now)).toBe('5 d ago');
  });

  it('gives the date for what is over a month away, with the year only where it is another', () => {
    expect(formatRelative(now - 60 * day, now)).not.toMatch(/ago|2030/);
    expect(formatRelative(now - 500 * day, now)).toContain('2029');
  });
});
