import { expect, it } from 'vitest';
import { mostCounted, planFirings, type Misfire } from './misfire';
import type { Schedule } from './schedule';

const tick: Schedule = { kind: 'interval', everyMs: 1_000 };
const plan = (due: number, now: number, misfire: Misfire, schedule: Schedule = tick) =>
  planFirings(schedule, due, now, 0, misfire);

it('a time that has not come is waited for', () => {
  expect(plan(5_000, 4_999, 'fire_once')).toEqual({ fire: [], missed: 0, next: 5_000 });
});

it('a time that has come is fired for, and the next is counted from it, not from now', () => {
  for (const misfire of ['fire_once', 'skip', 'fire_all'] as const)
    expect(plan(5_000, 5_300, misfire)).toEqual({ fire: [5_000], missed: 0, next: 6_000 });
});

it('times that were missed are fired for once, all, or not, as wanted', () => {
  expect(plan(5_000, 8_500, 'fire_once')).toEqual({ fire: [8_000], missed: 3, next: 9_000 });
  expect(plan(5_000, 8_500, 'fire_all')).toEqual({
    fire: [5_000, 6_000, 7_000, 8_000],
    missed: 0,
    next: 9_000,
  });
  // The last of them is only late.
  expect(plan(5_000, 8_500, 'skip')).toEqual({ fire: [8_000], missed: 3, next: 9_000 });
  const daily: Schedule = { kind: 'interval', everyMs: 86_400_000 };
  expect(planFirings(daily, 86_400_000, 90_000_000, 0, 'skip')).toEqual({
    ...{ fire: [], missed: 1, next: 172_800_000 },
  });
});

it('at most 100 are fired for at once, the newest, and those of a long absence are counted so far', () => {
  const all = plan(1_000, 300_000, 'fire_all');
  expect([all.fire.length, all.fire[0], all.fire.at(-1), all.missed, all.next]).toEqual([
    ...[100, 201_000, 300_000, 200, 301_000],
  ]);
  const week = plan(1_000, 604_800_500, 'fire_once');
  expect(week).toMatchObject({ missed: mostCounted - 1, next: 604_801_000 });
});

it('a date comes once, however late', () => {
  const date: Schedule = { kind: 'date', at: 5_000 };
  expect(plan(5_000, 60_000, 'fire_once', date)).toEqual({ fire: [5_000], missed: 0, next: null });
  expect(plan(5_000, 60_000, 'skip', date)).toEqual({ fire: [], missed: 1, next: null });
});
