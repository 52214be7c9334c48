import { Cron } from 'croner';
import * as rrule from 'rrule';
import type { RRule, RRuleSet } from 'rrule';
import { findTransition, isZone, offsetAt, toInstants, toWall } from './zone';

/**
 * When timers fire. Pure: the page that shows the next firings and the clock that fires ask the same functions.
 *
 * A fixed time in a gap (clocks set forward over it) fires once, at the first instant after the gap; in an overlap (clocks set
 * back) once, at its first occurrence. What goes by every hour goes on by the real time in both.
 */

export const timerTriggers = [
  'core.intervaltimer',
  'core.crontimer',
  'core.datetimetimer',
  'core.rruletimer',
] as const;
export type TimerTrigger = (typeof timerTriggers)[number];

export function isTimerTrigger(ref: string): ref is TimerTrigger {
  return (timerTriggers as readonly string[]).includes(ref);
}

export type Schedule =
  /** Every so many milliseconds, counted from its anchor. */
  | { kind: 'interval'; everyMs: number }
  | { kind: 'cron'; expression: string; zone: string }
  | { kind: 'date'; at: number }
  | { kind: 'rrule'; text: string; start: number; zone: string };

export interface ScheduleProblem {
  /** The parameter. */
  path: string;
  /** What is wrong, and how to repair it. */
  message: string;
}
export type ReadSchedule =
  { schedule: Schedule; problems: [] } | { schedule: null; problems: ScheduleProblem[] };

type Params = Readonly<Record<string, unknown>>;

// Node sees one default export of it, bundlers see the names.
const { rrulestr } = 'rrulestr' in rrule ? rrule : (rrule as { default: typeof rrule }).default;

const units = {
  seconds: 1_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
} as const;
const longestMs = 3_660 * units.days;
const longestText = 1_000;
const mostOccurrences = 10_000;

/** Reads a timer's parameters. `now` says from when a recurrence without a start goes on. */
export function readSchedule(trigger: TimerTrigger, params: Params, now: number): ReadSchedule {
  const wrong = (path: string, message: string): ReadSchedule => ({
    schedule: null,
    problems: [{ path, message }],
  });
  const { timezone = 'UTC' } = params;
  if (typeof timezone !== 'string' || !isZone(timezone))
    return wrong(
      'timezone',
      `${show(timezone)} is no time zone. Write one such as Europe/Berlin, or leave it out for UTC.`,
    );
  switch (trigger) {
    case 'core.intervaltimer':
      return readInterval(params, wrong);
    case 'core.crontimer':
      return readCron(params['expression'], timezone, wrong);
    case 'core.datetimetimer':
      return readDate(params['fire_at'], timezone, wrong);
    case 'core.rruletimer':
      return readRecurrence(params, timezone, now, wrong);
  }
}

type Wrong = (path: string, message: string) => ReadSchedule;

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 100);
}

function ok(schedule: Schedule): ReadSchedule {
  return { schedule, problems: [] };
}

function readInterval({ unit = 'seconds', interval }: Params, wrong: Wrong): ReadSchedule {
  const name = typeof unit === 'string' ? (unit.endsWith('s') ? unit : `${unit}s`) : '';
  if (!Object.hasOwn(units, name))
    return wrong('unit', `${show(unit)} is no unit. Write seconds, minutes, hours, days or weeks.`);
  if (typeof interval !== 'number' || !Number.isFinite(interval) || interval <= 0)
    return wrong(
      'interval',
      `${show(interval)} is no number above 0. Write how many ${name} lie between two firings.`,
    );
  const everyMs = Math.round(interval * units[name as keyof typeof units]);
  if (everyMs < 1_000)
    return wrong('interval', 'is shorter than a second, the shortest that a timer can do.');
  if (everyMs > longestMs) return wrong('interval', 'is longer than ten years.');
  return ok({ kind: 'interval', everyMs });
}

