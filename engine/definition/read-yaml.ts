import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  type Document,
} from 'yaml';
import { shorten } from '../expression/shorten';
import { Findings } from './findings';
import type { Problem } from './problem';

// As large as a draft may be.
const largestText = 2_000_000;
const mostAliases = 100;

/** A YAML text as a document, with its value and what is wrong in it; or, without a document, why it cannot be read. */
export type ReadYaml =
  | { document: Document.Parsed; lines: LineCounter; value: unknown; problems: Problem[] }
  | { document: null; problems: Problem[] };

/** A YAML text that could be read. */
export type YamlText = Extract<ReadYaml, { lines: LineCounter }>;

/**
 * Reads a YAML text in time that grows with its length, whatever it holds. Numbers that would lose digits are kept as
 * text, and keys that stand twice are told. Never throws.
 */
export function readYaml(text: string): ReadYaml {
  if (text.length > largestText)
    return broken(
      `The text has ${text.length} characters; at most ${largestText} fit.`,
      'Keep large data in a key or an artifact.',
    );
  const lines = new LineCounter();
  try {
    // The library compares each key with all before it, and quotes the line of each error: both are done here.
    const document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: 'error',
    });
    if (document.errors.length > 0) return { document: null, problems: toProblems(document, lines) };
    const check = new Check(lines);
    check.node(document.contents);
    if (check.refusal) return { document: null, problems: [check.refusal] };
    const value: unknown = document.toJS({ maxAliasCount: mostAliases });
    return { document, lines, value, problems: check.problems() };
  } catch (error) {
    if (error instanceof RangeError) return tooDeep();
    return broken(
      error instanceof Error ? `${shorten(error.message, 200)}.` : 'This is no YAML.',
      'Write the parts out instead of referring to them.',
    );
  }
}

function broken(message: string, repair: string, line = 1, column = 1): ReadYaml {
  return {
    document: null,
    problems: [{ severity: 'error', code: 'not_yaml', message, repair, line, column }],
  };
}

function tooDeep(): ReadYaml {
  return broken('The text is nested too deeply.', 'Put parts of it into workflows of their own.');
}

function toProblems({ errors }: Document.Parsed, lines: LineCounter): Problem[] {
  const findings = new Findings();
  for (const { pos, message } of errors) {
    const { line, col } = lines.linePos(pos[0]);
    const isDeep = message.startsWith('Maximum call stack');
    findings.add({
      severity: 'error',
      code: 'not_yaml',
      message: isDeep ? 'The text is nested too deeply.' : `${message.replace(/[.:]?$/, '')}.`,
      repair: isDeep
        ? 'Put parts of it into workflows of their own.'
        : 'Repair the text here; the last version that could be read stays.',
      line,
      column: col,
    });
  }
  const { told, more } = findings.list();
  return more ? [...told, { ...more, line: 1, column: 1 }] : told;
}

/** Goes through a document once, before it is turned into a value. */
class Check {
  /** Why no value can be made of it. */
  refusal: Problem | null = null;
  private readonly findings = new Findings();
  private aliases = 0;

  constructor(private readonly lines: LineCounter) {}

  problems(): Problem[] {
    const { told, more } = this.findings.list();
    return more ? [...told, more] : told;
  }

  node(node: unknown): void {
    if (this.refusal) return;
    if (isScalar(node)) return this.number(node);
    if (isAlias(node)) {
      this.aliases += 1;
      if (this.aliases > mostAliases)
        this.refusal = this.at(
          node,
          'too_many_aliases',
          `More than ${mostAliases} places refer to others with *.`,
          'Write the parts out instead of referring to them.',
        );
      return;
    }
    if (!isCollection(node)) return;
    if (isMap(node)) this.keys(node.items.map(({ key }) => key));
    for (const item of node.items) this.node(isPair(item) ? item.value : item);
  }

  private keys(keys: readonly unknown[]): void {
    const seen = new Set<string>();
    for (const key of keys) {
      if (isCollection(key) || isAlias(key)) {
        this.refusal ??= this.at(
          key,
          'wrong_key',
          'A list, a map or a reference cannot be a key: keys are texts.',
          'Write the key as text.',
        );
        return;
      }
      const name = String(isScalar(key) ? key.value : key);
      if (seen.has(name))
        this.findings.add(
          this.at(
            key,
            'duplicate_key',
            `${shorten(name, 60)} stands here twice; the last one counts.`,
            'Keep one of them.',
          ),
        );
      seen.add(name);
    }
  }

  /** What JavaScript would round, or has no word for in JSON, stays as it is written. */
  private number(scalar: { value: unknown; source?: string }): void {
    const { value, source = '' } = scalar;
    if (typeof value !== 'number') return;
    const isWhole = /^[-+]?(?:\d+|0x[\da-f]+|0o[0-7]+)$/i.test(source);
    const isRounded = isWhole && !Number.isSafeInteger(value) && String(value) !== source.replace(/^\+/, '');
    if (Number.isFinite(value) && !isRounded) return;
    const isDigits = Number.isFinite(value) || /\d/.test(source);
    this.findings.add(
      this.at(
        scalar,
        'number_too_large',
        `${shorten(source, 60)} ${isDigits ? 'is too large to be kept exactly as a number' : 'is no number in JSON'}; it is kept as text.`,
        'Write it in quotes.',
      ),
    );
    scalar.value = source;
  }

  private at(node: unknown, code: string, message: string, repair: string): Problem {
    const range = (node as { range?: [number, number, number] | null } | null)?.range;
    const { line, col } = this.lines.linePos(range?.[0] ?? 0);
    return { severity: 'error', code, message, repair, line, column: col };
  }
}
