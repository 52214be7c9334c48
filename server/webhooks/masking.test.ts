import { describe, expect, it } from 'vitest';
import { Budget } from './budget';
import { keptHeaders, maskedBody, maskedHeaders } from './masking';

const masked = (text: string, secret: string | null = null) =>
  maskedBody(new TextEncoder().encode(text), secret);

describe('of a refused call is kept', () => {
  it('the body without what fields called like secrets hold, however broken it is', () => {
    expect(
      masked('{"user":"ada","api_key": "k1","Password":"a\\"b","pin_token":12,"x":{"clientSecret":"s"'),
    ).toBe(
      '{"user":"ada","api_key": "********","Password":"********","pin_token":"********","x":{"clientSecret":"********"',
    );
    expect(masked('user=ada&access_token=t1&b=2')).toBe('user=ada&access_token=********&b=2');
  });

  it('no copy of the secret itself', () => {
    expect(masked('plain words with hunter2 inside', 'hunter2')).toBe('plain words with ******** inside');
  });

  it('the first 16 KB of the body, as text that can be stored', () => {
    expect(masked('ä'.repeat(20_000))).toHaveLength(8_192);
    expect(maskedBody(Uint8Array.from([104, 0, 255]), null)).toBe('h\u{fffd}\u{fffd}');
  });

  it('the headers with masks where a secret may stand', () => {
    const headers = new Headers({ cookie: 'a=b', 'X-Gitlab-Token': 't', 'x-api-key': 'k', 'x-kind': 'push' });
    expect(maskedHeaders(headers)).toEqual({
      ...{ cookie: '********', 'x-gitlab-token': '********', 'x-api-key': '********', 'x-kind': 'push' },
    });
    expect(keptHeaders(headers)).toEqual({ 'x-api-key': 'k', 'x-kind': 'push' });
  });
});

describe('a budget', () => {
  it('lets some through at once, then a few a second, and counts what it passes over', () => {
    const budget = new Budget(2, 1);
    expect([1, 2, 3, 4].map(() => budget.take(1, 0))).toEqual([0, 0, null, null]);
    expect(budget.take(2, 0)).toBe(0);
    expect([budget.take(1, 500), budget.take(1, 1_000), budget.take(1, 1_000)]).toEqual([null, 3, null]);
    expect(budget.take(1, 60_000)).toBe(1);
  });
});
