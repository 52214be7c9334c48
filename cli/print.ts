import { stripVTControlCharacters, styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Coloured where the reader is a person who wants colours (NO_COLOR, FORCE_COLOR and pipes are heeded). */
export function style(format: Style, text: string): string {
  return styleText(format, text, { stream: process.stdout });
}

/** A server's text as a terminal may show it: nothing in it moves the cursor or sets a title. */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What is no result: it must not end up in a pipe. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** Columns as wide as their longest cell. */
export function printTable(titles: readonly string[], rows: readonly (readonly string[])[]): void {
  const cells = rows.map((row) => row.map((cell) => plain(cell).replaceAll('\n', ' ')));
  const widths = titles.map((title, at) =>
    Math.max(title.length, ...cells.map((row) => (row[at] ?? '').length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  say(style('dim', line(titles)));
  for (const row of cells) say(line(row));
}

const signs: { [status: string]: [Style, string] } = {
  completed: ['green', '✓'],
  failed: ['red', '✗'],
  timeout: ['red', '✗'],
  abandoned: ['red', '✗'],
  cancelled: ['yellow', '⊘'],
  canceling: ['yellow', '⊘'],
  running: ['cyan', '▸'],
  waiting: ['magenta', '?'],
  paused: ['yellow', '‖'],
};

/** A state with its sign; never by colour alone. */
export function toState(state: string): string {
  const [format, sign] = signs[state] ?? ['dim', '·'];
  return style(format, `${sign} ${state}`);
}

/** `1.2 s`, `3 min 04 s`. */
export function toDuration(fromIso: string | null | undefined, toIso: string | null | undefined): string {
  if (!fromIso) return '';
  const seconds = (Date.parse(toIso ?? new Date().toISOString()) - Date.parse(fromIso)) / 1_000;
  if (seconds < 60) return `${Math.max(0, seconds).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = String(Math.floor(seconds % 60)).padStart(2, '0');
  return minutes < 60
    ? `${minutes} min ${rest} s`
    : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
