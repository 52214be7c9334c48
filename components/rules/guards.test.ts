import { describe, expect, it } from 'vitest';
import { noGuards, toGuards, toGuardsDraft } from './guards';

const whole = {
  cooldown_seconds: 60,
  dedupe: { key: '{{ event.payload.host }}', window_seconds: 300 },
  rate: { count: 5, window_seconds: 1.5 },
};

describe('guards on the form', () => {
  it('come back as they were', () => {
    expect(toGuards(toGuardsDraft(whole), 'needed')).toEqual({ value: whole });
    expect(toGuards(toGuardsDraft({}), 'needed')).toEqual({ value: {} });
  });

  it('that are half filled in say what is missing', () => {
    expect(toGuards({ ...noGuards, dedupeKey: 'x', rateWindow: '5' }, 'needed')).toEqual({
      errors: { 'guards.dedupe.window_seconds': 'needed', 'guards.rate.count': 'needed' },
    });
  });
});
