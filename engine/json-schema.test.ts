import { describe, expect, it } from 'vitest';
import type { Json } from './expression/expression';
import { checkAgainst, type JsonSchema } from './json-schema';

const value = 'canary-4711';

describe('what is wrong with a value', () => {
  it.each<[string, JsonSchema, Json]>([
    ['type', { type: 'integer' }, value],
    ['enum', { enum: ['a'] }, value],
    ['const', { const: 'a' }, value],
    ['minLength', { minLength: 100 }, value],
    ['maxLength', { maxLength: 1 }, value],
    ['pattern', { pattern: '^x$' }, value],
    ['format', { type: 'string', format: 'date' }, value],
    ['minimum', { minimum: 9000 }, 4711],
    ['maximum', { maximum: 1 }, 4711],
    ['exclusiveMinimum', { exclusiveMinimum: 9000 }, 4711],
    ['exclusiveMaximum', { exclusiveMaximum: 1 }, 4711],
    ['multipleOf', { multipleOf: 2 }, 4711],
    ['not', { not: {} }, value],
    ['allOf', { allOf: [{ type: 'integer' }] }, value],
    ['anyOf', { anyOf: [{ type: 'integer' }, { const: 1 }] }, value],
    ['oneOf', { oneOf: [{}, {}] }, value],
    ['if', { if: true, then: { maxLength: 1 } }, value],
    ['uniqueItems', { uniqueItems: true }, [value, value]],
    ['contains', { contains: { const: 1 } }, [value]],
    ['items', { items: { type: 'integer' } }, [value]],
    ['prefixItems', { prefixItems: [{ type: 'integer' }] }, [value]],
    ['minItems', { minItems: 2 }, [value]],
    ['additionalProperties', { additionalProperties: { type: 'integer' } }, { a: value }],
    ['dependentRequired', { dependentRequired: { a: ['b'] } }, { a: value }],
    ['a schema that cannot be used', { pattern: '(' }, value],
  ])('is told without quoting the value: %s', (_, schema, given) => {
    const problems = checkAgainst({ type: 'object', properties: { token: schema } }, { token: given });
    expect(problems).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toMatch(/canary|4711/);
  });
});
