import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { Badge } from '@/components/ui/badge';

const text = strings.webhooks;
export type Verdict = RouterOutputs['webhooks']['deliveries']['items'][number]['verdict'];

/** What became of a call, in a word. */
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const isFine = verdict === 'accepted';
  const isHarmless = verdict === 'duplicate' || verdict === 'challenge';
  return (
    <Badge tone={isFine ? 'success' : isHarmless ? 'neutral' : 'danger'}>{text.verdicts[verdict]}</Badge>
  );
}
