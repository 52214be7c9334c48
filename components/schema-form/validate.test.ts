import { expect, test } from 'vitest';
import { validateAgainst, type JsonSchema } from './validate';

const schema: JsonSchema = {
  type: 'object',
  required: ['host', 'percent'],
  additionalProperties: false,
  properties: {
    host: { type: 'string', minLength: 1, maxLength: 5 },
    percent: { type: 'integer', minimum: 0, maximum: 100 },
    level: { enum: ['low', 'high'] },
    to: { type: 'array', minItems: 1, items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } },
  },
};

test('a value that fits has no messages', () => {
  expect(validateAgainst(schema, { host: 'web', percent: 91, level: 'high', to: [{ name: 'ann' }] })).toEqual({});
});

test('a missing or cleared field is told at the field, not at the whole', () => {
  expect(validateAgainst(schema, { host: undefined })).toEqual({
    host: 'This is required.',
    percent: 'This is required.',
  });
});

test('limits are told with their number', () => {
  expect(validateAgainst(schema, { host: '', percent: 101, to: [] })).toEqual({
    host: 'This must not be empty.',
    percent: 'This must be 100 or less.',
    to: 'This needs at least 1 entry.',
  });
});

test('a wrong type, a wrong choice and a deep field each get their own sentence', () => {
  expect(validateAgainst(schema, { host: 'web', percent: 'x', level: 'mid', to: [{}] })).toEqual({
    percent: 'This must be a whole number.',
    level: 'This must be one of low, high.',
    'to.0.name': 'This is required.',
  });
});

test('a key that the schema does not know is told at that key', () => {
  expect(validateAgainst(schema, { host: 'web', percent: 1, hots: 'x' })).toEqual({
    hots: 'This is not one of the parameters; remove it.',
  });
});

test('a schema that cannot be used gives one message and does not throw', () => {
  expect(Object.keys(validateAgainst({ type: 'object', properties: { a: { pattern: '(' } } }, { a: 'x' }))).toHaveLength(1);
});
