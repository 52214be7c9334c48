import { expect, test } from 'vitest';
import { readWalls } from './read-walls';

test('what a worker says of its walls is told apart: the level, what holds, what does not', () => {
  expect(readWalls('L2: memory limit, private /tmp; not held: read-only system')).toEqual({
    level: 'L2',
    holds: ['memory limit', 'private /tmp'],
    missing: ['read-only system'],
  });
  expect(readWalls('L3: memory limit')).toEqual({ level: 'L3', holds: ['memory limit'], missing: [] });
  expect(readWalls('L1')).toEqual({ level: 'L1', holds: [], missing: [] });
});
