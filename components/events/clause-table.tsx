import { Check, CircleAlert, Minus, X } from 'lucide-react';
import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';

const text = strings.events;
type Evaluation = RouterOutputs['events']['get']['evaluations'][number];

/** Each clause of a rule's criteria: what was expected, what was there, and whether it held. */
export function ClauseTable({ clauses }: { clauses: Evaluation['clauses'] }) {
  if (clauses.length === 0) return null;
  return (
    <div
      role="group"
      aria-label={text.clauses}
      tabIndex={0}
      className="overflow-x-auto border-t border-border outline-offset-[-2px]"
    >
      <table className="w-full text-left text-xs">
        <thead className="text-text-2">
          <tr>
            {[
              text.clause.result,
              text.clause.field,
              text.clause.operator,
              text.clause.expected,
              text.clause.actual,
            ].map((heading) => (
              <th key={heading} scope="col" className="px-3 py-2 font-medium">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {clauses.map((clause, place) => (
            <tr key={place} className="border-t border-border">
              <td className="px-3 py-2">
                <ClauseResult result={clause.result} isError={clause.error !== undefined} />
              </td>
              <td className="px-3 py-2 font-mono">{clause.path}</td>
              <td className="px-3 py-2">{clause.operator.replaceAll('_', ' ')}</td>
              <td className="min-w-28 px-3 py-2 font-mono wrap-anywhere">
                {JSON.stringify(clause.expected)}
              </td>
              <td className="min-w-28 px-3 py-2 font-mono wrap-anywhere">
                {clause.error ?? JSON.stringify(clause.actual)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ClauseResult({ result, isError }: { result: boolean | null; isError: boolean }) {
  const [Icon, word, colour] = isError
    ? ([CircleAlert, text.clause.error, 'text-status-failed'] as const)
    : result === null
      ? ([Minus, text.clause.notAsked, 'text-text-2'] as const)
      : result
        ? ([Check, text.clause.yes, 'text-status-completed'] as const)
        : ([X, text.clause.no, 'text-status-failed'] as const);
  return (
    <span className={`inline-flex items-center gap-1 ${colour}`}>
      <Icon aria-hidden className="size-3.5" />
      {word}
    </span>
  );
}
