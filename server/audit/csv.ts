/** What a spreadsheet would take for a formula, also behind spaces. */
const formula = /^\s*[=+\-@\t\r]/;

/**
 * A line of a CSV file (RFC 4180). What a spreadsheet would run as a formula begins with an apostrophe, so that it is shown
 * as it is: logins and refs are written by people whom the reader need not trust.
 */
export function toCsvLine(values: readonly unknown[]): string {
  return `${values.map(toCell).join(',')}\r\n`;
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text =
    typeof value === 'string' ? value : value instanceof Date ? value.toISOString() : JSON.stringify(value);
  return `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
