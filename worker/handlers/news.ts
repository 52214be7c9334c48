import { takeNews } from '@/server/executions/news';
import type { JobData } from '@/server/queue';

/** The queue `news`: takes the step that a stored answer or command asks for. A second call finds no news. */
export async function handleNews(job: JobData, heard: () => void): Promise<void> {
  await takeNews(job);
  heard();
}
