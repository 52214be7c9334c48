import { expect, test } from 'vitest';
import { unfoundedMasks } from './run-masks';

const mask = '********';

test('no run takes stars for a value: alone, amid a text, deep inside', () => {
  expect(unfoundedMasks({ a: mask, b: { c: [`Bearer ${mask}`] }, d: 'fine' }, null)).toEqual(['a', 'b.c.0']);
});

test('only where the run that they come from holds the secret they stay, and only as they were', () => {
  const earlier = { token: mask, auth: { pass: mask }, url: `https://x:${mask}@host` };
  expect(unfoundedMasks({ token: mask, auth: { pass: mask } }, earlier)).toEqual([]);
  expect(unfoundedMasks({ token: `x${mask}`, other: mask, url: earlier.url }, earlier)).toEqual([
    'token',
    'other',
    'url',
  ]);
});
