import { parse as parseYaml } from 'yaml';
import { checkAgainst } from '@/engine/json-schema';
import type { Claim } from '@/server/executions/claims';
import { toCleanText } from '../sandbox/clean-text';
import { parsedCharacters } from '../sandbox/output';

type Json = Claim['parameters'][string];

/** What was read from an output: the data, none, or why the declared format does not hold. */
export type ReadData = { data: Json | undefined; problem: string | null };

const maxDepth = 64;

/** JSON as the database can hold it: no NUL, no half characters, only numbers that JSON knows. @throws RangeError when deeper than 64 */
export function toStorable(value: unknown, depth = 0): Json {
  if (depth > maxDepth) throw new RangeError(`it is nested deeper than ${maxDepth}`);
  switch (typeof value) {
    case 'string':
      return toCleanText(value);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'bigint':
      return String(value);
    case 'object': {
      if (value === null) return null;
      if (Array.isArray(value)) return value.map((entry) => toStorable(entry, depth + 1));
      if (value instanceof Date) return value.toISOString();
      // `__proto__` as a key of somebody's output stays a key.
      return Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [String(toStorable(key)), toStorable(entry, depth + 1)]),
      );
    }
    default:
      return null;
  }
}

/** What keeps the data from its schema, as one sentence; null when it fits or there is no schema. */
export function findSchemaProblem(schema: Claim['outSchema'], data: Json): string | null {
  if (schema === null || Object.keys(schema).length === 0) return null;
  const problems = checkAgainst(schema, data);
  if (problems.length === 0) return null;
  const places = problems.slice(0, 5).map(({ path, message }) => (path ? `${path} ${message}` : message));
  return `The output does not fit the action's output schema: ${places.join('; ')}.`;
}

function parseJson(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** The whole text as JSON; else its last line, or its last lines from one that opens an object or a list. */
function readLastJson(text: string): { value: unknown } | null {
  const whole = parseJson(text);
  if (whole) return whole;
  const lines = text.split('\n');
  const last = parseJson(lines.at(-1) ?? '');
  if (last) return last;
  // Pretty-printed after other lines: its first line starts at the margin.
  for (let index = lines.length - 2; index >= 0 && index > lines.length - 10_000; index -= 1) {
    if (/^[[{]/.test(lines[index] ?? '')) return parseJson(lines.slice(index).join('\n'));
  }
  return null;
}

function short(text: string): string {
  return text.length > 80 ? `${toCleanText(text.slice(0, 80))}…` : text;
}

/** What a parser says, without the piece of the text that it quotes: half a secret would not be recognised in it. */
export function toReason(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON';
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

/**
 * Reads stdout by the format that the action declares. `text` (no declaration) never fails: what is a JSON object or
 * list becomes data, all else stays text. A declared format that does not hold is a problem that names the place.
 * @param stdout null when it is longer than 1 MB
 * @param redact takes secrets out of what a problem quotes, before it is cut to size
 */
export function readData(
  stdout: string | null,
  format: Claim['outputFormat'],
  redact: (text: string) => string = (text) => text,
): ReadData {
  if (stdout === null) {
    if (format === 'text') return { data: undefined, problem: null };
    return {
      data: undefined,
      problem: `The output is longer than ${parsedCharacters / 2 ** 20} MB, too long to be read as ${format}. Print less, or write a file into ATTUNE_ARTIFACTS_DIR.`,
    };
  }
  const text = stdout.trim();
  try {
    switch (format) {
      case 'text': {
        const found = /^[[{]/.test(text) ? parseJson(text) : null;
        return { data: found ? toStorable(found.value) : undefined, problem: null };
      }
      case 'json': {
        const found = readLastJson(text);
        if (found) return { data: toStorable(found.value), problem: null };
        const what =
          text === ''
            ? 'nothing was printed'
            : `it ends with: ${short(redact(text.split('\n').at(-1) ?? ''))}`;
        return {
          data: undefined,
          problem: `The output is not JSON, as the action's output format says: ${what}`,
        };
      }
      case 'jsonl': {
        const values: Json[] = [];
        for (const [index, line] of text.split('\n').entries()) {
          if (line.trim() === '') continue;
          const found = parseJson(line);
          if (!found)
            return {
              data: undefined,
              problem: `Line ${index + 1} of the output is not JSON: ${short(redact(line))}`,
            };
          values.push(toStorable(found.value));
        }
        return { data: values, problem: null };
      }
      case 'yaml':
        return { data: toStorable(parseYaml(text, { maxAliasCount: 100 })), problem: null };
    }
  } catch (error) {
    if (format === 'text') return { data: undefined, problem: null };
    return { data: undefined, problem: `The output can't be read as ${format}: ${toReason(error)}` };
  }
}
