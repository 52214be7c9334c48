import { isDatabaseAway } from '@/server/db';
import { onAnnouncement } from '@/server/live';
import { log } from '@/server/log';
import { completeJobs, fetchJobs, pollMs, type Job, type JobData, type QueueName } from '@/server/queue';
import { messageOf } from './message-of';

/** Carries out what a job points at. `heard` says that the job itself is not needed any more, though work may go on. */
export type Handler = (job: JobData, heard: () => void) => Promise<void>;

const maxBatch = 50;
const completeMs = 20;
/** What nobody waits for is looked at so much less often. */
const lazyPolls = 6;

/**
 * Takes jobs off one queue for as long as it lives: woken by NOTIFY or the polling floor, never more at a time than
 * `limit`. An error of one job is logged and is that job's alone; while the database is away it waits and goes on.
 */
export class QueueLoop {
  private active = 0;
  private isStopped = false;
  private hasRung = false;
  private wake: () => void = () => {};
  private readonly heard: string[] = [];
  private completeTimer: NodeJS.Timeout | undefined;
  private completing: Promise<void> = Promise.resolve();
  private turning: Promise<void> = Promise.resolve();
  private unlisten: () => void = () => {};

  constructor(
    private readonly queue: QueueName,
    private readonly limit: number,
    private readonly handler: Handler,
    /** `lazy`: nobody waits for these jobs, so they are taken now and then, many at once. */
    private readonly pace: 'prompt' | 'lazy' = 'prompt',
  ) {}

  start(): void {
    // An empty payload is rung after a lost connection: anything may have been missed.
    if (this.pace === 'prompt') {
      this.unlisten = onAnnouncement('attune_job', (payload) => {
        if (payload === this.queue || payload === '') this.ring();
      });
    }
    this.turning = this.turn();
  }

  private ring(): void {
    this.hasRung = true;
    this.wake();
  }

  /** Since the last fetch began. */
  private wasRung(): boolean {
    return this.hasRung;
  }

  private async turn(): Promise<void> {
    let failures = 0;
    while (!this.isStopped) {
      const room = this.limit - this.active;
      if (room <= 0) {
        await this.rest(pollMs());
        continue;
      }
      this.hasRung = false;
      try {
        const jobs = await fetchJobs(this.queue, this.pace === 'lazy' ? room : Math.min(room, maxBatch));
        failures = 0;
        for (const job of jobs) void this.carryOut(job);
        if (jobs.length > 0) continue;
      } catch (error) {
        failures += 1;
        const level = failures === 1 ? 'warn' : 'debug';
        log[level](
          { queue: this.queue, error: (error as Error).message },
          'no jobs can be fetched; trying again',
        );
        this.hasRung = false;
      }
      const restMs = this.pace === 'lazy' ? lazyPolls * pollMs() : pollMs();
      if (!this.wasRung()) await this.rest(failures > 0 ? Math.min(100 * 2 ** failures, 2_000) : restMs);
    }
  }

  /** Until somebody rings, a slot gets free, or the time is over. */
  private async rest(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms * (0.9 + Math.random() * 0.2));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.isStopped) this.wake();
    });
    this.wake = () => {};
  }

  private async carryOut(job: Job): Promise<void> {
    this.active += 1;
    let isHeard = false;
    const hear = () => {
      if (isHeard) return;
      isHeard = true;
      this.complete(job.jobId);
    };
    try {
      await this.handler(job.data, hear);
      hear();
    } catch (error) {
      const { message, stack } = error as Error;
      if (isDatabaseAway(error))
        log.warn({ queue: this.queue, job: job.data, error: message }, 'a job waits for the database');
      else {
        log.error({ queue: this.queue, job: job.data, error: message, stack }, 'a job failed');
        // Its row still says what is to be done: the reconciler rings again, without the queue spinning on it.
        hear();
      }
    } finally {
      this.active -= 1;
      if (this.pace === 'prompt') this.ring();
    }
  }

  private complete(jobId: string): void {
    this.heard.push(jobId);
    this.completeTimer ??= setTimeout(() => void this.flush(), completeMs);
  }

  private flush(): Promise<void> {
    clearTimeout(this.completeTimer);
    this.completeTimer = undefined;
    const jobIds = this.heard.splice(0);
    // One that is not marked expires by itself; a second delivery finds nothing to do.
    this.completing = this.completing
      .then(() => completeJobs(this.queue, jobIds))
      .catch((error: unknown) =>
        log.debug({ queue: this.queue, error: messageOf(error) }, 'jobs could not be marked'),
      );
    return this.completing;
  }

  /** No job is fetched after this; resolves when the fetch under way has ended and what was heard is marked. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.unlisten();
    this.wake();
    await this.turning;
    await this.flush();
  }
}
