import { RE2JS } from 're2js';
import type { Args } from './arguments';
import type { Evaluator } from './evaluator';
import { EvaluationFault } from './expression-error';
import { textFilter, type Filter } from './filter';

const longestPattern = 1_000;

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A user's pattern in an engine whose time is linear in the text. @throws EvaluationFault when it cannot be read */
function compilePattern(args: Args, ignoreCase: boolean, evaluator: Evaluator): RE2JS {
  const pattern = args.text(0, '');
  if (pattern.length > longestPattern)
    throw new EvaluationFault('limit', `A pattern has at most ${longestPattern} characters.`);
  evaluator.spend(100);
  try {
    const compiled = RE2JS.compile(pattern, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
    // Counted repetitions are spelled out: what looks short may be a large program.
    if (compiled.programSize() > 10_000) throw new EvaluationFault('limit', 'The pattern repeats too much.');
    return compiled;
  } catch (error) {
    if (error instanceof EvaluationFault) throw error;
    throw new EvaluationFault(
      'pattern',
      'The pattern cannot be read.',
      'Look-around and back-references are not supported.',
      `The pattern ${JSON.stringify(pattern)} cannot be read: ${messageOf(error)}.`,
    );
  }
}

/** Matching costs text times program; that is counted before it starts. */
function matcher(text: string, args: Args, ignoreCase: boolean, evaluator: Evaluator) {
  const compiled = compilePattern(args, ignoreCase, evaluator);
  evaluator.spend((text.length * (1 + compiled.programSize() / 32)) / 64);
  return compiled.matcher(text);
}

/** Filters with regular expressions. */
export const patternFilters: Record<string, Filter> = {
  regex_match: textFilter(
    '(pattern, ignorecase=false)',
    'Whether the text begins with the pattern.',
    (text, args, evaluator) => matcher(text, args, args.flag(1), evaluator).lookingAt(),
  ),
  regex_search: textFilter(
    '(pattern, ignorecase=false)',
    'The first part that matches the pattern, or null.',
    (text, args, evaluator) => {
      const found = matcher(text, args, args.flag(1), evaluator);
      return found.find() ? (found.group() ?? null) : null;
    },
  ),
  regex_replace: textFilter(
    "(pattern, replacement='', ignorecase=false)",
    'The text with every match replaced; $1 or \\1 stands for the first group, $<name> for a named one.',
    (text, args, evaluator) => {
      const replacement = args.text(1, '');
      const found = matcher(text, args, args.flag(2), evaluator);
      const groupCount = found.groupCount();
      let size = text.length;
      return found.replaceAll((...parts: unknown[]) => {
        const expanded = expand(replacement, parts, groupCount);
        size += expanded.length;
        evaluator.fit(size);
        evaluator.spend(1 + expanded.length / 64);
        return expanded;
      });
    },
  ),
};

const places = /\$\$|\$&|\$(\d{1,2})|\$<(\w+)>|\\(\d)|\\g<(\w+)>|\\\\/g;

/** A replacement with its groups filled in; `parts` are those of a JavaScript replacer: match, groups, …, named groups. */
function expand(replacement: string, parts: readonly unknown[], groupCount: number): string {
  const textOf = (part: unknown): string => (typeof part === 'string' ? part : '');
  const groupAt = (digits: string, whole: string): string =>
    Number(digits) <= groupCount ? textOf(parts[Number(digits)]) : whole;
  const groupNamed = (name: string, whole: string): string => {
    if (/^\d+$/.test(name)) return groupAt(name, whole);
    const named = parts.at(-1);
    return typeof named === 'object' && named !== null && Object.hasOwn(named, name)
      ? textOf((named as Record<string, unknown>)[name])
      : whole;
  };
  return replacement.replaceAll(
    places,
    (whole, dollar?: string, dollarName?: string, slash?: string, slashName?: string) => {
      if (dollar !== undefined) return groupAt(dollar, whole);
      if (slash !== undefined) return groupAt(slash, whole);
      const name = dollarName ?? slashName;
      if (name !== undefined) return groupNamed(name, whole);
      return whole === '$&' ? textOf(parts[0]) : whole.charAt(0);
    },
  );
}
