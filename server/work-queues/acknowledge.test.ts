import { describe, expect, it } from 'vitest';
import { mergePatch, readAcks, settleItem, type Ending } from './acknowledge';
import { toTuning } from './schema';

const ending = (state: string, more: Partial<Ending> = {}): Ending => ({
  ...{ executionId: 7, state, error: null, result: null, isOverdue: false, ...more },
});
const settle = (attempt: number, end: Ending, config = {}) =>
  settleItem(attempt, end, undefined, toTuning(config));

describe('queue_ack', () => {
  it('is read beside the result and in its data, and what is none of it is passed by', () => {
    const queue_ack = {
      version: 1,
      items: [
        { id: 1, status: 'completed', summary: 'ok' },
        { id: '2', status: 'retry' },
        { id: 3 },
        null,
        'x',
      ],
    };
    const read = new Map([
      [1, { status: 'completed', summary: 'ok' }],
      [2, { status: 'retry', summary: null }],
    ]);
    expect(readAcks({ queue_ack })).toEqual(read);
    expect(readAcks({ data: { queue_ack } })).toEqual(read);
    for (const result of [null, 'text', [], {}, { queue_ack: 1 }, { queue_ack: { items: {} } }, { data: [] }])
      expect(readAcks(result).size).toBe(0);
  });

  it('decides for its items whatever became of the execution', () => {
    const tuning = toTuning({});
    const of = (status: string) => settleItem(1, ending('failed'), { status, summary: 'why' }, tuning);
    expect(of('completed')).toMatchObject({ status: 'completed', lastError: null });
    expect(of('skipped').status).toBe('skipped');
    expect(of('cancelled').status).toBe('cancelled');
    expect(of('retry')).toMatchObject({ status: 'retry', retryInSeconds: 5, lastError: { message: 'why' } });
    expect(of('failed')).toMatchObject({
      status: 'failed',
      ackSummary: { status: 'failed', summary: 'why' },
    });
    expect(of('done').lastError?.['message']).toMatch(/acknowledged as done, which is no outcome/);
  });
});

describe('without an acknowledgement', () => {
  it('an item is what its execution came to, and is tried again until the limit', () => {
    expect(settle(1, ending('completed')).status).toBe('completed');
    expect(settle(1, ending('cancelled')).status).toBe('cancelled');
    for (const state of ['failed', 'timeout', 'abandoned', 'gone']) {
      expect(settle(1, ending(state)).status).toBe('retry');
      expect(settle(3, ending(state)).status).toBe('failed');
    }
    expect(settle(1, ending('cancelled', { isOverdue: true })).status).toBe('retry');
  });

  it('waits longer each time, up to a limit, or as long each time', () => {
    const config = { max_attempts: 100, retry_delay_seconds: 10, max_retry_delay_seconds: 60 };
    const delays = (more: object) =>
      [1, 2, 3, 4, 90].map(
        (attempt) => settle(attempt, ending('failed'), { ...config, ...more }).retryInSeconds,
      );
    expect(delays({})).toEqual([10, 20, 40, 60, 60]);
    expect(delays({ retry_backoff: 'fixed' })).toEqual([10, 10, 10, 10, 10]);
  });
});

describe('a merge patch', () => {
  it('does what RFC 7396 says', () => {
    // The appendix of the RFC.
    for (const [target, patch, result] of [
      [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
      [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
      [{ a: 'b' }, { a: null }, {}],
      [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
      [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
      [
        ['a', 'b'],
        ['c', 'd'],
        ['c', 'd'],
      ],
      [{ a: 'foo' }, null, null],
      [{ e: null }, { a: 1 }, { e: null, a: 1 }],
      [[1, 2], { a: 'b', c: null }, { a: 'b' }],
      [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    ] as const)
      expect(mergePatch(target as never, patch as never)).toEqual(result);
  });
});
