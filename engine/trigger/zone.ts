/**
 * Wall clocks: what a clock on the wall of a zone shows, as milliseconds as if it were UTC. Zones are IANA names; their rules
 * are those of the platform's Intl.
 */

const day = 86_400_000;
const clocks = new Map<string, Intl.DateTimeFormat>();
const mostClocks = 500;

/** @throws RangeError for a name that is no zone */
function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone: zone, hourCycle: 'h23', era: 'short', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  if (clocks.size >= mostClocks) clocks.clear();
  clocks.set(zone, clock);
  return clock;
}

export function isZone(name: string): boolean {
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

/** What the zone's clocks show at an instant. */
export function toWall(instant: number, zone: string): number {
  if (zone === 'UTC') return instant;
  const parts: Record<string, number> = {};
  for (const { type, value } of clockOf(zone).formatToParts(instant)) parts[type] = Number(value);
  const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = parts;
  const millisecond = ((instant % 1000) + 1000) % 1000;
  return Date.UTC(year, month - 1, date, hour, minute, second, millisecond);
}

/** How far the zone's clocks are ahead of UTC at an instant. */
export function offsetAt(instant: number, zone: string): number {
  return toWall(instant, zone) - instant;
}

/** The first instant after `from`, and not after `to`, at which the offset is another than at `from`. */
export function findTransition(from: number, to: number, zone: string): number {
  const before = offsetAt(from, zone);
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * When clocks show this: one instant, two where they are set back over it (earliest first), or, where they are set forward
 * over it, the first instant after the gap.
 */
export function toInstants(wall: number, zone: string): number[] {
  const offsets = new Set([offsetAt(wall - day, zone), offsetAt(wall + day, zone)]);
  const found = [...offsets]
    .map((offset) => wall - offset)
    .filter((instant) => toWall(instant, zone) === wall)
    .sort((a, b) => a - b);
  return found.length > 0 ? found : [findTransition(wall - day, wall + day, zone)];
}
