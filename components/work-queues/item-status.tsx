import { strings } from '@/components/strings';
import type { RouterOutputs } from '@/components/trpc';
import { Badge, type Tone } from '@/components/ui/badge';

const text = strings.workQueues;
export type Item = RouterOutputs['queues']['items']['items'][number];
export const itemStatuses = Object.keys(text.statuses) as Item['status'][];

const tones: Record<Item['status'], Tone> = {
  queued: 'queued',
  leased: 'running',
  retry: 'waiting',
  completed: 'completed',
  failed: 'failed',
  skipped: 'neutral',
  cancelled: 'cancelled',
};

/** An item's status as a word, and how many have it where that is told. */
export function ItemStatus({ status, count }: { status: Item['status']; count?: number }) {
  return (
    <Badge tone={tones[status]}>
      {text.statuses[status]} {count}
    </Badge>
  );
}
