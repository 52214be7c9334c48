import { expect, test } from 'vitest';
import { record, redo, startHistory, undo } from './history';

test('undo and redo walk the same way back and forth, with the words of each step', () => {
  let history = record(record(startHistory('a'), 'Add check', 'b', 0), 'Move check', 'c', 10);
  expect(history.past.at(-1)?.label).toBe('Move check');
  history = undo(history);
  expect([history.present, history.past.at(-1)?.label, history.future[0]?.label]).toEqual([
    'b',
    'Add check',
    'Move check',
  ]);
  history = undo(history);
  expect([history.present, history.past.length]).toEqual(['a', 0]);
  expect(redo(redo(history)).present).toBe('c');
});

test('typing into one field is one step, a pause or another field starts a new one', () => {
  let history = record(startHistory(''), 'Edit label', 'h', 0, 'label');
  history = record(history, 'Edit label', 'he', 500, 'label');
  expect(undo(history).present).toBe('');
  history = record(history, 'Edit label', 'hey', 9000, 'label');
  expect(undo(history).present).toBe('he');
  history = record(history, 'Edit name', 'x', 9100, 'name');
  expect(undo(history).present).toBe('hey');
});

test('after an undo, typing does not merge into the step that was taken back', () => {
  let history = record(record(startHistory('a'), 'Edit', 'b', 0, 'f'), 'Edit', 'c', 5000, 'f');
  history = record(undo(history), 'Edit', 'd', 5100, 'f');
  expect(history.future).toEqual([]);
  expect(undo(redo(history)).present).not.toBe('c');
});

test('a new edit forgets what was undone, and an edit that changes nothing is no step', () => {
  const history = undo(record(startHistory('a'), 'Add', 'b', 0));
  expect(record(history, 'Nothing', 'a', 1)).toBe(history);
  expect(record(history, 'Add', 'z', 1).future).toEqual([]);
});

test('at least 200 steps can be taken back', () => {
  let history = startHistory(0);
  for (let step = 1; step <= 900; step++) history = record(history, `Step ${step}`, step, step);
  expect(history.past.length).toBeGreaterThanOrEqual(200);
});
