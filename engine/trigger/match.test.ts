import { describe, expect, it } from 'vitest';
import { markSecret, type Json } from '../expression/expression';
import { matchCriteria } from './match';

const event = {
  payload: {
    severity: 'critical',
    used: 93.5,
    host: { name: 'db-1', tags: ['prod', 'eu'] },
    empty: null,
    count: '12',
  },
  id: 4,
};
const scope = {
  names: { event, trigger: { data: event.payload }, rule: { ref: 'p.r' }, config: { limit: 90 }, system: {} },
};
const verdict = (conditions: Json) => matchCriteria(conditions, scope).verdict;
const leaf = (field: string, operator: string, value: Json = null) =>
  verdict({ all: [{ field, operator, value }] });

describe('what changed since the event before', () => {
  const at = (level: Json | undefined, previous: Json) => ({
    ...scope,
    names: {
      ...scope.names,
      event: { payload: level === undefined ? {} : { level }, previous },
    },
  });
  const was = (level: Json) => ({ payload: { level }, trigger: 'p.t' });
  const told = (level: Json | undefined, previous: Json, value: Json = null) =>
    matchCriteria({ all: [{ field: 'payload.level', operator: 'changed', value }] }, at(level, previous));

  it('is what differs from it, also what came or went; without one nothing has', () => {
    expect(told('high', was('low'))).toMatchObject({
      verdict: 'matched',
      clauses: [{ operator: 'changed', expected: 'low', actual: 'high', result: true }],
    });
    expect(told('low', was('low')).verdict).toBe('silent');
    expect(told('low', was('low')).reason).toContain('as in the event before');
    expect(told('low', null).verdict).toBe('silent');
    expect(told(undefined, was('low')).verdict).toBe('matched');
    expect(told(['a', 1], was(['a', 1])).verdict).toBe('silent');
    expect(told('low', was('low'), false).verdict).toBe('matched');
  });

  it('is not known where events have none before them', () => {
    const criteria = { all: [{ field: 'payload.severity', operator: 'changed' }] };
    expect(matchCriteria(criteria, scope).verdict).toBe('silent');
  });
});

