import { describe, expect, it } from 'vitest';
import {
  ExpressionError,
  evaluateExpression,
  filterSignatures,
  isTruthy,
  renderTemplate,
  renderValue,
  type Json,
  type Scope,
} from './expression';

const scope: Scope = {
  names: {
    parameters: { app: 'shop', regions: ['eu', 'us'], 'dry-run': false, n: 3, items: 'mine' },
    task: { build: { result: { ok: true, code: 0 }, status: 'completed' } },
    nothing: null,
  },
  functions: {
    succeeded: () => true,
    result: () => ({ exit_code: 2, data: { ok: true } }),
    add: ([a, b], { more = 0 }) => Number(a) + Number(b) + Number(more),
  },
};
const value = (source: string): Json => renderTemplate(source, scope).value;
const failure = (source: string, within: Scope = scope): ExpressionError => {
  try {
    renderTemplate(source, within);
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error(`${source} did not fail`);
};

describe('rule 9: a template', () => {
  it('that is one single tag keeps its JSON type', () => {
    expect(value('{{ parameters.regions }}')).toEqual(['eu', 'us']);
    expect(value('{{ parameters.n + 1 }}')).toBe(4);
    expect(value('{{ parameters["dry-run"] }}')).toBe(false);
    expect(value('{{ nothing }}')).toBeNull();
    expect(value('{{- parameters.n -}}')).toBe(3);
  });

  it('with anything beside the tag is text', () => {
    expect(value('{{ parameters.n }} ')).toBe('3 ');
    expect(value('{{ parameters.n }}{{ parameters.n }}')).toBe('33');
    expect(value('{{ parameters.n }}{# a note #}')).toBe('3');
    expect(value('{% if true %}{{ parameters.n }}{% endif %}')).toBe('3');
  });

  it('without a tag comes back as it is', () => {
    for (const text of ['', ' ', 'plain\n', '{ }', '}} %}', '$PATH {a}']) expect(value(text)).toBe(text);
  });

  it('is not rendered a second time', () => {
    const inner = { names: { text: '{{ secret }}', secret: 'no' } };
    expect(renderTemplate('{{ text }}', inner).value).toBe('{{ secret }}');
    expect(renderTemplate('a {{ text }}', inner).value).toBe('a {{ secret }}');
  });

  it('keeps the newline at its end', () => expect(value('{{ parameters.app }}\n')).toBe('shop\n'));
});

describe('rule 9: what is missing', () => {
  it('is null, and so is a path below it, with a warning', () => {
    const { value: found, warnings } = renderTemplate('{{ task.deploy.result.url }}', scope);
    expect(found).toBeNull();
    expect(warnings).toEqual(['task.deploy.result.url is missing and read as null']);
    expect(evaluateExpression('nothing.a.b == none', scope).value).toBe(true);
  });

  it('is no warning where a stand-in or a question is at hand', () => {
    for (const source of ['x.y|default(1)', 'x.y is defined', 'x.y or 2', 'x is none'])
      expect(evaluateExpression(source, scope).warnings, source).toEqual([]);
  });

  it('can be told from null by "is defined"', () => {
    expect(evaluateExpression('nothing is defined', scope).value).toBe(true);
    expect(evaluateExpression('nowhere is defined', scope).value).toBe(false);
    expect(evaluateExpression('parameters.zzz is defined', scope).value).toBe(false);
  });

  it('is empty within a text', () => expect(value('[{{ nowhere }}]')).toBe('[]'));

  it('cannot be ordered against something', () => {
    for (const source of ['{{ nothing > 1 }}', '{{ nowhere > 1 }}', '{{ 1 <= nothing }}'])
      expect(failure(source)).toMatchObject({ code: 'type', line: 1 });
    expect(failure('{{ nowhere.x > 1 }}').message).toContain('nowhere.x is missing');
  });

  it('is data before it is a method: a key called items is read', () => {
    expect(value('{{ parameters.items }}')).toBe('mine');
    expect(value('{{ parameters.items()|length }}')).toBe(5);
  });
});

describe('an error', () => {
  it('has line and column, counted from 1', () => {
    expect(failure('{{ 1 +\n   nothing }}')).toMatchObject({ line: 1, column: 6 });
    expect(failure('a\nb {{ parameters.app|upperr }}')).toMatchObject({ line: 2, column: 21 });
    expect(failure('{% if x %}\n{{ 1')).toMatchObject({ code: 'syntax', line: 2 });
  });

  it('keeps its place where the expression stands in braces with space before', () => {
    expect(() => evaluateExpression('\n  {{ 1 + none }}', scope)).toThrow(
      expect.objectContaining({ line: 2, column: 8 }) as Error,
    );
  });

  it('names the nearest filter, test, function, method and statement', () => {
    expect(failure('{{ "a"|uper }}').hint).toBe('Did you mean upper?');
    expect(failure('{{ 1 is evn }}').hint).toBe('Did you mean even?');
    expect(failure('{{ suceeded() }}').hint).toBe('Did you mean succeeded()?');
    expect(failure('{{ "a".uper() }}').hint).toBe('Did you mean upper()?');
    expect(failure('{% iff x %}').hint).toBe('Did you mean if?');
  });

  it('of arguments says which', () => {
    expect(failure('{{ "a"|replace("b") }}').text).toBe('replace needs new.');
    expect(failure('{{ "a"|upper(1) }}').text).toContain('takes no arguments');
    expect(failure('{{ "a"|truncate(lenght=3) }}').hint).toBe('Did you mean length?');
  });

  it('within a value says at which path', () => {
    expect(() => renderValue({ a: [{ b: '{{ 1 / 0 }}' }] }, scope)).toThrow(/^a\[0\]\.b: Division by zero/);
  });

  it('of changing a value says what to do instead', () =>
    expect(failure('{{ parameters.regions.append("x") }}').hint).toContain('+ [x]'));
});

describe('numbers', () => {
  it('are exact beyond 2^53 and never silently corrupted', () => {
    expect(value('n={{ 2 ** 64 + 1 }}')).toBe('n=18446744073709551617');
    expect(value('{{ (2 ** 64 + 1) % 10 }}')).toBe(7);
    expect(value('{{ "9007199254740993"|int|string }}')).toBe('9007199254740993');
    expect(value('{{ \'{"id": 9007199254740993}\'|from_json|to_json }}')).toBe('{"id":9007199254740993}');
    expect(failure('{{ 9007199254740993 }}')).toMatchObject({
      code: 'limit',
      hint: 'Keep it as text: | string.',
    });
  });

  it('divide as Python does', () => {
    expect(value('{{ -7 // 2 }}')).toBe(-4);
    expect(value('{{ -7 % 3 }}')).toBe(2);
    expect(value('{{ 6 / 2 }} {{ 7 // 2.0 }}')).toBe('3.0 3.0');
    expect(value('{{ 6 / 2 }}')).toBe(3);
  });

  it('cannot be infinite in a result', () => expect(failure('{{ 1e308 * 10 }}').code).toBe('limit'));
});

describe('what is printed', () => {
  it('may be long: a list of thousands, as text or as JSON', () => {
    const rows = Array.from({ length: 5_000 }, (_, id) => ({ id, name: `row ${id}` }));
    const within = { names: { rows } };
    expect(JSON.parse(String(renderTemplate('{{ rows|to_json }} ', within).value))).toEqual(rows);
    expect(JSON.parse(String(renderTemplate('{{ rows|tojson(2) }} ', within).value))).toEqual(rows);
    expect(String(renderTemplate('{{ rows }} ', within).value)).toContain("{'id': 4999, 'name': 'row 4999'}");
  });
});

describe('our own filters', () => {
  it('read and write JSON and base64', () => {
    expect(value('{{ parameters|to_json|from_json == parameters }}')).toBe(true);
    expect(value('{{ "grüße"|b64encode }}')).toBe('Z3LDvMOfZQ==');
    expect(value('{{ "Z3LDvMOfZQ=="|b64decode }}')).toBe('grüße');
    expect(failure('{{ "%%"|b64decode }}').text).toContain('base64');
    expect(failure('{{ "{"|from_json }}').text).toContain('not JSON');
  });

  it('match patterns in linear time', () => {
    expect(value('{{ "app-1.2"|regex_match("app") }}')).toBe(true);
    expect(value('{{ "v1.2.3"|regex_search("[0-9.]+") }}')).toBe('1.2.3');
    expect(value('{{ "x"|regex_search("[0-9]") }}')).toBeNull();
    expect(value('{{ "a-b"|regex_replace("(a)-(b)", "$2-$1") }}')).toBe('b-a');
    expect(value('{{ "a-b"|regex_replace("(?P<x>a)-(b)", "[$<x>|\\\\2|$&|$$1|$9]") }}')).toBe(
      '[a|b|a-b|$1|$9]',
    );
    expect(value('{{ ("ab" * 4000)|regex_replace("a", "x" * 200)|length }}')).toBe(804_000);
    expect(value('{{ ("a" * 5000 ~ "b")|regex_match("(a+)+$") }}')).toBe(false);
    expect(failure('{{ "a"|regex_search("(?=a)") }}').code).toBe('pattern');
    expect(failure('{{ "a"|regex_search("(((a{1,90}){1,90}){1,90}){1,90}") }}').code).toMatch(
      /limit|pattern/,
    );
  });

  it('merge objects, name types and read attributes', () => {
    expect(value('{{ {"a": 1}|combine({"b": 2}, {"a": 3}) }}')).toEqual({ a: 3, b: 2 });
    expect(value('{{ [1, "a", none, [], {}, true]|map("type_of")|join(" ") }}')).toBe(
      'number string null list object boolean',
    );
    expect(value('{{ [{"k": "a", "v": 1}]|items_of("k", "v") }}')).toEqual({ a: 1 });
  });

  it('each have a signature and a help text', () => {
    expect(Object.keys(filterSignatures).length).toBeGreaterThan(60);
    for (const [name, { signature, help }] of Object.entries(filterSignatures)) {
      expect(signature.startsWith(name)).toBe(true);
      expect(help.endsWith('.')).toBe(true);
    }
  });
});

describe('functions of the scope', () => {
  it('get JSON arguments by place and by name', () => expect(value('{{ add(1, 2, more=3) }}')).toBe(6));
  it('are ordinary booleans inside any expression', () =>
    expect(evaluateExpression('succeeded() and not result().data.ok', scope).value).toBe(false));
});

describe('a value', () => {
  it('is rendered deeply, keys as they are, the given one unchanged', () => {
    const given = {
      '{{ x }}': ['{{ parameters.n }}', 'n{{ parameters.n }}', 1, null, { deep: '{{ parameters.app }}' }],
    };
    const copy = structuredClone(given);
    expect(renderValue(given, scope).value).toEqual({ '{{ x }}': [3, 'n3', 1, null, { deep: 'shop' }] });
    expect(given).toEqual(copy);
  });

  it('collects warnings with their path', () =>
    expect(renderValue({ a: '{{ nowhere }}' }, scope).warnings).toEqual([
      'a: nowhere is missing and read as null',
    ]));

  it.each([
    ["{{ 'a\\x00b' }}", /a: The result holds a NUL character, which cannot be stored\. .*\\x00/],
    ["a{{ '\\ud83d' }}b", /holds half of a character \(\\ud83d\)/],
    ["{{ [{'a\\x00': 1}] }}", /holds a NUL character/],
  ])('refuses what no store keeps: %s', (a, message) => {
    expect(() => renderValue({ a }, scope)).toThrow(message);
  });

  it('keeps whole characters of any plane', () => {
    expect(renderValue("{{ '\\ud83d\\ude00' ~ '😀' }}", scope).value).toBe('😀😀');
  });

  it('keeps a key called __proto__ as data', () => {
    const rendered = renderValue(JSON.parse('{"__proto__": {"x": "{{ 1 }}"}}') as Json, scope).value;
    expect(JSON.stringify(rendered)).toBe('{"__proto__":{"x":1}}');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('is true or false as Jinja says', () => {
    for (const empty of [null, false, 0, '', [], {}]) expect(isTruthy(empty)).toBe(false);
    for (const full of [true, 1, -1, 'a', [0], { a: null }]) expect(isTruthy(full)).toBe(true);
  });
});
