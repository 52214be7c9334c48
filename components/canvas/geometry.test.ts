import { expect, test } from 'vitest';
import { card, exits, exitX, freePlace } from './geometry';
import { transitionPath } from './transition-path';

test('the ways out of a card lie on its lower edge and their 24 px hit areas do not touch', () => {
  const places = exits.map((exit) => exitX[exit]);
  for (const [index, x] of places.entries()) {
    expect(x).toBeGreaterThanOrEqual(12);
    expect(x).toBeLessThanOrEqual(card.width - 12);
    if (index > 0) expect(x - (places[index - 1] ?? 0)).toBeGreaterThan(24);
  }
});

test('a new card covers none that is there', () => {
  const taken = [{ x: 0, y: 0 }];
  for (let added = 0; added < 30; added++) {
    const place = freePlace({ x: 5, y: 5 }, taken);
    for (const other of taken) {
      expect(Math.abs(place.x - other.x) >= card.width || Math.abs(place.y - other.y) >= card.height).toBe(
        true,
      );
    }
    taken.push(place);
  }
});

test('a way back goes round the right side of both cards', () => {
  const path = transitionPath({ x: 120, y: 300 }, { x: 120, y: 0 }, false);
  expect(path.label.x).toBeGreaterThan(card.width);
  expect(path.d.startsWith('M 120 300')).toBe(true);
  expect(path.d.endsWith('L 120 0')).toBe(true);
});

test('a way to itself has a label that does not lie on the card', () => {
  expect(transitionPath({ x: 60, y: 84 }, { x: 120, y: 0 }, true).label.x).toBeGreaterThan(card.width);
});
