import { parseDefinition } from '../definition/parse';
import { placeOf } from '../definition/place-in-yaml';
import { readYaml, type YamlText } from '../definition/read-yaml';
import type { Definition } from '../definition/schema';
import type { Json } from '../expression/expression';
import { readActionMetadata, type ImportedAction } from './action-metadata';
import { isObject, type ImportNote } from './notes';
import { readOrquesta } from './orquesta';

type JsonObject = { [key: string]: Json };

/** What became of a text that was imported. */
export interface Imported {
  /** What it was taken for. */
  format: 'attune' | 'orquesta' | 'metadata';
  /** The workflow, where there is one. */
  definition: Definition | null;
  /** What the metadata says of the action, or of the workflow beside it. */
  action: ImportedAction | null;
  notes: ImportNote[];
}
export type ImportResult =
  { kind: 'read'; imported: Imported } | { kind: 'unreadable'; message: string; line: number | null };

/**
 * Reads a workflow of ours, one of Orquesta, or an action's metadata, or the last two in one text with `---` between.
 * What cannot be carried over is told with its line, and left in the text where it stands as a text. Never throws.
 */
export function importText(text: string): ImportResult {
  const parts = splitDocuments(text);
  let imported: Imported | null = null;
  for (const part of parts.slice(0, 2)) {
    const read = readYaml(part.text);
    if (!read.document) {
      const [problem] = read.problems;
      return {
        kind: 'unreadable',
        message: problem?.message ?? 'This is no YAML.',
        line: (problem?.line ?? 1) + part.offset,
      };
    }
    const value = read.value as Json;
    if (!isObject(value))
      return {
        kind: 'unreadable',
        message: 'A workflow or an action is a map of names and values.',
        line: 1 + part.offset,
      };
    const one = readPart(value, read, part.offset);
    imported = imported ? join(imported, one) : one;
  }
  if (!imported) return { kind: 'unreadable', message: 'There is nothing in it.', line: null };
  const extra = parts[2];
  if (extra)
    imported.notes.push({
      kind: 'lost',
      line: extra.offset + 1,
      message: 'Only the first two documents are read.',
    });
  imported.notes.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return { kind: 'read', imported };
}

function readPart(value: JsonObject, read: YamlText, offset: number): Imported {
  const notes: ImportNote[] = [];
  const seen = new Set<string>();
  const note = (kind: ImportNote['kind'], path: readonly (string | number)[], message: string) => {
    const line = placeOf(read, [...path]).line + offset;
    const id = `${line} ${message}`;
    if (!seen.has(id)) notes.push({ kind, line, message });
    seen.add(id);
  };
  if (value['runner_type'] !== undefined && value['tasks'] === undefined)
    return { format: 'metadata', definition: null, action: readActionMetadata(value, note), notes };
  if (isOrquesta(value))
    return { format: 'orquesta', definition: readOrquesta(value, note), action: null, notes };
  const { definition, problems } = parseDefinition(value);
  for (const { message, task, field } of problems)
    note('changed', [...(task ? ['tasks', task] : []), ...(field ? field.split('.') : [])], message);
  return { format: 'attune', definition, action: null, notes };
}

/** The marks by which theirs is told from ours: its expressions, and the keys that only it has. */
function isOrquesta(value: JsonObject): boolean {
  if (!isObject(value['tasks'])) return false;
  const text = JSON.stringify(value);
  const own = ['parameters', 'output_map'].some((key) => key in value);
  const theirs = ['input', 'output'].some((key) => Array.isArray(value[key]));
  return (
    theirs ||
    (!own &&
      (/<%|\bctx\(/.test(text) ||
        Object.values(value['tasks']).some((task) => isObject(task) && ('with' in task || 'next' in task))))
  );
}

/** A workflow and the metadata of its action: what the latter says of parameters counts. */
function join(a: Imported, b: Imported): Imported {
  const [workflow, metadata] = a.definition ? [a, b] : [b, a];
  const notes = [...a.notes, ...b.notes];
  if (!workflow.definition || !metadata.action) {
    notes.push({
      kind: 'lost',
      line: null,
      message: 'Two documents go together only as a workflow and its metadata.',
    });
    return { ...a, notes };
  }
  const { description } = metadata.action;
  return {
    format: workflow.format,
    action: metadata.action,
    definition: {
      ...workflow.definition,
      ...(description === '' ? {} : { description }),
      parameters: metadata.action.paramSchema,
    },
    notes,
  };
}

/** The documents of a text that stand between lines of `---`. */
function splitDocuments(text: string): { text: string; offset: number }[] {
  const parts: { text: string; offset: number }[] = [];
  let from = 0;
  const lines = text.split('\n');
  lines.push('---');
  lines.forEach((line, index) => {
    if (!/^---\s*$/.test(line)) return;
    const part = lines.slice(from, index).join('\n');
    if (/^\s*[^\s#]/m.test(part)) parts.push({ text: part, offset: from });
    from = index + 1;
  });
  return parts;
}
