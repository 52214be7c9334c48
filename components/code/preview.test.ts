import { describe, expect, test } from 'vitest';
import { markSecret, secretMask } from '@/engine/expression/expression';
import { previewOf, toLine } from './preview';
import type { ScopeData } from './scope';

const data: ScopeData = {
  scope: {
    names: {
      parameters: { region: 'eu', key: markSecret('s3cret') },
      task: { build: { result: { image: 'app:7' }, status: 'completed' } },
    },
    functions: { result: () => ({ ok: true }) },
  },
  absent: ['task.deploy', 'item', 'timed_out()'],
  origin: 'run 1',
};

describe('the preview of an expression', () => {
  test('is the value itself for a single expression, and text for a mixed one', () => {
    expect(previewOf('{{ task.build.result }}', false, data)).toMatchObject({ value: { image: 'app:7' } });
    expect(previewOf('to {{ parameters.region }}', false, data)).toMatchObject({ value: 'to eu' });
  });

  test('takes a condition without braces where the field is one', () => {
    expect(previewOf('result().ok', true, data)).toMatchObject({ kind: 'value', value: true });
    expect(previewOf('result().ok', false, data)).toEqual({ kind: 'none' });
  });

  test('says what there is no value of yet', () => {
    expect(previewOf('{{ task.deploy.result.x }}', false, data)).toEqual({
      kind: 'absent',
      path: 'task.deploy',
    });
    expect(previewOf('{{ item }}', false, data)).toEqual({ kind: 'absent', path: 'item' });
    expect(previewOf('{{ items }}', false, data)).not.toMatchObject({ kind: 'absent' });
    expect(previewOf('timed_out()', true, data)).toEqual({ kind: 'absent', path: 'timed_out()' });
  });

  test('says where an evaluation fails', () => {
    expect(previewOf('{{ parameters.region - 1 }}', false, data)).toMatchObject({ kind: 'error', line: 1 });
  });

  test('shows a mask for a secret', () => {
    expect(previewOf('{{ parameters.key }}', false, data)).toMatchObject({ value: secretMask });
  });

  test('is silent for plain text, for what cannot be read, and without values', () => {
    expect(previewOf('plain', false, data)).toEqual({ kind: 'none' });
    expect(previewOf('{{ a. }}', false, data)).toEqual({ kind: 'none' });
    expect(previewOf('{{ a }}', false, undefined)).toEqual({ kind: 'none' });
  });

  test('puts a long value on one line and cuts it', () => {
    expect(toLine('a\n b')).toBe('a b');
    expect(toLine('x'.repeat(400))).toHaveLength(301);
  });
});
