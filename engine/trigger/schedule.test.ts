import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { nextFiring, nextFirings, readSchedule, type Schedule, type TimerTrigger } from './schedule';
import { toWall } from './zone';

const now = Date.parse('2026-11-23T10:00:00Z');
function scheduleOf(trigger: TimerTrigger, params: Record<string, unknown>): Schedule {
  const { schedule, problems } = readSchedule(trigger, params, now);
  if (!schedule) throw new Error(JSON.stringify(problems));
  return schedule;
}
const cron = (expression: string, timezone = 'UTC') => scheduleOf('core.crontimer', { expression, timezone });
const after = (schedule: Schedule, from: string, count = 3) =>
  nextFirings(schedule, Date.parse(from), Date.parse(from), count).map((at) =>
    new Date(at).toISOString().slice(0, 19),
  );

describe('an interval timer', () => {
  it.each([
    [{ unit: 'seconds', interval: 5 }, 5_000],
    [{ unit: 'minute', interval: 2 }, 120_000],
    [{ unit: 'hours', interval: 0.5 }, 1_800_000],
    [{ unit: 'days', interval: 1 }, 86_400_000],
    [{ interval: 10 }, 10_000],
  ])('takes %j', (params, everyMs) => {
    expect(scheduleOf('core.intervaltimer', params)).toEqual({ kind: 'interval', everyMs });
  });

  it('counts from its anchor, so that it does not drift, however late it is asked', () => {
    const schedule = scheduleOf('core.intervaltimer', { interval: 10 });
    expect([0, 1, 9_999, 10_000, 10_001, 25_000].map((at) => nextFiring(schedule, at, 0))).toEqual([
      ...[10_000, 10_000, 10_000, 20_000, 20_000, 30_000],
    ]);
    expect(nextFiring(schedule, 3, 50_000)).toBe(60_000);
  });

  it.each([
    [{ unit: 'fortnights', interval: 1 }, 'unit'],
    [{ interval: 0 }, 'interval'],
    [{ interval: '5' }, 'interval'],
    [{ interval: 0.5 }, 'interval'],
    [{ unit: 'days', interval: 4_000 }, 'interval'],
    [{ interval: Number.NaN }, 'interval'],
    [{ interval: 5, timezone: 'Moon/Sea' }, 'timezone'],
  ])('refuses %j at its field', (params, path) => {
    expect(readSchedule('core.intervaltimer', params, now).problems).toMatchObject([{ path }]);
  });
});

describe('a date timer', () => {
  it.each([
    ['2026-12-24T18:00:00Z', 'UTC', '2026-12-24T18:00:00'],
    ['2026-12-24T18:00:00', 'Europe/Berlin', '2026-12-24T17:00:00'],
    ['2026-12-24T18:00:00+05:30', 'Europe/Berlin', '2026-12-24T12:30:00'],
    ['2026-12-24 18:00', 'America/New_York', '2026-12-24T23:00:00'],
    ['2026-12-24', 'UTC', '2026-12-24T00:00:00'],
    ['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T01:00:00'],
    ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00'],
  ])('%s in %s comes once, at %s', (fire_at, timezone, at) => {
    expect(after(scheduleOf('core.datetimetimer', { fire_at, timezone }), '2020-01-01T00:00:00Z')).toEqual([
      at,
    ]);
  });

  it('that has passed never comes', () => {
    expect(
      after(scheduleOf('core.datetimetimer', { fire_at: '2026-01-01T00:00:00Z' }), '2026-01-01T00:00:00Z'),
    ).toEqual([]);
  });

  it.each(['tomorrow', '2026-02-30T00:00:00Z', '2026-13-01', '2026-12-24T25:00', '', 5, null])(
    'refuses %j',
    (fire_at) => {
      expect(readSchedule('core.datetimetimer', { fire_at }, now).problems).toMatchObject([
        { path: 'fire_at' },
      ]);
    },
  );
});

