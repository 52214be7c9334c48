import { describe, expect, test } from 'vitest';
import { between, Book, inRounds } from './rounds';
import { isMet } from './suite';

const line = { beside: 'floor', unit: 'ms', goal: { atMost: 2 } };

describe('a book of rounds', () => {
  test('takes the ratio round by round, so that a round on a slow machine weighs no more than another', () => {
    const book = new Book();
    book.note('a task', { measured: 1, beside: 1 }, line);
    book.note('a task', { measured: 90, beside: 60 }, line);
    book.note('a task', { measured: 4, beside: 2 }, line);
    const [row] = book.rows;
    expect(row?.ratio).toEqual({ p50: 1.5, least: 1, most: 2 });
    expect(row?.measured).toEqual({ p50: 4, least: 1, most: 90 });
    expect(row?.rounds).toBe(3);
  });

  test('gives the middle of an even number of rounds between the two in the middle', () => {
    const book = new Book();
    for (const measured of [4, 1, 2, 9]) book.note('a task', { measured, beside: 1 }, line);
    expect(book.rows[0]?.ratio.p50).toBe(3);
  });

  test('judges the middle round by the goal, in the direction that the goal says', () => {
    const rowOf = (goal: { atMost: number } | { atLeast: number } | null, measured: number) => {
      const book = new Book();
      book.note('a task', { measured, beside: 1 }, { ...line, goal });
      return isMet(book.rows[0]!);
    };
    expect(rowOf({ atMost: 2 }, 2)).toBe(true);
    expect(rowOf({ atMost: 2 }, 2.1)).toBe(false);
    expect(rowOf({ atLeast: 0.5 }, 0.5)).toBe(true);
    expect(rowOf({ atLeast: 0.5 }, 0.4)).toBe(false);
    expect(rowOf(null, 1)).toBeNull();
  });
});

test('a measurement lies between two slices of the floor and is compared with their mean', async () => {
  const order: string[] = [];
  const slices = [1, 3];
  const { value, floor } = await between(
    async () => {
      order.push('floor');
      return slices.shift() ?? 0;
    },
    async () => {
      order.push('work');
      return 'done';
    },
  );
  expect(order).toEqual(['floor', 'work', 'floor']);
  expect({ value, floor }).toEqual({ value: 'done', floor: 2 });
});

test('no further round begins once the time is over, but one always does', async () => {
  let done = 0;
  await inRounds({ rounds: 5, seconds: 0 }, async () => void (done += 1));
  expect(done).toBe(1);
  await inRounds({ rounds: 3, seconds: 60 }, async () => void (done += 1));
  expect(done).toBe(4);
});
