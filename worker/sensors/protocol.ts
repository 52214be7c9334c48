import { DomainError } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { parseJson } from '@/server/http/read-body';

/** What a line that a sensor printed says. */
export type Said =
  | { kind: 'event'; triggerRef: string; payload: Json; dedupe: string | null; cursor: Json | undefined }
  | { kind: 'checkpoint'; cursor: Json }
  | { kind: 'log'; level: string; message: string }
  /** No line of the protocol: it is kept as it is. */
  | { kind: 'text' }
  /** Meant for us, and cannot be taken. */
  | { kind: 'problem'; message: string };

const largestCursorBytes = 65_536;
const longestDedupe = 200;
const kinds = new Set(['event', 'checkpoint', 'log']);

/** Reads one line of a sensor's stdout. `triggerRefs`: what it may emit; the first where it does not say. Never throws. */
export function readLine(line: string, triggerRefs: readonly string[]): Said {
  const value = toMessage(line);
  if (value === null) return { kind: 'text' };
  try {
    // Once more, with all that must hold for what is kept.
    parseJson(line);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return problem(`A line was left out: ${error.message}`);
  }
  switch (value['type']) {
    case 'event':
      return readEvent(value, triggerRefs);
    case 'checkpoint': {
      const { cursor = null } = value;
      return tooLarge(cursor) ?? { kind: 'checkpoint', cursor };
    }
    default: {
      const { level = 'info', message = '' } = value;
      return {
        kind: 'log',
        level: typeof level === 'string' ? level.slice(0, 20) : 'info',
        message: typeof message === 'string' ? message : JSON.stringify(message),
      };
    }
  }
}

function toMessage(line: string): { [key: string]: Json } | null {
  if (!line.trimStart().startsWith('{')) return null;
  try {
    const value = JSON.parse(line) as { [key: string]: Json };
    const { type } = value;
    return typeof type === 'string' && kinds.has(type) ? value : null;
  } catch {
    return null;
  }
}

function readEvent(value: { [key: string]: Json }, triggerRefs: readonly string[]): Said {
  const { trigger = triggerRefs[0] ?? '', payload = {}, dedupe = null, cursor } = value;
  const named =
    typeof trigger === 'string'
      ? triggerRefs.find((ref) => ref === trigger || ref.endsWith(`.${trigger}`))
      : undefined;
  if (named === undefined) {
    const said = typeof trigger === 'string' ? trigger.slice(0, 200) : 'no text';
    return problem(
      `An event was left out: ${said} is none of the sensor's triggers (${triggerRefs.join(', ')}).`,
    );
  }
  const key = typeof dedupe === 'number' ? String(dedupe) : dedupe;
  if (key !== null && (typeof key !== 'string' || key === '' || key.length > longestDedupe))
    return problem(
      `An event was left out: its dedupe must be a text of at most ${longestDedupe} characters.`,
    );
  return (
    (cursor === undefined ? null : tooLarge(cursor)) ?? {
      kind: 'event',
      ...{ triggerRef: named, payload, dedupe: key, cursor },
    }
  );
}

function tooLarge(cursor: Json): Said | null {
  if (Buffer.byteLength(JSON.stringify(cursor)) <= largestCursorBytes) return null;
  return problem(`A checkpoint was left out: its cursor is larger than ${largestCursorBytes} bytes.`);
}

function problem(message: string): Said {
  return { kind: 'problem', message };
}
