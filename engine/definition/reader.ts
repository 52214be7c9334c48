import type { Json } from '../expression/expression';
import { nearest } from '../expression/nearest';
import { shorten } from '../expression/shorten';
import { parseDuration } from './duration';
import { Findings } from './findings';
import type { Problem } from './problem';

/** Where something stands in what was given: keys and indexes from its root. */
export type Path = readonly (string | number)[];
export type JsonMap = { [key: string]: Json };

/** A problem with its path in what was given, from which a YAML text can tell the line. */
export interface Found extends Problem {
  path: Path;
}

/** The reader of one key: the value as it is to be, or undefined when it cannot be read (the problem is told). */
export type Read = (value: Json, path: Path) => Json | undefined;

export function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: Json): Json[] {
  return Array.isArray(value) ? value : [value];
}

/** Reads what people write, tolerantly: what is wrong is told with its place, and the rest goes on. */
export class Reader {
  private readonly findings = new Findings<{ path: Path }>();
  /** The task that is being read. */
  task: { name: string; path: Path } | null = null;

  /** What was told, the first two hundred. */
  found(): Found[] {
    const { told, more } = this.findings.list();
    return more ? [...told, { ...more, path: [] }] : told;
  }

  tell(
    path: Path,
    code: string,
    message: string,
    repair: string | (() => string),
    severity: Problem['severity'] = 'error',
  ): undefined {
    const inTask = this.task !== null && this.task.path.every((key, place) => path[place] === key);
    const field = (inTask ? path.slice(this.task?.path.length) : path).join('.');
    this.findings.add({
      severity,
      code,
      message,
      repair,
      path,
      ...(inTask && this.task ? { task: this.task.name } : {}),
      ...(field === '' ? {} : { field }),
    });
    return undefined;
  }

  wrong(path: Path, value: Json, wanted: string): undefined {
    const key = path.at(-1) ?? 'it';
    return this.tell(path, 'wrong_type', `${key} must be ${wanted}, not ${show(value)}.`, `Write ${wanted}.`);
  }

  /** As `wrong`; an expression where only a fixed value can stand is told in words of its own. */
  fixedOrWrong(path: Path, value: Json, wanted: string): undefined {
    if (!isTemplate(value)) return this.wrong(path, value, wanted);
    return this.tell(
      path,
      'fixed_value',
      `${path.at(-1) ?? 'it'} cannot be an expression such as ${show(value)}: it is the same in every run.`,
      `Write ${wanted}.`,
    );
  }

  /**
   * Reads a map key by key, in its order; keys may be written with dashes. Unknown keys are kept and told. What
   * cannot be read is left out.
   */
  map(
    value: JsonMap,
    path: Path,
    keys: Readonly<Record<string, Read>>,
    kept: ReadonlySet<string> = new Set(),
  ): JsonMap {
    const read = new Map<string, Json>();
    const seen = new Set<string>();
    for (const [written, part] of Object.entries(value)) {
      const key = toKey(written, keys);
      if (seen.has(key))
        this.tell(
          [...path, written],
          'duplicate_key',
          `${show(key)} stands here twice, with dashes and without.`,
          'Keep one of them.',
        );
      seen.add(key);
      const reader = Object.hasOwn(keys, key) ? keys[key] : undefined;
      if (reader) {
        if (part === null) continue;
        const made = reader(part, [...path, written]);
        if (made !== undefined) read.set(key, made);
        continue;
      }
      read.set(written, part);
      if (kept.has(written)) continue;
      this.tell(
        [...path, written],
        'unknown_key',
        `${show(written)} means nothing here; it is kept.`,
        () => {
          const near = nearest(written, Object.keys(keys));
          return near ? `Did you mean ${near}?` : 'Remove it.';
        },
        'warning',
      );
    }
    return Object.fromEntries(read);
  }

  /** A text of at most so many characters; what is longer is cut and told. */
  textUpTo = (most: number): Read => {
    return (value, path) => {
      const text = this.text(value, path);
      if (typeof text !== 'string' || text.length <= most) return text;
      this.tell(
        path,
        'long_text',
        `${path.at(-1) ?? 'it'} has ${text.length} characters; it is cut here.`,
        `Use at most ${most}.`,
      );
      return shorten(text, most);
    };
  };

  text: Read = (value, path) => {
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : this.wrong(path, value, 'a text');
  };

  anything: Read = (value) => value;

  anyMap: Read = (value, path) => (isMap(value) ? value : this.wrong(path, value, 'a map'));

  flag: Read = (value, path) => {
    if (typeof value === 'boolean') return value;
    return value === 'true' || value === 'false'
      ? value === 'true'
      : this.wrong(path, value, 'true or false');
  };

  whole = (least: number, most: number): Read => {
    return (value, path) => {
      const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
      if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most)
        return number;
      return this.fixedOrWrong(path, value, `a whole number from ${least} to ${most}`);
    };
  };

  oneOf = (...words: readonly string[]): Read => {
    return (value, path) =>
      typeof value === 'string' && words.includes(value)
        ? value
        : this.wrong(path, value, words.join(' or '));
  };

  duration: Read = (value, path) => {
    if ((typeof value === 'number' || typeof value === 'string') && !Number.isNaN(parseDuration(value)))
      return value;
    const wanted = 'seconds (90) or a text such as 90s, 10m, 2h or 1h 30m';
    if (isTemplate(value)) return this.fixedOrWrong(path, value, wanted);
    return this.tell(
      path,
      'wrong_duration',
      `${path.at(-1) ?? ''} must be a duration, not ${show(value)}.`,
      `Write ${wanted}.`,
    );
  };

  /** A name or a list of names. */
  names = (value: Json, path: Path): string[] => {
    return listOf(value).flatMap((name, place) => {
      const at = Array.isArray(value) ? [...path, place] : path;
      const text =
        typeof name === 'string' || typeof name === 'number'
          ? String(name)
          : this.wrong(at, name, 'the name of a task');
      return text === undefined ? [] : [text];
    });
  };
}

function isTemplate(value: Json): boolean {
  return typeof value === 'string' && /\{[{%]/.test(value);
}

/** A value as a message quotes it. */
export function show(value: unknown): string {
  // Quoting what is long would cost more than all else about it.
  return shorten(print(typeof value === 'string' ? shorten(value, 61) : value), 60);
}

function print(value: unknown): string {
  try {
    return value === undefined ? 'nothing' : JSON.stringify(value);
  } catch {
    return 'something nested very deeply';
  }
}

function toKey(written: string, keys: Readonly<Record<string, unknown>>): string {
  if (Object.hasOwn(keys, written)) return written;
  const plain = written.replaceAll('-', '_');
  return Object.hasOwn(keys, plain) ? plain : written;
}
