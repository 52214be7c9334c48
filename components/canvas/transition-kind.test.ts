import { expect, test } from 'vitest';
import { exitOf, kindOf, transitionText } from './transition-kind';

test('a bare outcome has its own kind, anything more is a condition', () => {
  expect(kindOf({ do: [] })).toBe('always');
  expect(kindOf({ when: '{{ succeeded() }}', do: [] })).toBe('success');
  expect(kindOf({ when: '{{failed()}}', do: [] })).toBe('failure');
  expect(kindOf({ when: 'timed_out()', do: [] })).toBe('timeout');
  expect(kindOf({ when: '', do: [] })).toBe('custom');
  expect(kindOf({ otherwise: true, do: [] })).toBe('otherwise');
  expect(kindOf({ when: '{{ succeeded() and result().ok }}', do: [] })).toBe('custom');
});

test('a condition leaves by the outcome that it starts with', () => {
  expect(exitOf({ when: '{{ succeeded() and result().ok }}', do: [] })).toBe('success');
  expect(exitOf({ when: '{{ failed() and true }}', do: [] })).toBe('failure');
  expect(exitOf({ when: '{{ result().ok }}', do: [] })).toBe('always');
});

test('the line says its label, else its condition without braces, and no more than fits', () => {
  expect(transitionText({ label: 'yes', do: [] }, 'success')).toBe('yes');
  expect(transitionText({ when: '{{ result().ok }}', do: [] }, 'custom')).toBe('result().ok');
  expect(transitionText({ when: `{{ ${'x'.repeat(80)} }}`, do: [] }, 'custom')).toHaveLength(40);
});