describe('a cron timer', () => {
  it.each([
    ['*/15 * * * *', ['2026-11-23T10:15:00', '2026-11-23T10:30:00', '2026-11-23T10:45:00']],
    ['*/20 * * * * *', ['2026-11-23T10:00:20', '2026-11-23T10:00:40', '2026-11-23T10:01:00']],
    ['0 9-10 * * MON-FRI', ['2026-11-24T09:00:00', '2026-11-24T10:00:00', '2026-11-25T09:00:00']],
    ['0 0 29 FEB *', ['2028-02-29T00:00:00', '2032-02-29T00:00:00', '2036-02-29T00:00:00']],
    // Day of the month or of the week, as cron has always had it.
    ['0 0 1 * SUN', ['2026-11-29T00:00:00', '2026-12-01T00:00:00', '2026-12-06T00:00:00']],
    ['5,10 0 1 JAN,JUL *', ['2027-01-01T00:05:00', '2027-01-01T00:10:00', '2027-07-01T00:05:00']],
  ])('%s comes at %j', (expression, times) => {
    expect(after(cron(expression), '2026-11-23T10:00:00Z')).toEqual(times);
  });

  test.each([
    // The gap of 29 March: 02:00 to 03:00 is not there.
    [
      '30 2 * * *',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00', '2026-03-30T00:30:00', '2026-03-31T00:30:00'],
    ],
    [
      '*/10 2 * * *',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00', '2026-03-30T00:00:00', '2026-03-30T00:10:00'],
    ],
    [
      '0 2,3 * * *',
      '2026-03-28T12:00:00Z',
      ['2026-03-29T01:00:00', '2026-03-30T00:00:00', '2026-03-30T01:00:00'],
    ],
    [
      '0 * * * *',
      '2026-03-28T23:30:00Z',
      ['2026-03-29T00:00:00', '2026-03-29T01:00:00', '2026-03-29T02:00:00'],
    ],
    // The overlap of 25 October: 02:00 to 03:00 comes twice.
    [
      '30 2 * * *',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30:00', '2026-10-26T01:30:00', '2026-10-27T01:30:00'],
    ],
    [
      '30 2 * * *',
      '2026-10-25T00:45:00Z',
      ['2026-10-26T01:30:00', '2026-10-27T01:30:00', '2026-10-28T01:30:00'],
    ],
    [
      '*/30 2 * * *',
      '2026-10-25T01:10:00Z',
      ['2026-10-26T01:00:00', '2026-10-26T01:30:00', '2026-10-27T01:00:00'],
    ],
    [
      '0 * * * *',
      '2026-10-24T23:30:00Z',
      ['2026-10-25T00:00:00', '2026-10-25T01:00:00', '2026-10-25T02:00:00'],
    ],
  ])('%s in Berlin after %s comes at %j', (expression, from, times) => {
    expect(after(cron(expression, 'Europe/Berlin'), from)).toEqual(times);
  });

  it.each(['', '* * * *', '* * * * * * *', '61 * * * *', '* * * * FUN', '0 0 30 2 *', 'x'.repeat(2_000), 5])(
    'refuses %j',
    (expression) => {
      expect(readSchedule('core.crontimer', { expression }, now).problems).toMatchObject([
        { path: 'expression' },
      ]);
    },
  );

  test('comes just when its clocks show it, told minute by minute, through the days on which clocks are set', () => {
    const minute = 60_000;
    // Set forward and back by an hour, and by half an hour.
    const changes = [
      ['Europe/Berlin', '2026-03-29T01:00:00Z'],
      ['Europe/Berlin', '2026-10-25T01:00:00Z'],
      ['America/New_York', '2026-03-08T07:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
      ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
      ['America/St_Johns', '2026-11-01T04:30:00Z'],
    ] as const;
    const minutes = fc.constantFrom('*', '*/7', '0', '30', '15,45');
    const hours = fc.oneof(
      fc.constantFrom('*', '*/2', '0-4', '1,2,3'),
      fc.integer({ min: 0, max: 4 }).map(String),
    );
    fc.assert(
      fc.property(fc.constantFrom(...changes), minutes, hours, ([zone, at], minuteField, hourField) => {
        const schedule = cron(`${minuteField} ${hourField} * * *`, zone);
        const utc = cron(`${minuteField} ${hourField} * * *`);
        const begin = Date.parse(at) - 300 * minute;
        const end = Date.parse(at) + 300 * minute;
        const isShown = (wall: number) => nextFiring(utc, wall - 1, 0) === wall;
        const expected: number[] = [];
        const seen = new Set<number>();
        let last = toWall(begin, zone);
        for (let instant = begin + minute; instant <= end; instant += minute) {
          const wall = toWall(instant, zone);
          let isDue = isShown(wall) && (hourField.startsWith('*') || !seen.has(wall));
          // What was skipped comes now.
          for (let gone = last + minute; gone < wall; gone += minute)
            isDue ||= isShown(gone) && !seen.has(gone);
          for (let gone = last + minute; gone <= wall; gone += minute) seen.add(gone);
          seen.add(wall);
          last = wall;
          if (isDue) expected.push(instant);
        }
        const found = nextFirings(schedule, begin, 0, expected.length + 1).filter((each) => each <= end);
        expect(found).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a recurrence', () => {
  const rrule = (text: string, more = {}) => scheduleOf('core.rruletimer', { rrule: text, ...more });

  it('comes at the times of its zone', () => {
    const weekly = rrule('FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=9;BYMINUTE=0;BYSECOND=0', {
      ...{ timezone: 'Europe/Berlin', start: '2026-10-01T00:00:00' },
    });
    expect(after(weekly, '2026-10-20T00:00:00Z')).toEqual([
      ...['2026-10-21T07:00:00', '2026-10-26T08:00:00', '2026-10-28T08:00:00'],
    ]);
  });

  it('ends where it says, and leaves out what it excludes', () => {
    expect(
      after(rrule('FREQ=DAILY;COUNT=2', { start: '2026-11-24T08:00:00Z' }), '2026-11-01T00:00:00Z'),
    ).toEqual([...['2026-11-24T08:00:00', '2026-11-25T08:00:00']]);
    const without = rrule('RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20261125T080000Z', {
      start: '2026-11-24T08:00:00Z',
    });
    expect(after(without, '2026-11-01T00:00:00Z')).toEqual(['2026-11-24T08:00:00', '2026-11-26T08:00:00']);
  });

  it('in a gap comes after it, in an overlap once', () => {
    const daily = rrule('FREQ=DAILY', { start: '2026-03-27T02:30:00', timezone: 'Europe/Berlin' });
    expect(after(daily, '2026-03-28T12:00:00Z')).toEqual([
      ...['2026-03-29T01:00:00', '2026-03-30T00:30:00', '2026-03-31T00:30:00'],
    ]);
    expect(after(daily, '2026-10-24T12:00:00Z', 2)).toEqual(['2026-10-25T00:30:00', '2026-10-26T01:30:00']);
  });

  it.each([
    [{}, 'rrule'],
    [{ rrule: 'every monday' }, 'rrule'],
    [{ rrule: 'FREQ=SECONDLY' }, 'rrule'],
    // Looked for without an end: no day, or no hour, that they allow ever comes.
    [{ rrule: 'FREQ=HOURLY;INTERVAL=24;BYHOUR=5' }, 'rrule'],
    [{ rrule: 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30' }, 'rrule'],
    [{ rrule: 'FREQ=WEEKLY;BYYEARDAY=366' }, 'rrule'],
    [{ rrule: 'FREQ=DAILY;INTERVAL=0' }, 'rrule'],
    [{ rrule: 'FREQ=DAILY;COUNT=1000000' }, 'rrule'],
    [{ rrule: 'DTSTART:20260101T000000\nRRULE:FREQ=DAILY' }, 'rrule'],
    [{ rrule: 'RRULE:FREQ=DAILY\nEXDATE;TZID=Europe/Berlin:20260101T000000' }, 'rrule'],
    [{ rrule: 'FREQ=DAILY;BYDAY=XX' }, 'rrule'],
    [{ rrule: 'FREQ=DAILY', start: 'soon' }, 'start'],
    [{ rrule: 'FREQ=DAILY', timezone: 'here' }, 'timezone'],
  ])('refuses %j at its field', (params, path) => {
    expect(readSchedule('core.rruletimer', params, now).problems).toMatchObject([{ path }]);
  });
});

test('firings grow, and asking one by one gives the same as asking for many', () => {
  const schedules = [
    cron('*/7 * * * *', 'America/New_York'),
    cron('15 1,2,3 * * *', 'Europe/Berlin'),
    scheduleOf('core.intervaltimer', { unit: 'hours', interval: 5 }),
    scheduleOf('core.rruletimer', {
      rrule: 'FREQ=DAILY;INTERVAL=3',
      start: '2026-01-01T00:30:00',
      timezone: 'Australia/Lord_Howe',
    }),
  ];
  const from = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2027-01-01') });
  fc.assert(
    fc.property(fc.constantFrom(...schedules), from, (schedule, start) => {
      const many = nextFirings(schedule, start, 0, 5);
      const first = nextFiring(schedule, start, 0);
      expect(many[0]).toBe(first);
      for (const [index, at] of many.entries()) {
        expect(at).toBeGreaterThan(many[index - 1] ?? start);
        // Whoever asks just before it gets it.
        expect(nextFiring(schedule, at - 1, 0)).toBe(at);
      }
    }),
    { numRuns: 200 },
  );
});