function readCron(expression: unknown, zone: string, wrong: Wrong): ReadSchedule {
  if (typeof expression !== 'string' || expression.trim() === '')
    return wrong(
      'expression',
      'is missing. Write five fields (minute hour day month weekday), or six with seconds before them.',
    );
  const text = expression.trim().replaceAll(/\s+/g, ' ');
  if (text.length > longestText) return wrong('expression', `is longer than ${longestText} characters.`);
  const fields = text.split(' ').length;
  if (fields !== 5 && fields !== 6)
    return wrong(
      'expression',
      `has ${fields} ${fields === 1 ? 'field' : 'fields'}; write five (minute hour day month weekday), or six with seconds before them.`,
    );
  try {
    if (cronOf(text).nextRun(new Date(0)) === null)
      return wrong('expression', 'never comes: there is no such date.');
  } catch (error) {
    return wrong('expression', (error as Error).message.replace(/^CronPattern: /, ''));
  }
  return ok({ kind: 'cron', expression: text, zone });
}

function readDate(at: unknown, zone: string, wrong: Wrong): ReadSchedule {
  const instant = typeof at === 'string' ? readTime(at, zone) : null;
  if (instant === null)
    return wrong(
      'fire_at',
      `${show(at)} is no date and time. Write one such as 2026-12-24T18:00:00, in the time zone, or with Z at its end.`,
    );
  return ok({ kind: 'date', at: instant });
}

/** ISO 8601, by the zone where it has no offset of its own. */
function readTime(text: string, zone: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?))?\s*(Z|[+-]\d\d:?\d\d)?$/i.exec(
    text.trim(),
  );
  if (!match) return null;
  const [, date = '', time = '00:00', offset = ''] = match;
  const instant = Date.parse(`${date}T${time}${offset === '' ? 'Z' : offset.toUpperCase()}`);
  // A day that the month does not have is no date, though some parsers go on into the next month.
  if (Number.isNaN(instant) || Number.isNaN(Date.parse(`${date}T00:00Z`))) return null;
  if (new Date(`${date}T00:00Z`).toISOString().slice(0, 10) !== date) return null;
  return offset === '' ? (toInstants(instant, zone)[0] ?? null) : instant;
}

function readRecurrence(
  { rrule: text, start }: Params,
  zone: string,
  now: number,
  wrong: Wrong,
): ReadSchedule {
  if (typeof text !== 'string' || text.trim() === '')
    return wrong(
      'rrule',
      'is missing. Write a recurrence such as FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=9;BYMINUTE=0;BYSECOND=0.',
    );
  if (text.length > longestText) return wrong('rrule', `is longer than ${longestText} characters.`);
  // What follows would have rrule look for days that never come, for seconds or for ever.
  if (/FREQ=(SECONDLY|MINUTELY|HOURLY)/i.test(text))
    return wrong('rrule', 'comes more often than every day. Use an interval or a cron timer for that.');
  if (/FREQ=(DAILY|WEEKLY)/i.test(text) && /BY(MONTH|MONTHDAY|YEARDAY|WEEKNO|SETPOS|EASTER)=/i.test(text))
    return wrong('rrule', 'picks days of a month or a year. Write FREQ=MONTHLY or FREQ=YEARLY for that.');
  if (/INTERVAL=0*(\D|$)/i.test(text)) return wrong('rrule', 'has an interval of nothing. Write 1 or more.');
  const count = Number(/COUNT=(\d+)/i.exec(text)?.[1] ?? 0);
  if (count > mostOccurrences)
    return wrong(
      'rrule',
      `comes ${count} times; at most ${mostOccurrences} are counted. Write UNTIL instead.`,
    );
  if (/DTSTART/i.test(text)) return wrong('rrule', 'says when it starts. Write it in start instead.');
  if (/TZID=/i.test(text)) return wrong('rrule', 'names a time zone. Write it in timezone instead.');
  const from =
    start === undefined || start === null ? now : typeof start === 'string' ? readTime(start, zone) : null;
  if (from === null)
    return wrong('start', `${show(start)} is no date and time. Write one such as 2026-12-24T18:00:00.`);
  const wall = Math.floor(toWall(from, zone) / 1_000) * 1_000;
  try {
    recurrenceOf(text.trim(), wall);
  } catch (error) {
    return wrong('rrule', `cannot be read: ${(error as Error).message}.`);
  }
  return ok({ kind: 'rrule', text: text.trim(), start: wall, zone });
}

