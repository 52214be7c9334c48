import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Json } from '../expression/expression';
import type { JsonSchema } from '../json-schema';
import { toJsonSchema } from './parameters';
import { hideSecrets, secretMask, secretNames, showSecrets, toDottedPath } from './secret-parameters';

const hide = (schema: JsonSchema, parameters: JsonSchema, redacted?: Json) => {
  const { shown, secrets } = hideSecrets(toJsonSchema(schema), parameters, redacted);
  return { shown, secrets: Object.fromEntries(secrets) };
};
const text = { type: 'string' };
const secret = { type: 'string', secret: true };

describe('secret parameters', () => {
  it('are masked where a flat parameter is marked', () => {
    expect(hide({ user: text, token: secret }, { user: 'ada', token: 't0k', other: 1 })).toEqual({
      shown: { user: 'ada', token: secretMask, other: 1 },
      secrets: { '/token': 't0k' },
    });
  });

  it('are masked whole, whatever their type; null hides nothing', () => {
    const any = { secret: true };
    expect(
      hide({ a: any, b: any, c: any, d: any, e: any }, { a: 12, b: [1], c: { x: 1 }, d: null, e: '' }),
    ).toEqual({
      shown: { a: secretMask, b: secretMask, c: secretMask, d: null, e: secretMask },
      secrets: { '/a': 12, '/b': [1], '/c': { x: 1 }, '/e': '' },
    });
  });

  it('are masked inside objects and lists', () => {
    const schema = {
      auth: { type: 'object', properties: { user: text, password: { type: 'string', format: 'password' } } },
      tokens: { type: 'array', items: secret },
      pair: { type: 'array', prefixItems: [text, secret], items: text },
      more: { type: 'object', additionalProperties: secret, properties: { name: text } },
      by: { type: 'object', patternProperties: { '^x-': secret } },
    };
    const given = {
      auth: { user: 'ada', password: 'p' },
      tokens: ['a', 'b'],
      pair: ['left', 'right', 'rest'],
      more: { name: 'n', 'a/b~c': 'm' },
      by: { 'x-key': 'k', plain: 'p' },
    };
    expect(hide(schema, given)).toEqual({
      shown: {
        auth: { user: 'ada', password: secretMask },
        tokens: [secretMask, secretMask],
        pair: ['left', secretMask, 'rest'],
        more: { name: 'n', 'a/b~c': secretMask },
        by: { 'x-key': secretMask, plain: 'p' },
      },
      secrets: {
        '/auth/password': 'p',
        '/tokens/0': 'a',
        '/tokens/1': 'b',
        '/pair/1': 'right',
        '/more/a~1b~0c': 'm',
        '/by/x-key': 'k',
      },
    });
  });

  it.each<[string, JsonSchema]>([
    ['allOf', { type: 'object', allOf: [{ properties: { t: secret } }] }],
    ['oneOf', { type: 'object', oneOf: [{ properties: { t: text } }, { properties: { t: secret } }] }],
    ['then', { type: 'object', if: { required: ['t'] }, then: { properties: { t: secret } } }],
    ['dependentSchemas', { type: 'object', dependentSchemas: { t: { properties: { t: secret } } } }],
    ['$ref', { type: 'object', properties: { t: { $ref: '#/$defs/a~1b' } }, $defs: { 'a/b': secret } }],
    [
      'a reference that nobody can follow',
      { type: 'object', properties: { t: { $ref: 'https://x/y' }, u: secret } },
    ],
    ['a recursive schema', { type: 'object', properties: { t: { $ref: '#' }, z: secret }, secret: true }],
    ['the whole object', { type: 'object', secret: true }],
  ])('are found behind %s', (_, schema) => {
    expect(hide(schema, { t: 'value' })).toEqual({ shown: { t: secretMask }, secrets: { '/t': 'value' } });
    expect(secretNames(schema, { t: 'value' })).toContain('t');
  });

  it('are found at any depth of a schema that contains itself', () => {
    const schema = { type: 'object', properties: { key: secret, next: { $ref: '#' } } };
    expect(hide(schema, { next: { next: { key: 'deep' } } })).toEqual({
      shown: { next: { next: { key: secretMask } } },
      secrets: { '/next/next/key': 'deep' },
    });
    expect(secretNames(schema)).toEqual(['key', 'next']);
  });

  it('that are called secret, properties or __proto__ are only names', () => {
    const given = JSON.parse(
      '{"secret": true, "properties": 1, "__proto__": {"secret": true}}',
    ) as JsonSchema;
    const hidden = hide({ secret: { type: 'boolean' }, properties: { type: 'integer' } }, given);
    expect(hidden.secrets).toEqual({});
    expect(JSON.stringify(hidden.shown)).toBe(JSON.stringify(given));
    const own = JSON.parse('{"__proto__": {"type": "string", "secret": true}}') as JsonSchema;
    const { shown } = hide(own, JSON.parse('{"__proto__": "t0k"}') as JsonSchema);
    expect(JSON.stringify(shown)).toBe('{"__proto__":"********"}');
  });

  it('are what the engine redacted too, though the schema marks nothing', () => {
    const schema = { a: text, n: text, list: { type: 'array' }, o: { type: 'object' } };
    const given = { a: 'Bearer t0k', n: 'plain', list: [1, 't0k'], o: { x: { y: 't0k' } } };
    const redacted = { a: secretMask, n: 'plain', list: [1, secretMask], o: { x: secretMask } };
    expect(hide(schema, given, redacted)).toEqual({
      shown: { a: secretMask, n: 'plain', list: [1, secretMask], o: { x: secretMask } },
      secrets: { '/a': 'Bearer t0k', '/list/1': 't0k', '/o/x': { y: 't0k' } },
    });
    expect(hide({}, { a: 1, b: 2 }, secretMask).shown).toEqual({ a: secretMask, b: secretMask });
    expect(hide({}, { a: [1, 2], b: { c: 1 } }, { a: [1], b: {} }).shown).toEqual({
      a: secretMask,
      b: secretMask,
    });
  });

  it('are all that the engine does not show, but for what defaults filled in since', () => {
    const schema = {
      quorum: { type: 'integer', default: 1 },
      tries: { default: { most: 2 } },
      token: { secret: true, default: 'x' },
    };
    const given = { prompt: 't0k', quorum: 1, tries: { most: 2 }, token: 'x' };
    const shown = { prompt: secretMask, quorum: 1, tries: { most: 2 }, token: secretMask };
    // As where an input is one expression: all of it is a secret.
    expect(hide(schema, given, secretMask).shown).toEqual(shown);
    expect(hide(schema, given, {}).shown).toEqual(shown);
    expect(hide(schema, { ...given, quorum: 2 }, {}).shown).toEqual({ ...shown, quorum: secretMask });
  });

  it('cost nothing where a schema has none', () => {
    const given = { a: 1 };
    expect(hideSecrets({ type: 'object', properties: { a: {} } }, given).shown).toBe(given);
  });

  it('are named by their top-level names for the run', () => {
    const schema = toJsonSchema({
      user: text,
      token: secret,
      auth: {
        type: 'object',
        properties: { deep: { type: 'array', items: { type: 'object', properties: { p: secret } } } },
      },
    });
    expect(secretNames(schema)).toEqual(['token', 'auth']);
    expect(secretNames(toJsonSchema({ user: text }))).toEqual([]);
    expect(
      secretNames({ type: 'object', additionalProperties: secret, properties: { a: text } }, { a: 1, b: 2 }),
    ).toEqual(['b']);
  });
});

