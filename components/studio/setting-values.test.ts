import { expect, test } from 'vitest';
import { toFractionValue, toNumberValue, withValues } from './setting-values';

test('a fraction can be typed digit by digit', () => {
  expect(['', '0', '0.', '0.0', '0.05', 'x'].map(toFractionValue)).toEqual([
    undefined,
    0,
    '0.',
    '0.0',
    0.05,
    'x',
  ]);
});

test('a share of items is a number or a percentage', () => {
  expect(['', '3', '10%'].map(toNumberValue)).toEqual([undefined, 3, '10%']);
});

test('of a part of a definition nothing stays where no field has a value', () => {
  expect(withValues({ grace: '10s', running: undefined, as: '' })).toEqual({ grace: '10s' });
  expect(withValues({ grace: undefined })).toBeUndefined();
  expect(withValues({ count: 0 })).toEqual({ count: 0 });
});
