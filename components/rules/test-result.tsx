import { ClauseTable } from '@/components/events/clause-table';
import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { Callout } from '@/components/ui/callout';
import { JsonView } from '@/components/ui/json-view';

const text = strings.rules;
const kinds = { matched: 'success', silent: 'info', error: 'error' } as const;
type Result = RouterOutputs['rules']['test'];

/** What a rule would say of an event, with its comparisons and the inputs that it would give. */
export function TestResult({
  result,
}: {
  result: Pick<Result, 'verdict' | 'reason' | 'clauses'> & Partial<Pick<Result, 'parameters' | 'error'>>;
}) {
  return (
    <>
      <Callout kind={kinds[result.verdict]} title={text.verdicts[result.verdict]}>
        {result.reason}
      </Callout>
      <ClauseTable clauses={result.clauses} />
      {result.error ? <Callout kind="error">{result.error}</Callout> : null}
      {result.parameters ? <JsonView value={result.parameters} label={text.withInputs} /> : null}
    </>
  );
}
