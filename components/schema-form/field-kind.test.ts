import { expect, test } from 'vitest';
import { fieldsOf, kindOfField, readMixed, startValue, writeMixed } from './field-kind';

test('a field is asked for by its type', () => {
  expect(kindOfField('host', { type: 'string' })).toBe('text');
  expect(kindOfField('prompt', { type: 'string' })).toBe('longText');
  expect(kindOfField('token', { type: 'string', secret: true })).toBe('secret');
  expect(kindOfField('level', { type: 'string', enum: ['a', 'b'] })).toBe('choice');
  expect(kindOfField('n', { type: ['integer', 'null'] })).toBe('number');
  expect(kindOfField('to', { type: ['array', 'string', 'integer'] })).toBe('mixed');
  expect(kindOfField('any', {})).toBe('mixed');
  expect(kindOfField('tags', { type: 'array' })).toBe('json');
  expect(kindOfField('options', { type: 'object' })).toBe('json');
  expect(kindOfField('options', { type: 'object', properties: { a: {} } })).toBe('object');
});

test('a secret is asked for as one whatever its type; of a secret object each field is', () => {
  for (const schema of [
    {},
    { type: 'integer' },
    { type: ['array', 'null'] },
    { type: 'string', enum: ['a'] },
  ])
    expect(kindOfField('pin', { ...schema, secret: true })).toBe('secret');
  expect(kindOfField('pass', { type: 'string', format: 'password' })).toBe('secret');
  const whole = { type: 'object', secret: true, properties: { user: { type: 'string' }, pass: {} } };
  expect(kindOfField('auth', whole)).toBe('object');
  expect(fieldsOf(whole).map(({ name, schema }) => kindOfField(name, schema))).toEqual(['secret', 'secret']);
});

test('a field of several types reads JSON where it fits and text where it does not, and shows both as typed', () => {
  const schema = { type: ['array', 'string', 'integer'] };
  expect(readMixed('user:ada', schema)).toBe('user:ada');
  expect(readMixed('["user:ada"]', schema)).toEqual(['user:ada']);
  expect(readMixed('30', schema)).toBe(30);
  expect(readMixed('true', schema)).toBe('true');
  expect(readMixed('', schema)).toBeUndefined();
  for (const text of ['user:ada', '["user:ada"]', '30'])
    expect(writeMixed(readMixed(text, schema))).toBe(text);
});

test('required fields come first and defaults are what a person starts with', () => {
  const schema = {
    type: 'object',
    required: ['b'],
    properties: { a: { type: 'string', default: 'x' }, b: { type: 'number' } },
  };
  expect(fieldsOf(schema).map(({ name }) => name)).toEqual(['b', 'a']);
  expect(startValue(schema)).toEqual({ a: 'x' });
});
