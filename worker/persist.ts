import { isDatabaseAway } from '@/server/db';
import { log } from '@/server/log';

/** Does something in the database, again and again for as long as the database is away. Other errors are thrown. */
export async function persist<T>(
  what: string,
  work: () => Promise<T>,
  isGivenUp: () => boolean = () => false,
): Promise<T> {
  for (let delayMs = 100; ; delayMs = Math.min(delayMs * 2, 2_000)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error) || isGivenUp()) throw error;
      log.warn({ what, error: (error as Error).message }, 'the database is away; trying again');
      await new Promise((resolve) => setTimeout(resolve, delayMs * (0.5 + Math.random())));
    }
  }
}
