import { log } from '@/server/log';
import { fireDue, msUntilDue, scheduleNewTimers } from '@/server/timers/service';
import { messageOf } from './message-of';

const batch = 200;
/** So often new timers are looked for; the others are waited for to the millisecond. */
const longestMs = 500;

/**
 * Fires for timers as they come due, for as long as the worker lives. Any number of workers do: whoever holds a timer's row
 * fires for it, the others pass it by.
 */
export class TimerLoop {
  private isStopped = false;
  private wake: () => void = () => {};
  private turning: Promise<void> = Promise.resolve();

  start(): void {
    this.turning = this.turn();
  }

  private async turn(): Promise<void> {
    let failures = 0;
    while (!this.isStopped) {
      try {
        const count = (await scheduleNewTimers(batch)) + (await fireDue(batch));
        failures = 0;
        if (count >= batch) continue;
        await this.rest(await msUntilDue(longestMs));
      } catch (error) {
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug']({ error: messageOf(error) }, 'timers wait for the database');
        await this.rest(Math.min(100 * 2 ** failures, 2_000));
      }
    }
  }

  private async rest(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      // At least a moment: what is due now may be another worker's.
      const timer = setTimeout(resolve, Math.max(ms, 5));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.isStopped) this.wake();
    });
    this.wake = () => {};
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.turning;
  }
}