/** The first firing after an instant; null when there is none. `anchor`: since when an interval is counted. */
export function nextFiring(schedule: Schedule, after: number, anchor: number): number | null {
  switch (schedule.kind) {
    case 'interval': {
      const { everyMs } = schedule;
      return after < anchor
        ? anchor + everyMs
        : anchor + (Math.floor((after - anchor) / everyMs) + 1) * everyMs;
    }
    case 'date':
      return schedule.at > after ? schedule.at : null;
    case 'cron':
      return nextOfCron(schedule, after);
    case 'rrule': {
      const rule = recurrenceOf(schedule.text, schedule.start);
      return firstAfter(after, schedule.zone, (wall) => rule.after(new Date(wall), false)?.getTime() ?? null);
    }
  }
}

/** The next firings after an instant, at most `count`. */
export function nextFirings(schedule: Schedule, after: number, anchor: number, count: number): number[] {
  const found: number[] = [];
  for (let last = after; found.length < count;) {
    const next = nextFiring(schedule, last, anchor);
    if (next === null) break;
    found.push(next);
    last = next;
  }
  return found;
}

type NextWall = (wall: number) => number | null;

function nextOfCron(
  { expression, zone }: { expression: string; zone: string },
  after: number,
): number | null {
  const cron = cronOf(expression);
  const next: NextWall = (wall) => cron.nextRun(new Date(wall))?.getTime() ?? null;
  if (!goesByTheHour(expression)) return firstAfter(after, zone, next);
  const offset = offsetAt(after, zone);
  const wall = next(after + offset);
  if (wall === null) return null;
  const instant = wall - offset;
  if (offsetAt(instant, zone) === offset) return instant;
  // Clocks are set in between: what they skip comes at once after the gap, and what they show again comes again.
  const set = findTransition(after, instant, zone);
  const shown = toWall(set, zone);
  if (wall < shown) return set;
  const again = next(shown - 1);
  return again === null ? null : again - offsetAt(set, zone);
}

/** The first instant after `after` at which one of the times comes that `next` gives, each once. */
function firstAfter(after: number, zone: string, next: NextWall): number | null {
  for (let wall = next(toWall(after, zone)); wall !== null; wall = next(wall)) {
    const [instant = 0, second] = toInstants(wall, zone);
    if (instant > after) return instant;
    // It came before clocks were set back; so did all that they show a second time.
    if (second !== undefined)
      wall = toWall(findTransition(instant, second, zone), zone) + (second - instant) - 1;
  }
  return null;
}

/** With `*` for the hour: such a one is not about a time of the day. */
function goesByTheHour(expression: string): boolean {
  const fields = expression.split(' ');
  return (fields.length === 6 ? fields[2] : fields[1])?.startsWith('*') ?? false;
}

const crons = new Map<string, Cron>();
const recurrences = new Map<string, RRule | RRuleSet>();
const mostKept = 2_000;

function kept<Value>(all: Map<string, Value>, key: string, make: () => Value): Value {
  const known = all.get(key);
  if (known !== undefined) return known;
  if (all.size >= mostKept) all.clear();
  const made = make();
  all.set(key, made);
  return made;
}

/** By wall clocks, which are as if they were UTC. Paused: nothing is ever started. */
function cronOf(expression: string): Cron {
  return kept(crons, expression, () => new Cron(expression, { timezone: 'UTC', paused: true }));
}

function recurrenceOf(text: string, start: number): RRule | RRuleSet {
  return kept(recurrences, `${start} ${text}`, () => {
    const from = new Date(start).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    return rrulestr(`DTSTART:${from}\n${/^[A-Z]+[:;]/i.test(text) ? text : `RRULE:${text}`}`);
  });
}