describe('masked parameters', () => {
  const marked = fc.dictionary(fc.string(), fc.boolean());

  test('with their secrets put back are the parameters again, for any JSON and any marks', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), marked, (given, marks) => {
        const parameters = JSON.parse(JSON.stringify(given)) as JsonSchema;
        const properties = Object.fromEntries(
          Object.entries(marks).map(([name, isSecret]) => [name, { secret: isSecret }]),
        );
        const { shown, secrets } = hideSecrets(
          { type: 'object', properties, additionalProperties: { items: secret } },
          parameters,
        );
        expect(showSecrets(shown, secrets)).toEqual(parameters);
        for (const [name, isSecret] of Object.entries(marks))
          if (isSecret && Object.hasOwn(parameters, name) && parameters[name] !== null)
            expect(shown[name]).toBe(secretMask);
      }),
    );
  });

  it('get back only what still stands masked', () => {
    const { secrets } = hideSecrets(toJsonSchema({ a: secret, b: secret }), { a: 'A', b: 'B' });
    expect(showSecrets({ a: 'new', c: secretMask, b: secretMask }, secrets)).toEqual({
      a: 'new',
      c: secretMask,
      b: 'B',
    });
  });

  it('have places that read like those of problems', () => {
    expect(toDottedPath('/auth/a~1b/0')).toBe('auth.a/b.0');
  });
});
