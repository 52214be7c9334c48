import { describe, expect, test } from 'vitest';
import { toAttemptLimits } from './attempt-limits';

const bounds = {
  ATTUNE_ACTION_MEMORY_MB: 512,
  ATTUNE_ACTION_MEMORY_MAX_MB: undefined,
  ATTUNE_ACTION_PROCESSES: 256,
  ATTUNE_ACTION_PROCESSES_MAX: 4096,
  ATTUNE_ACTION_CPU_MAX: undefined,
  ATTUNE_ACTION_DISK_MB: 256,
  ATTUNE_ACTION_DISK_MAX_MB: 4096,
};
const machine = { memoryMb: 2048, cores: 4 };
const limits = (asked: Parameters<typeof toAttemptLimits>[0], more = {}) =>
  toAttemptLimits(asked, { ...bounds, ...more }, machine);

describe('the limits of an attempt', () => {
  test('are the worker’s where the action says nothing', () => {
    expect(limits({})).toEqual({
      memoryBytes: 512 * 2 ** 20,
      processes: 256,
      cpu: null,
      diskMb: 256,
      hasNetwork: true,
    });
  });

  test('are the action’s where it says something, and processors that all exist are no limit', () => {
    expect(limits({ memory_mb: 64, processes: 16, cpu: 0.5, disk_mb: 8, network: 'off' })).toEqual({
      memoryBytes: 64 * 2 ** 20,
      processes: 16,
      cpu: 0.5,
      diskMb: 8,
      hasNetwork: false,
    });
    expect(limits({ cpu: 4 }).cpu).toBeNull();
  });

  test('are never more than the worker gives, by default the machine’s memory', () => {
    expect(limits({}, { ATTUNE_ACTION_MEMORY_MAX_MB: 128 }).memoryBytes).toBe(128 * 2 ** 20);
    expect(limits({}, { ATTUNE_ACTION_CPU_MAX: 2 }).cpu).toBe(2);
    expect(() => limits({ memory_mb: 4096 })).toThrow(
      /asks for limits\.memory_mb 4096, and this worker gives at most 2048 \(ATTUNE_ACTION_MEMORY_MAX_MB\)/,
    );
    expect(() => limits({ cpu: 3 }, { ATTUNE_ACTION_CPU_MAX: 2 })).toThrow(/limits\.cpu 3/);
  });
});
