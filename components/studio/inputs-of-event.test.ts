import { describe, expect, test } from 'vitest';
import { inputsByName, inputsByRule } from './inputs-of-event';

const rendered = {
  ...{ verdict: 'matched' as const, reason: 'No criteria.', clauses: [], error: null },
  parameters: { app: 'shop', auth: { token: 'Bearer ********' } },
  before: { verdict: 'silent' as const, reason: 'payload.level is "fine".', clauses: [] },
};

describe('inputs of an event', () => {
  test('are those of the rule, without secrets that only the server has, which are named', () => {
    const { parameters, said, isComplete } = inputsByRule('ops.page', 7, rendered);
    expect(parameters).toEqual({ app: 'shop' });
    expect(said).toContain('ops.page');
    expect(said).toContain('auth is left out');
    expect(said).toContain('leaves this event alone, though: payload.level is "fine".');
    expect(isComplete).toBe(false);
  });

  test('are complete where the rule matches and nothing is secret', () => {
    const matched = {
      ...rendered,
      parameters: { app: 'shop' },
      before: { ...rendered.before, verdict: 'matched' as const },
    };
    expect(inputsByRule('ops.page', 7, matched)).toEqual({
      parameters: { app: 'shop' },
      said: 'Inputs as ops.page gives them for event 7.',
      isComplete: true,
    });
  });

  test('are none where the rule cannot render them, and it is said why', () => {
    const failed = { ...rendered, parameters: null, error: '1 / 0 has no value.' };
    expect(inputsByRule('ops.page', 7, failed)).toMatchObject({ parameters: {}, isComplete: false });
    expect(inputsByRule('ops.page', 7, failed).said).toContain('1 / 0 has no value.');
  });

  test('are filled in by name without a rule', () => {
    const schema = { type: 'object', properties: { app: { type: 'string' }, level: { type: 'integer' } } };
    expect(inputsByName(schema, { app: 'shop', level: 'high' })).toMatchObject({
      parameters: { app: 'shop' },
    });
    expect(inputsByName(schema, {}).said).toMatch(/no field/);
  });
});
