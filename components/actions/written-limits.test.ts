import { describe, expect, test } from 'vitest';
import { readLimits, toWritten } from './written-limits';

describe('the limits of an action, as they are written', () => {
  test('are those that were read, and what is empty is left to the worker', () => {
    const limits = { memory_mb: 256, cpu: 0.5, network: 'off' as const };
    expect(readLimits(toWritten(limits))).toEqual({ value: limits });
    expect(readLimits(toWritten({}))).toEqual({ value: {} });
  });

  test('name the field that is no number', () => {
    const written = { ...toWritten({}), memory_mb: '1 GB', processes: ' 32 ' };
    expect(readLimits(written)).toEqual({ errors: { 'limits.memory_mb': 'This must be a number.' } });
  });
});
