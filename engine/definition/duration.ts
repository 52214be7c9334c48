const unitSeconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const shape = /^\s*(?:\d+(?:\.\d+)?\s*(?:ms|s|m|h|d|w)\s*)+$/;

/**
 * The seconds of a duration as it is written: a number of seconds (`90`, `"90"`) or amounts with units (`10m`,
 * `1h 30m`, `500ms`; ms, s, m, h, d, w). NaN when it is none; negative and endless ones are none.
 */
export function parseDuration(written: unknown): number {
  if (typeof written === 'number') return Number.isFinite(written) && written >= 0 ? written : Number.NaN;
  if (typeof written !== 'string' || written.length > 100) return Number.NaN;
  if (/^\s*\d+(?:\.\d+)?\s*$/.test(written)) return Number(written);
  if (!shape.test(written)) return Number.NaN;
  let seconds = 0;
  for (const [, amount, unit] of written.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d|w)/g)) {
    seconds += Number(amount) * (unitSeconds[unit ?? ''] ?? Number.NaN);
  }
  return Math.round(seconds * 1000) / 1000;
}
