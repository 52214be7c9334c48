import { matchEvent } from '@/server/events/match';
import type { JobData } from '@/server/queue';

/** The queue `event`: asks every rule on the event's trigger. A second call finds the event processed. */
export async function handleEvent(job: JobData, heard: () => void): Promise<void> {
  await matchEvent(job);
  heard();
}
