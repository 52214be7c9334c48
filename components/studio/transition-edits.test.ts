import { expect, test } from 'vitest';
import { kindOf } from '../canvas/transition-kind';
import { withKind } from './transition-edits';

test('another kind keeps targets, label and what is published', () => {
  const transition = { when: '{{ succeeded() }}', label: 'ok', publish: [{ a: 1 }], do: ['b'] };
  expect(withKind(transition, 'always')).toEqual({ label: 'ok', publish: [{ a: 1 }], do: ['b'] });
  expect(kindOf(withKind(transition, 'custom'))).toBe('custom');
  expect(withKind(withKind(transition, 'otherwise'), 'failure').when).toBe('{{ failed() }}');
});
