import { expect, test } from 'vitest';
import type { JsonSchema } from '@/engine/json-schema';
import { validateAgainst } from './validate';

const schema: JsonSchema = {
  type: 'object',
  required: ['host', 'percent'],
  properties: {
    host: { type: 'string', minLength: 1 },
    percent: { type: 'integer', minimum: 0, maximum: 100 },
    to: {
      type: 'array',
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
    },
  },
};

test('a form value that fits has no messages', () => {
  expect(validateAgainst(schema, { host: 'web', percent: 91, to: [{ name: 'ann' }] })).toEqual({});
});

test('a cleared field of a form counts as missing and is told at the field', () => {
  expect(validateAgainst(schema, { host: undefined, percent: 5 })).toEqual({ host: 'This is required.' });
});

test('a limit is told with its number, at the deep field that breaks it', () => {
  expect(validateAgainst(schema, { host: 'web', percent: 101, to: [{}] })).toEqual({
    percent: 'This must be at most 100.',
    'to.0.name': 'This is required.',
  });
});

test('a masked secret is not judged, whatever its schema asks; all else is', () => {
  const secretive: JsonSchema = {
    type: 'object',
    properties: {
      pin: { type: 'integer', secret: true },
      auth: { type: 'object' },
      tokens: { items: { minLength: 20 } },
    },
  };
  const mask = '********';
  expect(validateAgainst(secretive, { pin: mask, auth: mask, tokens: [mask, 'short'] })).toEqual({
    'tokens.1': 'This must have at least 20 characters.',
  });
});
