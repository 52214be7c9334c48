import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ExpressionError,
  evaluateExpression,
  filterSignatures,
  parseTemplate,
  renderTemplate,
  type Json,
} from './expression';
import { tests } from './tests';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 1_500);
const small = { steps: 5_000, size: 20_000, depth: 20 };

const names = {
  a: 1,
  s: 'text',
  xs: [3, 1, 2],
  d: { a: { b: 'c' }, e: [] },
  users: [{ n: 'x', v: 2 }],
  none_: null,
};
const word = fc.constantFrom(
  'a',
  's',
  'xs',
  'd',
  'd.a.b',
  'users',
  'none_',
  'missing',
  'd.constructor',
  'xs.__proto__',
  'self',
);
const literal = fc.constantFrom(
  '0',
  '1',
  '-3',
  '2.5',
  '1e9',
  "'x'",
  "'%s {}'",
  '[]',
  '{}',
  'none',
  'true',
  '9007199254740993',
);
const filterName = fc.constantFrom(...Object.keys(filterSignatures));
const testName = fc.constantFrom(...Object.keys(tests).filter((name) => /^\w+$/.test(name)));
const methodName = fc.constantFrom(
  'upper',
  'split',
  'join',
  'format',
  'items',
  'get',
  'replace',
  'center',
  'constructor',
  'call',
);
const operator = fc.constantFrom(
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '**',
  '~',
  '==',
  '<',
  'in',
  'not in',
  'and',
  'or',
);

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const part = tie('expression');
  const args = fc.array(part, { maxLength: 3 }).map((parts) => parts.join(', '));
  return {
    expression: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      word,
      literal,
      fc.tuple(part, operator, part).map(([left, sign, right]) => `(${left} ${sign} ${right})`),
      fc.tuple(part, filterName, args).map(([input, name, list]) => `(${input})|${name}(${list})`),
      fc.tuple(part, filterName).map(([input, name]) => `(${input})|${name}`),
      fc.tuple(part, testName, args).map(([input, name, list]) => `(${input}) is ${name}(${list})`),
      fc.tuple(part, methodName, args).map(([object, name, list]) => `(${object}).${name}(${list})`),
      fc.tuple(part, part).map(([object, key]) => `(${object})[${key}]`),
      fc.tuple(part, part, part).map(([object, from, to]) => `(${object})[${from}:${to}]`),
      fc.tuple(part, part, part).map(([then, test, other]) => `(${then} if ${test} else ${other})`),
      fc.array(part, { maxLength: 4 }).map((parts) => `[${parts.join(', ')}]`),
      fc.tuple(part, part).map(([key, value]) => `{${key}: ${value}}`),
    ),
  };
});

const template = fc
  .array(
    fc.oneof(
      fc.string(),
      expression.map((part) => `{{ ${part} }}`),
      expression.map((part) => `{% if ${part} %}`),
      expression.map((part) => `{% for x in ${part} %}`),
      expression.map((part) => `{% set x = ${part} %}`),
      fc.constantFrom(
        '{% endif %}',
        '{% endfor %}',
        '{% else %}',
        '{{',
        '}}',
        '{%',
        '%}',
        '{#',
        '#}',
        '-',
        '{% raw %}',
        '{% endraw %}',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''));

/** Nothing but JSON, all the way down. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return Object.getPrototypeOf(value) === Array.prototype && value.every(isJson);
  return (
    typeof value === 'object' &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every(isJson)
  );
}

function check(run: () => Json, source: string): void {
  const start = performance.now();
  try {
    expect(isJson(run()), source).toBe(true);
  } catch (error) {
    expect(error, source).toBeInstanceOf(ExpressionError);
    expect((error as ExpressionError).line).toBeGreaterThanOrEqual(1);
    expect((error as ExpressionError).column).toBeGreaterThanOrEqual(1);
  }
  expect(performance.now() - start, source).toBeLessThan(2_000);
}

describe('whatever is written', () => {
  it('expressions give JSON or an error with a place, soon', () => {
    fc.assert(
      fc.property(expression, (source) =>
        check(() => evaluateExpression(source, { names }, small).value, source),
      ),
      { numRuns },
    );
  });

  it('templates give JSON or an error with a place, soon', () => {
    fc.assert(
      fc.property(template, (source) => check(() => renderTemplate(source, { names }, small).value, source)),
      { numRuns },
    );
  });

  it('any text gives JSON or an error, and is looked at without one', () => {
    const tags = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 6 }),
        fc.constantFrom('{{', '}}', '{%', '%}', '|', '(', '"', '.', ' if '),
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(tags, (parts) => {
        const source = parts.join('');
        check(() => renderTemplate(source, { names }, small).value, source);
        expect(Array.isArray(parseTemplate(source).problems)).toBe(true);
        expect(Array.isArray(parseTemplate(source, true).problems)).toBe(true);
      }),
      { numRuns },
    );
  });

  it('the scope stays as it was', () => {
    const before = JSON.stringify(names);
    fc.assert(
      fc.property(expression, (source) => {
        check(() => evaluateExpression(source, { names }, small).value, source);
        expect(JSON.stringify(names)).toBe(before);
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });

  it('the same comes out every time', () => {
    fc.assert(
      fc.property(expression, (source) => {
        const once = (): string => {
          try {
            return JSON.stringify(evaluateExpression(source, { names }, small));
          } catch (error) {
            return error instanceof Error ? error.message : '';
          }
        };
        expect(once()).toBe(once());
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });
});
