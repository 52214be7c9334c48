import { describe, expect, test } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import { holdsMask, starsIn, withoutMasks } from './masks';
import { fitValue, matchNames, placesOf, putValue, type Place } from './put-value';

const schema: JsonSchema = {
  type: 'object',
  required: ['host'],
  properties: {
    percent: { type: 'integer', maximum: 100 },
    host: { type: 'string' },
    auth: { type: 'object', properties: { user: { type: 'string' } } },
    tags: { type: 'array' },
    any: {},
  },
};
const placeOf = (...path: string[]): Place => {
  const found = placesOf(schema).find((place) => place.path.join('.') === path.join('.'));
  if (!found) throw new Error(`no field ${path.join('.')}`);
  return found;
};

describe('putting values into fields', () => {
  test('every field can be chosen, also those inside of others', () => {
    expect(placesOf(schema).map(({ label }) => label)).toEqual([
      'Host',
      'Percent',
      'Auth',
      'Auth › User',
      'Tags',
      'Any',
    ]);
  });

  test('a value becomes what its field holds', () => {
    expect(fitValue(97, 'host', { type: 'string' })).toBe('97');
    expect(fitValue({ a: 1 }, 'host', { type: 'string' })).toBe('{"a":1}');
    expect(fitValue('97', 'percent', { type: 'integer' })).toBe(97);
    expect(fitValue('much', 'percent', { type: 'integer' })).toBe('much');
    expect(fitValue('true', 'on', { type: 'boolean' })).toBe(true);
    expect(fitValue([1], 'any', {})).toEqual([1]);
  });

  test('one is put into a field inside of another, the rest stays', () => {
    const before = { host: 'web', auth: { token: 'x' } };
    expect(putValue(before, placeOf('auth', 'user'), 7)).toEqual({
      host: 'web',
      auth: { token: 'x', user: '7' },
    });
    expect(putValue({}, placeOf('auth', 'user'), 'ada')).toEqual({ auth: { user: 'ada' } });
  });
});

describe('names that match', () => {
  test('are filled with what fits, however they are written', () => {
    expect(matchNames(schema, { Host: 'web1', percent: '97', tags: ['a'], other: 1 })).toEqual({
      host: 'web1',
      percent: 97,
      tags: ['a'],
    });
  });

  test('are left where nothing fits: another type, over a limit, null, no object', () => {
    expect(matchNames(schema, { host: { name: 'web' }, percent: 101, tags: null })).toEqual({});
    expect(matchNames(schema, ['host'])).toEqual({});
    expect(matchNames(schema, JSON.parse('{"__proto__":{"host":"x"}}') as Json)).toEqual({});
  });

  test('never take the mask of a secret', () => {
    expect(matchNames(schema, { host: '********', tags: ['Bearer ********'] })).toEqual({});
  });
});

describe('masks', () => {
  test('are found alone, amid a text and inside of lists and objects', () => {
    expect(holdsMask('Bearer ********')).toBe(true);
    expect(holdsMask({ a: [{ b: '********' }] })).toBe(true);
    expect(holdsMask({ a: ['*******'] })).toBe(false);
    expect(starsIn({ a: 'x********', b: { c: '********' } })).toEqual(['a', 'b.c']);
  });

  test('are left out with the fields that hold them', () => {
    expect(withoutMasks({ a: 1, token: 'Bearer ********', auth: { t: '********' } })).toEqual({
      value: { a: 1 },
      masked: ['token', 'auth'],
    });
  });
});
