import { describe, expect, it } from 'vitest';
import { readPolicy, toPolicy } from './written-policy';

describe('a policy in a form', () => {
  it('begins with its limit and ends with it', () => {
    const one = toPolicy(null, 'limit', '2');
    expect(one).toEqual({ limit: 2 });
    const two = toPolicy(one, 'key', '{{ parameters.host }}');
    expect(two).toEqual({ limit: 2, key: '{{ parameters.host }}' });
    expect(toPolicy(two, 'key', '')).toEqual({ limit: 2 });
    expect(toPolicy(two, 'limit', ' ')).toBeNull();
  });

  it('keeps a number that is none as it was typed, and says what is wrong', () => {
    const wrong = toPolicy({ limit: 2 }, 'max_queued', 'many');
    expect(wrong).toEqual({ limit: 2, max_queued: 'many' });
    expect(readPolicy(wrong, {})).toMatchObject({
      errors: { 'concurrency.max_queued': expect.any(String) as string },
    });
    expect(readPolicy(toPolicy(null, 'limit', '0'), {})).toHaveProperty('errors');
    const sound = { limit: 1, when_full: 'reject', key: '{{ parameters.host }}' };
    expect(readPolicy(sound, { host: { type: 'string' } })).toEqual({ value: sound });
    expect(readPolicy(null, {})).toEqual({ value: null });
  });

  it('says what its key cannot read before it is sent', () => {
    expect(readPolicy({ limit: 1, key: '{{ now() }}' }, {})).toMatchObject({
      errors: { 'concurrency.key': expect.stringContaining('now() means nothing here') as string },
    });
    expect(readPolicy({ limit: 1, key: '{{ parameters.a }}' }, { a: { type: 'strin' } })).toHaveProperty(
      'value',
    );
  });
});
