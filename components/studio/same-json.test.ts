import { expect, test } from 'vitest';
import { isSameJson } from './same-json';

test('the order of keys and what is undefined make no difference; the order of a list does', () => {
  expect(isSameJson({ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1, e: undefined })).toBe(true);
  expect(isSameJson([1, 2], [2, 1])).toBe(false);
});

test('a key, a type or an end that only one of them has makes a difference', () => {
  expect(isSameJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(isSameJson({ a: 1 }, { b: 1 })).toBe(false);
  expect(isSameJson([], {})).toBe(false);
  expect(isSameJson([1], [1, 2])).toBe(false);
  expect(isSameJson(null, {})).toBe(false);
});
