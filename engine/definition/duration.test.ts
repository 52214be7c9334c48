import { expect, it } from 'vitest';
import { parseDuration } from './duration';

it('reads seconds and amounts with units', () => {
  const cases: [unknown, number][] = [
    [0, 0],
    [1.5, 1.5],
    ['90', 90],
    ['10m', 600],
    ['1h 30m', 5400],
    ['500ms', 0.5],
    ['2d', 172_800],
    ['1.5h', 5400],
    ['1w', 604_800],
  ];
  for (const [written, seconds] of cases)
    expect([written, parseDuration(written)]).toEqual([written, seconds]);
});

it('gives NaN for what is none', () => {
  for (const written of [
    -1,
    Number.NaN,
    Infinity,
    '',
    'soon',
    '10 x',
    '-5s',
    '1h30',
    null,
    undefined,
    {},
    '9'.repeat(200),
  ]) {
    expect([written, parseDuration(written)]).toEqual([written, Number.NaN]);
  }
});
