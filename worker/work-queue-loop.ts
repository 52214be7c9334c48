import { onAnnouncement } from '@/server/live';
import { log } from '@/server/log';
import { pollMs } from '@/server/queue';
import { dispatchDue, stopOverdue } from '@/server/work-queues/dispatch';
import { messageOf } from './message-of';

const batch = 50;
/** Between two looks: while executions of queues are under way, the feed rings for much else, too. */
const leastRestMs = 20;

/**
 * Gives out the items of work queues for as long as the worker lives: woken when items come, when something ends while
 * executions of queues are under way, and at the polling floor. Any number of workers do.
 */
export class WorkQueueLoop {
  private isStopped = false;
  private isAnyOut = false;
  private hasRung = false;
  private wake: () => void = () => {};
  private turning: Promise<void> = Promise.resolve();
  private unlisten: (() => void)[] = [];

  start(): void {
    this.unlisten = [
      onAnnouncement('attune_job', (payload) => {
        if (payload === 'work_queue') this.ring();
      }),
      onAnnouncement('attune_feed', () => {
        if (this.isAnyOut) this.ring();
      }),
    ];
    this.turning = this.turn();
  }

  private ring(): void {
    this.hasRung = true;
    this.wake();
  }

  private wasRung(): boolean {
    return this.hasRung;
  }

  private async turn(): Promise<void> {
    let failures = 0;
    let overdueAtMs = -Infinity;
    while (!this.isStopped) {
      this.hasRung = false;
      try {
        if (performance.now() - overdueAtMs >= pollMs()) {
          overdueAtMs = performance.now();
          await stopOverdue(batch);
        }
        const { acted, isAnyOut } = await dispatchDue(batch);
        this.isAnyOut = isAnyOut;
        failures = 0;
        await this.rest(leastRestMs, false);
        if (acted === 0 && !this.wasRung()) await this.rest(pollMs(), true);
      } catch (error) {
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug'](
          { error: messageOf(error) },
          'work queues wait for the database',
        );
        await this.rest(Math.min(100 * 2 ** failures, 2_000), false);
      }
    }
  }

  /** Until the time is over, or, where it may be woken, somebody rings; never less than a moment. */
  private async rest(ms: number, mayWake: boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      this.wake = () => {
        if (mayWake || this.isStopped) end();
      };
      if (this.isStopped) end();
    });
    this.wake = () => {};
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    for (const unlisten of this.unlisten) unlisten();
    this.wake();
    await this.turning;
  }
}
