import { describe, expect, it } from 'vitest';
import { parseOperand, printOperand, rewrite, toConditions, toCriteria, type Conditions } from './criteria';

describe('criteria', () => {
  const cases: Conditions[] = [
    {},
    { expression: 'event.payload.x > 1' },
    {
      all: [
        { field: 'payload.used', operator: 'greater_or_equal', value: 80 },
        { field: 'payload.host', operator: 'exists' },
      ],
    },
    { any: [{ field: 'payload.level', operator: 'in', value: ['warning', 'critical'] }] },
    { none: [{ field: 'payload.code', operator: 'equals', value: '007' }] },
    { all: [{ any: [{ field: 'payload.a', operator: 'equals', value: true }] }] },
    { all: [{ field: 'payload.a', operator: 'equals', value: 1, note: 'more than the form shows' }] },
    { any: [{ all: [], any: [] }] },
  ];

  it.each(cases)('are stored as they were read: %j', (conditions) => {
    expect(toConditions(toCriteria(conditions))).toEqual({ value: conditions });
  });

  it('show the older list as clauses that must all hold', () => {
    expect(toCriteria([{ field: 'a', operator: 'equals', value: 1 }])).toMatchObject({
      kind: 'clauses',
      group: { match: 'all' },
    });
  });

  it('show groups inside of groups as they are nested', () => {
    const a = { field: 'payload.a', operator: 'equals', value: 1 };
    const b = { field: 'payload.b', operator: 'exists' };
    expect(toCriteria({ all: [a, { any: [b, { none: [a] }] }] })).toEqual({
      kind: 'clauses',
      group: {
        match: 'all',
        parts: [
          { ...a, value: '1' },
          {
            match: 'any',
            parts: [
              { ...b, value: '' },
              { match: 'none', parts: [{ ...a, value: '1' }] },
            ],
          },
        ],
      },
    });
  });

  it('keep a number that was meant as text apart from a number', () => {
    expect(printOperand('80')).toBe('"80"');
    expect(parseOperand('"80"')).toBe('80');
    expect(parseOperand('80')).toBe(80);
    expect(parseOperand('critical')).toBe('critical');
  });

  it('keep what they say when they are written as nested groups, and come back as clauses', () => {
    const clauses = toCriteria({ any: [{ field: 'payload.a', operator: 'equals', value: 1 }] });
    const nested = rewrite(clauses, 'json');
    expect(nested.kind).toBe('json');
    expect(toConditions(nested)).toEqual(toConditions(clauses));
    expect(rewrite(nested, 'clauses')).toEqual(clauses);
  });

  it('keep what they say when they are written as an expression and back', () => {
    const clauses = toCriteria({
      all: [
        { field: 'payload.level', operator: 'equals', value: 'high' },
        { field: 'payload.used', operator: 'greater', value: 80 },
      ],
    });
    const expression = rewrite(clauses, 'expression');
    expect(expression).toEqual({
      kind: 'expression',
      expression: 'event.payload.level == "high" and event.payload.used > 80',
    });
    expect(rewrite(expression, 'clauses')).toEqual(clauses);
    expect(toConditions(rewrite(expression, 'json'))).toEqual(toConditions(clauses));
  });

  it('begin with an empty clause where there is nothing to keep', () => {
    for (const criteria of [{ kind: 'always' }, { kind: 'expression', expression: 'true' }] as const) {
      expect(toConditions(rewrite(criteria, 'json'))).toEqual({
        value: { all: [{ field: 'payload.', operator: 'equals', value: '' }] },
      });
      expect(rewrite(criteria, 'clauses')).toMatchObject({
        group: { match: 'all', parts: [{ field: 'payload.' }] },
      });
    }
    expect(rewrite({ kind: 'json', text: 'no json' }, 'always')).toEqual({ kind: 'always' });
  });
});
