import { matchEvent } from '@/server/events/match';
import type { JobData } from '@/server/queue';

/** The queue `event`: asks every rule on the events' triggers. A second call finds the events processed. */
export async function handleEvent(
  { tenantId, rootId, id, others = [] }: JobData,
  heard: () => void,
): Promise<void> {
  const errors: unknown[] = [];
  for (const one of [id, ...others])
    await matchEvent({ tenantId, rootId, id: one }).catch((error: unknown) => void errors.push(error));
  // What one event does must not keep the others waiting; the row that is left is rung for again.
  if (errors.length > 0) throw errors[0];
  heard();
}
