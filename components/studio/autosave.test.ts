import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Autosave, type Draft, type SaveOutcome } from './autosave';

const draft = (name: string) => ({ definition: { tasks: [{ name }] }, positions: {} }) as unknown as Draft;

function started(outcomes: SaveOutcome[] = []) {
  const sent: { name: string | undefined; version: number }[] = [];
  const autosave = new Autosave(draft('a'), 7, (saved, version) => {
    sent.push({ name: saved.definition.tasks[0]?.name, version });
    return Promise.resolve(outcomes.shift() ?? { name: 'saved', draftVersion: version + 1 });
  });
  return { autosave, sent };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('changes in quick succession are saved once, as the last of them, after a pause', async () => {
  const { autosave, sent } = started();
  autosave.change(draft('b'));
  await vi.advanceTimersByTimeAsync(500);
  autosave.change(draft('c'));
  expect(autosave.state.name).toBe('changed');
  await vi.advanceTimersByTimeAsync(800);
  expect(sent).toEqual([{ name: 'c', version: 7 }]);
  expect(autosave.state.name).toBe('saved');
  expect(autosave.draftVersion).toBe(8);
});

test('a change made while a save is under way is saved after it, on its version', async () => {
  let finish: (outcome: SaveOutcome) => void = () => {};
  const versions: number[] = [];
  const autosave = new Autosave(draft('a'), 1, (_, version) => {
    versions.push(version);
    return versions.length === 1
      ? new Promise((done) => (finish = done))
      : Promise.resolve({ name: 'saved', draftVersion: 3 });
  });
  autosave.change(draft('b'));
  await vi.advanceTimersByTimeAsync(900);
  autosave.change(draft('c'));
  await vi.advanceTimersByTimeAsync(2000);
  expect(versions).toEqual([1]);
  finish({ name: 'saved', draftVersion: 2 });
  await vi.advanceTimersByTimeAsync(900);
  expect(versions).toEqual([1, 2]);
  expect(autosave.isDirty).toBe(false);
});

test('when somebody else saved nothing more is sent until the person decides', async () => {
  const { autosave, sent } = started([{ name: 'stale', message: 'Ann saved' }]);
  autosave.change(draft('b'));
  await vi.advanceTimersByTimeAsync(900);
  autosave.change(draft('c'));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sent).toHaveLength(1);
  expect(autosave.state).toEqual({ name: 'stale', message: 'Ann saved' });
  expect(await autosave.overwrite(12)).toBe(true);
  expect(sent.at(-1)).toEqual({ name: 'c', version: 12 });
});

test('taking theirs forgets ours and goes on from their version', async () => {
  const { autosave, sent } = started([{ name: 'stale', message: 'Ann saved' }]);
  autosave.change(draft('b'));
  await vi.advanceTimersByTimeAsync(900);
  autosave.adopt(draft('theirs'), 20);
  autosave.change(draft('d'));
  await vi.advanceTimersByTimeAsync(900);
  expect(sent.at(-1)).toEqual({ name: 'd', version: 20 });
});

test('a failed save says why, keeps the change and is tried again', async () => {
  const { autosave, sent } = started([{ name: 'failed', message: 'away' }]);
  autosave.change(draft('b'));
  await vi.advanceTimersByTimeAsync(900);
  expect(autosave.state).toEqual({ name: 'failed', message: 'away' });
  await vi.advanceTimersByTimeAsync(2100);
  expect(sent).toHaveLength(2);
  expect(autosave.state.name).toBe('saved');
});