describe('criteria', () => {
  it('rule 9: none match always', () => {
    for (const none of [null, {}, []]) expect(verdict(none)).toBe('matched');
  });

  it('rule 9: an expression, bare or in braces; an error is no match', () => {
    expect(verdict({ expression: 'event.payload.used > config.limit' })).toBe('matched');
    expect(verdict({ expression: "{{ trigger.data.severity == 'low' }}" })).toBe('silent');
    expect(matchCriteria({ expression: 'event.payload.nothing > 3' }, scope)).toMatchObject({
      verdict: 'error',
      clauses: [{ operator: 'expression', result: null, error: expect.stringContaining('line 1') as string }],
    });
    expect(verdict({ expression: '1 +' })).toBe('error');
    expect(verdict({ expression: 7 })).toBe('error');
  });

  it('compare by every operator', () => {
    const cases: [string, string, Json, boolean][] = [
      ['payload.severity', 'equals', 'critical', true],
      ['payload.host.tags', 'equals', ['prod', 'eu'], true],
      ['payload.severity', 'not_equals', 'critical', false],
      ['payload.missing', 'equals', null, true],
      ['payload.used', 'greater', 93, true],
      ['payload.count', 'greater', 9, true],
      ['payload.used', 'less', 93.5, false],
      ['payload.used', 'greater_or_equal', 93.5, true],
      ['payload.used', 'less_or_equal', 93, false],
      ['payload.missing', 'less', 1, false],
      ['payload.used', 'between', [90, 95], true],
      ['payload.severity', 'in', ['high', 'critical'], true],
      ['payload.severity', 'not_in', ['high', 'critical'], false],
      ['payload.host.tags', 'contains', 'eu', true],
      ['payload.host.name', 'contains', 'b-', true],
      ['payload.host', 'contains', 'name', true],
      ['payload.host.name', 'starts', 'db', true],
      ['payload.host.name', 'ends', '-2', false],
      ['payload.host.name', 'matches', '^db-[0-9]+$', true],
      ['payload.empty', 'exists', null, true],
      ['payload.missing', 'exists', null, false],
      ['payload.missing', 'not_exists', null, true],
      ['payload.used', 'is_type', 'number', true],
      ['payload.host.tags', 'is_type', 'array', true],
      ['event.payload.host.tags.1', 'equals', 'eu', true],
      ['trigger.data.used', 'greater', '{{ config.limit }}', true],
    ];
    for (const [field, operator, value, expected] of cases) {
      expect([field, operator, leaf(field, operator, value)]).toEqual([
        field,
        operator,
        expected ? 'matched' : 'silent',
      ]);
    }
  });

  it('say what is wrong with a comparison instead of guessing', () => {
    for (const [field, operator, value] of [
      ['payload.severity', 'greater', 3],
      ['payload.host.name', 'matches', '('],
      ['payload.used', 'between', 3],
      ['payload.used', 'in', 'abc'],
      ['payload.used', 'looks_like', 1],
    ] as const) {
      expect(leaf(field, operator, value)).toBe('error');
    }
    expect(verdict({ all: [{ operator: 'equals', value: 1 }] })).toBe('error');
    expect(verdict({ all: 'x' })).toBe('error');
    expect(verdict('text')).toBe('error');
  });

  it('nest all, any and none, and show every clause', () => {
    const yes = { field: 'payload.severity', operator: 'equals', value: 'critical' };
    const no = { field: 'payload.used', operator: 'less', value: 50 };
    expect(verdict({ any: [no, yes] })).toBe('matched');
    expect(verdict({ none: [no] })).toBe('matched');
    expect(verdict({ all: [yes, { none: [yes] }] })).toBe('silent');
    expect(verdict([yes, yes])).toBe('matched');
    const match = matchCriteria({ all: [yes, { any: [no, no] }, yes] }, scope);
    expect(match.clauses.map(({ result }) => result)).toEqual([true, false, false, true]);
    expect(match.reason).toBe('payload.used less 50 is false: it is 93.5.');
  });

  it('reach own properties only, and end on hostile patterns and nesting', () => {
    expect(leaf('event.constructor.name', 'exists')).toBe('silent');
    expect(leaf('payload.__proto__.polluted', 'exists')).toBe('silent');
    expect(leaf('payload.host.name', 'matches', '(a+)+$')).toBe('silent');
    let deep: Json = { field: 'payload.used', operator: 'exists' };
    for (let level = 0; level < 5_000; level += 1) deep = { all: [deep] };
    expect(verdict(deep)).toBe('error');
  });
});

describe('criteria over secrets', () => {
  const keystore = { token: markSecret('s3cret'), db: markSecret({ password: 's3cret', size: 7 }) };
  const hidden = { names: { ...scope.names, keystore, given: 's3cret' } };
  const match = (conditions: Json) => matchCriteria(conditions, hidden);

  it('compare what they are, and show what they are not', () => {
    for (const [field, operator, value, verdict] of [
      ['keystore.token', 'equals', '{{ given }}', 'matched'],
      ['keystore.token', 'equals', 'wrong', 'silent'],
      ['keystore.db.password', 'starts', 's3', 'matched'],
      ['keystore.db.size', 'greater', 6, 'matched'],
      ['given', 'equals', '{{ keystore.token }}', 'matched'],
    ] as const) {
      const said = match({ all: [{ field, operator, value }] });
      expect(said.verdict).toBe(verdict);
      if (field !== 'given') expect(JSON.stringify(said)).not.toContain('s3cret');
      else expect(said.clauses[0]?.expected).toBe('********');
    }
  });

  it('quote none in a reason or an error', () => {
    for (const conditions of [
      { expression: 'keystore.token * 0' },
      { expression: "'' if keystore.token else 1" },
      { expression: 'keystore.token + 1' },
      { all: [{ field: 'keystore.token', operator: 'greater', value: 3 }] },
      { all: [{ field: 'keystore.token', operator: 'between', value: 3 }] },
      { all: [{ field: 'given', operator: 'matches', value: '({{ keystore.token }}' }] },
    ]) {
      const said = match(conditions);
      expect(said.verdict).not.toBe('matched');
      const { actual: _, ...clause } = said.clauses[0] ?? {};
      expect(JSON.stringify({ reason: said.reason, clause })).not.toContain('s3cret');
    }
  });
});
