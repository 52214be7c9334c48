import { nextFiring, type Schedule } from './schedule';

/** What becomes of times at which nobody was there to fire. */
export const misfires = ['fire_once', 'skip', 'fire_all'] as const;
export type Misfire = (typeof misfires)[number];

export interface Plan {
  /** The times to fire for now, oldest first; each is one event. */
  fire: number[];
  /** How many times before the last one are fired for by nobody; more are not counted. */
  missed: number;
  /** When it comes next; null when never. */
  next: number | null;
}

/** Later than this a time was missed; before, it is only fired late. */
export const graceMs = 2_000;
const mostAtOnce = 100;
export const mostCounted = 10_000;

/**
 * What is to be done at `now` for a timer whose next time was `due`. The times after it are worked out from the scheduled
 * ones, never from now, so that nothing drifts.
 */
export function planFirings(
  schedule: Schedule,
  due: number,
  now: number,
  anchor: number,
  misfire: Misfire,
): Plan {
  if (due > now) return { fire: [], missed: 0, next: due };
  const late: number[] = [due];
  let next = nextFiring(schedule, due, anchor);
  let last = due;
  let counted = 1;
  while (next !== null && next <= now && counted < mostCounted) {
    last = next;
    counted += 1;
    late.push(next);
    if (late.length > mostAtOnce) late.shift();
    next = nextFiring(schedule, next, anchor);
  }
  if (next !== null && next <= now) {
    // More were missed than anybody counts: it goes on from now.
    next = nextFiring(schedule, now, anchor);
  }
  switch (misfire) {
    case 'fire_all':
      return { fire: late, missed: counted - late.length, next };
    case 'fire_once':
      return { fire: [last], missed: counted - 1, next };
    case 'skip':
      return now - last <= graceMs
        ? { fire: [last], missed: counted - 1, next }
        : { fire: [], missed: counted, next };
  }
}
