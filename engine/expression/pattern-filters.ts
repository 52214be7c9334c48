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
    'The text with every match replaced; $1 stands for the first group.',
    (text, args, evaluator) => {
      const replacement = args.text(1, '');
      // At most one match per character, and each group may hold the whole text.
      const groups = (replacement.match(/\$/g) ?? []).length;
      evaluator.allow((text.length + 1) * (1 + replacement.length) + groups * text.length);
      const found = matcher(text, args, args.flag(2), evaluator);
      try {
        const replaced = found.replaceAll(replacement);
        evaluator.allow(replaced.length);
        return replaced;
      } catch (error) {
        if (error instanceof EvaluationFault) throw error;
        throw new EvaluationFault(
          'pattern',
          'The replacement cannot be read.',
          'Write a dollar sign as \\$.',
          `The replacement cannot be read: ${messageOf(error)}.`,
        );
      }
    },
  ),
};
