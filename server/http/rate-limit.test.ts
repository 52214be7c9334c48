import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit';

const at = { ms: 0 };
const limitOf = (perMinute: number) => ((at.ms = 0), new RateLimit(perMinute, () => at.ms));
const times = (count: number, call: () => number) => Array.from({ length: count }, call);

describe('a rate limit', () => {
  it('lets a burst of a tenth of a minute through, then says how long to wait', () => {
    const limit = limitOf(600);
    expect(times(60, () => limit.take('ada')).every((seconds) => seconds === 0)).toBe(true);
    expect(limit.take('ada')).toBe(1);
  });

  it('fills up again as time goes by', () => {
    const limit = limitOf(60);
    times(6, () => limit.take('ada'));
    expect(limit.take('ada')).toBe(1);
    at.ms = 1_000;
    expect([limit.take('ada'), limit.take('ada')]).toEqual([0, 1]);
  });

  it('counts each caller alone', () => {
    const limit = limitOf(10);
    expect([limit.take('ada'), limit.take('ada'), limit.take('bob')]).toEqual([0, 6, 0]);
  });

  it('counts the members of a batch, and lets one that is larger than the bucket through a full one', () => {
    const limit = limitOf(600);
    expect([limit.take('ada', 55), limit.take('ada', 10), limit.take('bob', 1_000)]).toEqual([0, 1, 0]);
    expect(limit.take('bob')).toBe(1);
  });

  it('of 0 is none', () => {
    const limit = limitOf(0);
    expect(times(10_000, () => limit.take('ada')).every((seconds) => seconds === 0)).toBe(true);
  });

  it('does not grow without end, however many callers come', () => {
    const limit = limitOf(600);
    for (let caller = 0; caller < 120_000; caller += 1) limit.take(String(caller));
    expect(limit.take('one more')).toBe(0);
  });
});
