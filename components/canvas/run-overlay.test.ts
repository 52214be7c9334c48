import { expect, test } from 'vitest';
import { toOverlay, type ExecutionSummary, type RunView } from './run-overlay';

const child = (part: Partial<ExecutionSummary>) =>
  ({
    parentId: 1,
    taskName: 'deploy',
    visit: 1,
    itemIndex: null,
    state: 'completed',
    startedAt: null,
    endedAt: null,
    ...part,
  }) as ExecutionSummary;
const run = (taskRuns: RunView['taskRuns'], held: string[] = []) =>
  ({ executionId: 1, taskRuns, held }) as unknown as RunView;
const visit = (part: Partial<RunView['taskRuns'][number]>): RunView['taskRuns'][number] => ({
  task: 'deploy',
  visit: 1,
  status: 'running',
  error: null,
  keptFrom: null,
  transitions: [],
  result: null,
  ...part,
});

test('a task that waits for a person shows so while the engine calls it running', () => {
  const overlay = toOverlay(run([visit({})]), [
    child({ state: 'waiting', startedAt: '2026-01-01T00:00:00.000Z' }),
  ]);
  expect(overlay.tasks.get('deploy')).toMatchObject({
    state: 'waiting',
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: null,
  });
});

test('a retry between two attempts is not shown as failed', () => {
  const overlay = toOverlay(run([visit({})]), [child({ state: 'failed' }), child({ state: 'delayed' })]);
  expect(overlay.tasks.get('deploy')?.state).toBe('delayed');
});

test('items are counted over the newest attempt of each', () => {
  const overlay = toOverlay(run([visit({})]), [
    child({ itemIndex: 0, state: 'failed' }),
    child({ itemIndex: 0, state: 'running' }),
    child({ itemIndex: 1 }),
  ]);
  expect(overlay.tasks.get('deploy')?.items).toEqual({ done: 1, total: 2 });
});

test('the newest visit is shown, and fired transitions are counted over all visits', () => {
  const transitions = [{ index: 0, fired: true, to: ['check'], error: null }];
  const overlay = toOverlay(
    run([
      visit({ visit: 2, status: 'completed', transitions }),
      visit({ visit: 1, status: 'failed', transitions }),
    ]),
    [],
  );
  expect(overlay.tasks.get('deploy')).toMatchObject({ state: 'completed', visits: 2 });
  expect(overlay.fired.get('deploy#0')).toBe(2);
});

test('the children of a nested workflow do not paint the tasks of this one', () => {
  expect(
    toOverlay(run([visit({})]), [child({ parentId: 9, state: 'failed' })]).tasks.get('deploy')?.state,
  ).toBe('running');
});

test('a task that a rerun kept says where it really ran', () => {
  const overlay = toOverlay(run([visit({ status: 'completed', keptFrom: 12 })]), []);
  expect(overlay.tasks.get('deploy')).toMatchObject({ state: 'completed', keptFrom: 12, startedAt: null });
});

test('a task that a pause holds back shows so, unless it has run before', () => {
  const overlay = toOverlay(run([visit({ status: 'completed' })], ['deploy', 'verify']), []);
  expect(overlay.tasks.get('verify')?.state).toBe('paused');
  expect(overlay.tasks.get('deploy')?.state).toBe('completed');
});
