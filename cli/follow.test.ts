import { describe, expect, it } from 'vitest';
import { exitCodeOf } from './follow';

describe('the exit code', () => {
  it.each([
    [{ state: 'completed', result: { exit_code: 0 } }, 0],
    [{ state: 'failed', result: { exit_code: 7 } }, 7],
    [{ state: 'failed', result: { exit_code: 0 } }, 1],
    [{ state: 'failed', result: { exit_code: -9 } }, 1],
    [{ state: 'failed', result: { exit_code: 3221225477 } }, 1],
    [{ state: 'failed', result: { error: 'no worker' } }, 1],
    [{ state: 'timeout', result: { exit_code: 143 } }, 124],
    [{ state: 'cancelled', result: {} }, 130],
    [{ state: 'abandoned', result: null }, 1],
  ])('of %j is %i', (execution, code) => {
    expect(exitCodeOf(execution)).toBe(code);
  });
});
