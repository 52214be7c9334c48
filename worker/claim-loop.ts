import { parseNewborn, type Newborn } from '@/server/executions/newborn';
import { onAnnouncement } from '@/server/live';
import { log } from '@/server/log';
import { pollMs, type QueueName } from '@/server/queue';
import { messageOf } from './message-of';

/**
 * Asks for work for as long as it lives: when a bell rings, when the polling floor is reached, and at once while there is
 * more than fits. `room` says how many may be taken now; `take` takes at most so many and says whether there may be more.
 * `takeNewborn`: what rings while nothing else does may say what it rings for; false where it has to be looked for after all.
 */
export class ClaimLoop {
  private isStopped = false;
  private hasRung = false;
  private isResting = false;
  /** What rang, where it was the only one since the last look. */
  private newborn: Newborn | null = null;
  private lookedMs = 0;
  private wake: () => void = () => {};
  private turning: Promise<void> = Promise.resolve();
  private unlisten: () => void = () => {};
  /** The last call got as many as it asked for. */
  mayBeMore = false;

  constructor(
    private readonly room: () => number,
    private readonly take: (limit: number) => Promise<boolean>,
    private readonly queue: QueueName = 'execution',
    private readonly takeNewborn?: (newborn: Newborn) => Promise<boolean>,
  ) {}

  start(): void {
    // An empty payload is rung after a lost connection: anything may have been missed.
    this.unlisten = onAnnouncement('attune_job', (payload) => {
      if (payload === this.queue || payload === '') this.ring();
      else if (this.queue === 'execution' && payload.startsWith('root ')) this.ringFor(payload);
    });
    this.turning = this.turn();
  }

  ring(): void {
    this.hasRung = true;
    this.wake();
  }

  private ringFor(payload: string): void {
    // Whoever is awake looks again, and finds several at once.
    const isOnly = this.isResting && !this.hasRung && this.newborn === null;
    if (isOnly) this.newborn = parseNewborn(payload);
    if (!isOnly || this.newborn === null) this.hasRung = true;
    this.wake();
  }

  /** A slot has become free: worth a look only where there was more than could be taken. */
  freed(): void {
    if (this.mayBeMore) this.ring();
  }

  private wasRung(): boolean {
    return this.hasRung;
  }

  private async turn(): Promise<void> {
    let failures = 0;
    while (!this.isStopped) {
      const room = this.room();
      const newborn = this.newborn;
      this.newborn = null;
      if (room <= 0) {
        // Whoever rings now must wait for a slot: it is looked for as soon as one is free.
        if (this.hasRung || newborn) this.mayBeMore = true;
        await this.rest(pollMs());
        continue;
      }
      try {
        if (newborn && !this.hasRung && (await this.takeAtOnce(newborn))) {
          if (!this.wasRung()) await this.rest(pollMs());
          continue;
        }
        this.hasRung = false;
        this.lookedMs = performance.now();
        this.mayBeMore = await this.take(room);
        failures = 0;
        if (this.mayBeMore) continue;
      } catch (error) {
        failures += 1;
        log[failures === 1 ? 'warn' : 'debug'](
          { error: messageOf(error) },
          `nothing can be taken for ${this.queue}; trying again`,
        );
        this.hasRung = false;
      }
      if (!this.wasRung()) await this.rest(failures > 0 ? Math.min(100 * 2 ** failures, 2_000) : pollMs());
    }
  }

  /** Nobody else is passed by: nothing waits for a slot, and what did not ring is looked for as often as without. */
  private async takeAtOnce(newborn: Newborn): Promise<boolean> {
    if (!this.takeNewborn || this.mayBeMore || performance.now() - this.lookedMs > pollMs()) return false;
    return this.takeNewborn(newborn);
  }

  /** Until somebody rings, or the time is over. */
  private async rest(ms: number): Promise<void> {
    this.isResting = true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms * (0.9 + Math.random() * 0.2));
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.isStopped) this.wake();
    });
    this.isResting = false;
    this.wake = () => {};
  }

  /** Nothing is asked for after this; resolves when the call under way has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.unlisten();
    this.wake();
    await this.turning;
  }
}
