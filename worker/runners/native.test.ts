import { describe, expect, test } from 'vitest';
import { runAtOnce, runNative } from './native';

const run = (name: string, parameters = {}, stop = new AbortController().signal) =>
  runNative(
    { entrypoint: name, actionRef: `core.${name}`, parameters, secretTexts: [], executionId: 1 },
    stop,
  );

describe('a built-in action', () => {
  test('core.echo prints its message and gives it back with its type', async () => {
    expect(await run('echo', { message: [1] })).toEqual({
      kind: 'completed',
      stdout: '[1]\n',
      data: { message: [1] },
    });
  });

  test('core.set gives back what it got', async () => {
    expect(await run('set', { a: { b: null } })).toMatchObject({
      kind: 'completed',
      data: { a: { b: null } },
    });
  });

  test('core.pinned gives back what it is given as its whole result', async () => {
    const end = await run('pinned', { result: { stdout: 'held', data: { a: 1 } } });
    expect(end).toEqual({ kind: 'held', result: { stdout: 'held', data: { a: 1 } } });
    expect(runAtOnce('core.pinned', { result: { a: 1 } })).toEqual({
      state: 'completed',
      error: null,
      result: { a: 1 },
    });
    expect(await run('pinned', { result: 'text' })).toMatchObject({ kind: 'failed' });
  });

  test('core.fail fails with its message', async () => {
    expect(await run('fail', { message: 'as planned' })).toEqual({ kind: 'failed', error: 'as planned' });
  });

  test('core.sleep sleeps, and stops when it is told to', async () => {
    const startedAt = performance.now();
    expect(await run('sleep', { seconds: 0.05 })).toMatchObject({ kind: 'completed' });
    expect(performance.now() - startedAt).toBeGreaterThan(45);
    const control = new AbortController();
    const sleeping = run('sleep', { seconds: 1e9 }, control.signal);
    control.abort();
    expect(await sleeping).toEqual({ kind: 'stopped' });
  });

  test('core.sleep refuses a time that is none', async () => {
    expect(await run('sleep', { seconds: -1 })).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/0 or more, not -1/),
    });
  });

  test('that this worker does not know fails with the reason', async () => {
    expect(await run('teleport')).toMatchObject({
      kind: 'failed',
      error: expect.stringMatching(/no built-in action teleport/),
    });
  });
});
