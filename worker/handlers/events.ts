import { matchWaiting } from '@/server/events/take';
import { log } from '@/server/log';
import { ClaimLoop } from '../claim-loop';
import { messageOf } from '../message-of';
import { monotonicMs } from '../monotonic';
import type { Executions } from './execution';

/** So many are asked about in one transaction. */
const atOnce = 50;
/** One whose rules could not be asked is left alone for so long; the others go on. */
const restMs = 30_000;

/** Asks the rules of events that wait. One per worker process: what one transaction holds, another worker passes by. */
export class Events {
  readonly loop: ClaimLoop;
  private lastTenantId = 0;
  /** Until when each of those that failed is left alone. */
  private readonly failed = new Map<number, number>();

  constructor(private readonly executions: Executions) {
    this.loop = new ClaimLoop(
      () => atOnce,
      (limit) => this.match(limit),
      'event',
    );
  }

  private async match(limit: number): Promise<boolean> {
    const nowMs = monotonicMs();
    for (const [id, untilMs] of this.failed) if (untilMs <= nowMs) this.failed.delete(id);
    const { mayBeMore, lastTenantId, failed } = await this.executions.lend((worker) =>
      matchWaiting(this.lastTenantId, limit, [...this.failed.keys()], worker),
    );
    this.lastTenantId = lastTenantId;
    for (const { id, error } of failed) {
      this.failed.set(id, nowMs + restMs);
      log.error(
        { eventId: id, error: messageOf(error) },
        'the rules of an event could not be asked; it will be tried again',
      );
    }
    return mayBeMore;
  }
}
