import { describe, expect, it } from 'vitest';
import { DomainError } from '../errors';
import { toJsonSchema } from './parameters';

describe('the parameters of an action', () => {
  it('are an object without properties when nothing is said', () => {
    expect(toJsonSchema({})).toEqual({ type: 'object', properties: {} });
  });

  it('may be written flat, with required at the parameter', () => {
    const flat = {
      region: { type: 'string', required: true, enum: ['eu', 'us'] },
      token: { type: 'string', secret: true },
      count: { type: 'integer', default: 1, required: false },
    };
    expect(toJsonSchema(flat)).toEqual({
      type: 'object',
      properties: {
        region: { type: 'string', enum: ['eu', 'us'] },
        token: { type: 'string', secret: true },
        count: { type: 'integer', default: 1 },
      },
      required: ['region'],
    });
  });

  it('may be JSON Schema, which stays as it is', () => {
    const schema = {
      type: 'object',
      required: ['a'],
      properties: { a: { type: 'string' } },
      additionalProperties: false,
    };
    expect(toJsonSchema(schema)).toEqual(schema);
  });

  it.each([
    ['type', { type: { type: 'string', required: true } }],
    ['properties', { properties: { type: 'object' } }],
  ])('may have one that is called %s', (name, flat) => {
    expect(Object.keys(toJsonSchema(flat)['properties'] as object)).toEqual([name]);
  });

  it('move required up inside lists and objects too', () => {
    const flat = {
      disks: {
        type: 'array',
        items: { type: 'object', properties: { size: { type: 'number', required: true } } },
      },
    };
    expect(toJsonSchema(flat)).toEqual({
      type: 'object',
      properties: {
        disks: {
          type: 'array',
          items: { type: 'object', properties: { size: { type: 'number' } }, required: ['size'] },
        },
      },
    });
  });

  it('take any value where the type is any', () => {
    expect(toJsonSchema({ x: { type: 'any', description: 'whatever' } })['properties']).toEqual({
      x: { description: 'whatever' },
    });
  });

  it('do not change when they are converted twice', () => {
    const once = toJsonSchema({ a: { type: 'string', required: true }, b: { type: 'array', items: {} } });
    expect(toJsonSchema(once)).toEqual(once);
  });

  it.each([
    ['a type that does not exist', { a: { type: 'strin' } }, 'a.type'],
    ['a parameter that is no schema', { a: 'string' }, 'a'],
    [
      'an unknown type inside an object',
      { a: { type: 'object', properties: { b: { type: 'x' } } } },
      'a.properties.b.type',
    ],
    ['properties that are no map', { type: 'object', properties: [] }, 'properties'],
    ['a schema of something else than an object', { type: 'string' }, 'type'],
  ])('are refused with the place for %s', (_, written, path) => {
    let error: unknown;
    try {
      toJsonSchema(written);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(DomainError);
    expect((error as DomainError).details.map((detail) => detail.path)).toEqual([path]);
  });
});
