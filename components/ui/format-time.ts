import { strings } from '@/components/strings';

const text = strings.time;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `12 ms`, `3.4 s`, `42 s`, `2 min 05 s`, `1 h 12 min`, `3 d 4 h`. */
export function formatDuration(elapsedMs: number): string {
  const ms = Math.max(0, elapsedMs);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** How far a moment is from now, in one unit: `just now`, `4 min ago`, `in 2 h`; the date once it is over a month. */
export function formatRelative(timeMs: number, nowMs: number): string {
  const distance = Math.abs(nowMs - timeMs);
  const isPast = timeMs <= nowMs;
  if (distance < 45_000) return isPast ? text.now : text.soon;
  if (distance > 30 * dayMs) return formatDate(timeMs, nowMs);
  const amount =
    distance < hourMs
      ? `${Math.max(1, Math.round(distance / minuteMs))} ${text.units.minute}`
      : distance < dayMs
        ? `${Math.round(distance / hourMs)} ${text.units.hour}`
        : `${Math.round(distance / dayMs)} ${text.units.day}`;
  return isPast ? text.ago(amount) : text.in(amount);
}

function formatDate(timeMs: number, nowMs: number): string {
  const sameYear = new Date(timeMs).getFullYear() === new Date(nowMs).getFullYear();
  return new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(timeMs);
}

/** The moment to the second in the person's zone, with the zone's name. */
export function formatAbsolute(time: string | number | Date): string {
  return new Intl.DateTimeFormat(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(new Date(time));
}
