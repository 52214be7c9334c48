import type { JobData } from '@/server/queue';

/** The queue `execution`: a job says only that there is something to claim, so it is heard as soon as it is read. */
export function hearBell(ring: () => void) {
  return (_job: JobData, heard: () => void): Promise<void> => {
    ring();
    heard();
    return Promise.resolve();
  };
}
