import { describe, expect, it } from 'vitest';
import type { Json } from '../expression/expression';
import { fromExpression } from './from-expression';
import { matchCriteria } from './match';
import { toExpression } from './to-expression';

const clause = (field: string, operator: string, value: Json = null) => ({ field, operator, value });
const events: Json[] = [
  { level: 'high', used: 93.5, host: { name: 'db-1', tags: ['eu', 'prod'] }, 'odd key': 1, ok: true },
  { level: 'low', used: 3, host: { name: 'web', tags: [] }, ok: false },
  { level: null, used: null, host: { name: 'a"b', tags: ['eu'] } },
  {},
];
const matches = (conditions: Json, payload: Json): boolean => {
  const event = { id: 1, payload, headers: {}, previous: { payload: { level: 'low' }, trigger: 'p.t' } };
  return (
    matchCriteria(conditions, { names: { event, trigger: { data: payload }, config: { limit: 90 } } })
      .verdict === 'matched'
  );
};

describe('criteria as an expression', () => {
  const trees: Json[] = [
    { all: [clause('payload.level', 'equals', 'high'), clause('payload.used', 'greater', 80)] },
    { any: [clause('payload.used', 'greater', 80), clause('payload.level', 'equals', null)] },
    { none: [clause('payload.host.name', 'starts', 'db'), clause('payload.used', 'less_or_equal', 3)] },
    { all: [{ any: [clause('payload.ok', 'equals', true), clause('payload.level', 'in', ['low', null])] }] },
    { all: [clause('payload.used', 'between', [1, 10])] },
    { any: [clause('payload.used', 'between', [1, 10]), clause('payload.ok', 'exists')] },
    { all: [clause('payload.host.tags', 'contains', 'eu'), clause('payload.host.tags[0]', 'equals', 'eu')] },
    { any: [clause('payload.host.tags', 'contains', 'prod'), clause('payload.level', 'not_exists')] },
    { all: [clause('payload.host.name', 'matches', '^[a-z]+-[0-9]$')] },
    { all: [clause('payload.host.name', 'equals', 'a"b')] },
    { all: [clause('payload["odd key"]', 'equals', 1)] },
    { all: [clause('payload.used', 'greater', '{{ config.limit }}')] },
    { all: [clause('payload.level', 'not_in', ['high'])] },
    { all: [clause('trigger.data.level', 'not_equals', 'high')] },
    { all: [clause('payload.level', 'changed')] },
    { none: [clause('payload.level', 'changed', false)] },
    { any: [clause('payload.level', 'is_type', 'string'), clause('payload.host', 'is_type', 'object')] },
    [clause('payload.level', 'equals', 'low')],
  ];

  it.each(trees)('answers alike: %j', (tree) => {
    const expression = toExpression(tree);
    expect(expression).not.toBeNull();
    for (const payload of events)
      expect([payload, matches({ expression }, payload)]).toEqual([payload, matches(tree, payload)]);
  });

  it('reads as somebody would write it', () => {
    expect(toExpression(trees[0] ?? null)).toBe('event.payload.level == "high" and event.payload.used > 80');
    expect(toExpression({ none: [clause('payload.a', 'equals', 1)] })).toBe('not (event.payload.a == 1)');
  });

  it('is none where nothing is said, or no expression says it', () => {
    for (const none of [{}, { all: [] }, { all: [clause('', 'equals')] }, { all: [clause('a', 'like')] }, 7])
      expect(toExpression(none)).toBeNull();
    expect(toExpression({ all: [clause('payload.a', 'equals', 'x {{ config.limit }}')] })).toBeNull();
  });
});

describe('an expression as criteria', () => {
  it.each<[string, Json]>([
    [
      "event.payload.level == 'high' and event.payload.used >= 80 and not event.payload.ok is defined",
      {
        all: [
          clause('payload.level', 'equals', 'high'),
          clause('payload.used', 'greater_or_equal', 80),
          { none: [clause('payload.ok', 'not_equals')] },
        ],
      },
    ],
    ['80 < event.payload.used', { all: [clause('payload.used', 'greater', 80)] }],
    ["'eu' in trigger.data.host.tags", { all: [clause('trigger.data.host.tags', 'contains', 'eu')] }],
    [
      '{{ event.payload.host.tags[0] in ["a", -1] }}',
      { all: [clause('payload.host.tags[0]', 'in', ['a', -1])] },
    ],
    [
      "event.payload.name.startswith('db') or event.payload.x is undefined",
      { any: [clause('payload.name', 'starts', 'db'), clause('payload.x', 'equals')] },
    ],
    [
      'not (event.payload.a == 1 or event.payload.b == 2)',
      { none: [clause('payload.a', 'equals', 1), clause('payload.b', 'equals', 2)] },
    ],
  ])('%s', (expression, tree) => {
    expect(fromExpression(expression)).toEqual(tree);
    for (const payload of events) {
      // What an expression cannot compare is an error, and no match either.
      expect(matches(tree, payload) || !matches({ expression }, payload)).toBe(true);
    }
  });

  it('is none where it computes, or cannot be read', () => {
    for (const source of [
      'event.payload.a + 1 > 2',
      'event.payload.a > event.payload.b',
      'event.payload.list | length > 3',
      '1 < event.payload.a < 3',
      'true',
      'event.payload.a ==',
      "event.payload.a == '{{ x }}'",
      'event.previous.payload.a == 1',
      '',
    ])
      expect([source, fromExpression(source)]).toEqual([source, null]);
  });

  it('comes back as it was', () => {
    const tree = {
      any: [
        { all: [clause('payload.a', 'equals', 1), clause('payload.b', 'not_equals', 'x')] },
        clause('payload.c', 'in', [1, 2]),
      ],
    };
    expect(fromExpression(toExpression(tree) ?? '')).toEqual(tree);
  });
});
