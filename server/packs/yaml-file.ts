import { LineCounter, isNode, parseDocument, type Document } from 'yaml';

/** A YAML file with its places, so that a problem can say its line. */
export interface YamlFile {
  /** Relative to the packs folder: what a problem names. */
  path: string;
  value: unknown;
  lineOf(keys: readonly PropertyKey[]): number;
}

/** `file:line message`: what an editor's terminal turns into a link. */
export function toProblem(file: YamlFile, keys: readonly PropertyKey[], message: string): string {
  return `${file.path}:${file.lineOf(keys)} ${message}`;
}

/** Reads YAML; what is wrong with it goes to `problems`, and null comes back. Aliases are limited to 100. */
export function parseYamlFile(path: string, text: string, problems: string[]): YamlFile | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    problems.push(`${path}:${lines.linePos(error.pos[0]).line} ${error.message}`);
  }
  if (document.errors.length > 0) return null;
  try {
    return {
      path,
      value: document.toJS({ maxAliasCount: 100 }) as unknown,
      lineOf: (keys) => lines.linePos(offsetOf(document, keys)).line || 1,
    };
  } catch (error) {
    problems.push(`${path}:1 ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Where the nearest place that exists begins: a missing key is told at its parent. */
function offsetOf(document: Document, keys: readonly PropertyKey[]): number {
  for (let depth = keys.length; depth > 0; depth -= 1) {
    const found = document.getIn(keys.slice(0, depth), true);
    if (isNode(found) && found.range) return found.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}
