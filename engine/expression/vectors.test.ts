import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExpressionError, evaluateExpression, renderTemplate, type Json } from './expression';

/** A source with the answer of Python's Jinja2, or the error that it gave. */
interface Case {
  id: string;
  kind: 'expression' | 'template';
  source: string;
  context: { [name: string]: Json };
  expected?: Json;
  error?: string;
}

const here = import.meta.dirname;
const cases = readFileSync(path.join(here, 'vectors/cases.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);
const record = readFileSync(path.join(here, '../../docs/adr/0010-expression-differences.md'), 'utf8');
const explained = new Set(record.match(/\b[et]\d{4}\b/g));

function answer({ kind, source, context }: Case): { value: Json } | { error: unknown } {
  try {
    const { value } = (kind === 'expression' ? evaluateExpression : renderTemplate)(source, {
      names: context,
    });
    return { value };
  } catch (error) {
    return { error };
  }
}

function isSame(one: Case): boolean {
  let got = answer(one);
  // A single tag keeps its type here; with a comment beside it, it is text as in Jinja.
  if (one.kind === 'template' && 'value' in got && typeof got.value !== 'string')
    got = answer({ ...one, source: `${one.source}{# #}` });
  if ('error' in got) return got.error instanceof ExpressionError && one.error !== undefined;
  return one.error === undefined && JSON.stringify(got.value) === JSON.stringify(one.expected);
}

const different = cases.filter((one) => !isSame(one)).map(({ id }) => id);

describe('beside Python’s Jinja2', () => {
  it('has at least 1,500 cases', () => expect(cases.length).toBeGreaterThan(1_500));

  it('answers at least 98 % of them alike', () =>
    expect((cases.length - different.length) / cases.length).toBeGreaterThanOrEqual(0.98));

  it('explains every difference in ADR 10, and nothing that is none', () =>
    expect([...explained].sort()).toEqual([...different].sort()));

  it('fails in no other way than with an error that has a place', () => {
    for (const one of cases) {
      const got = answer(one);
      if (!('error' in got)) continue;
      expect(got.error, one.source).toBeInstanceOf(ExpressionError);
      const { line, column } = got.error as ExpressionError;
      expect(line, one.source).toBeGreaterThanOrEqual(1);
      expect(column, one.source).toBeGreaterThanOrEqual(1);
      expect(column, one.source).toBeLessThanOrEqual(one.source.length + 1);
    }
  });
});
