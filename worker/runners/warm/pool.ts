import { log } from '@/server/log';
import { messageOf } from '../../message-of';
import type { Waiting } from './waiting';

/** However long one may wait: what it was started with must not grow old. */
const oldestMs = 10 * 60_000;

/** Takes back the place of a process that is gone. */
type Leave = (waiting: Waiting) => Promise<void>;

/**
 * Processes that wait for their execution, at most one for each kind of attempt (`key`): the same tenant, pack, environment,
 * interpreter, limits and walls. Each is used once.
 */
export class WarmPool {
  /** The least recently wished for first. */
  private readonly waiting = new Map<string, Waiting>();
  /** What is being started, or will be. */
  private readonly wishes = new Set<string>();
  private readonly ending = new Set<Promise<void>>();
  private work: Promise<void> = Promise.resolve();
  private isClosed = false;

  /**
   * @param most how many wait at once; with 0 none does
   * @param idleMs how long one waits in vain
   */
  constructor(
    private readonly most: number,
    private readonly idleMs: number,
    private readonly leave: Leave,
  ) {}

  /** How many wait. */
  get size(): number {
    return this.waiting.size;
  }

  /** The one that waits for such an attempt, if one does. It is the taker's from now on. */
  take(key: string): Waiting | null {
    const found = this.waiting.get(key);
    this.waiting.delete(key);
    return found ?? null;
  }

  /** Has one wait for such an attempt, started in the background, one after the other. */
  wish(key: string, start: () => Promise<Waiting>): void {
    if (this.isClosed || this.most === 0) return;
    const known = this.waiting.get(key);
    if (known) {
      this.waiting.delete(key);
      this.waiting.set(key, known);
    } else if (!this.wishes.has(key)) {
      this.wishes.add(key);
      this.work = this.work
        .then(() => this.fulfil(key, start))
        .catch((error: unknown) =>
          log.debug({ error: messageOf(error) }, 'a process could not be started ahead'),
        );
    }
  }

  private async fulfil(key: string, start: () => Promise<Waiting>): Promise<void> {
    if (this.isClosed || this.waiting.has(key)) {
      this.wishes.delete(key);
      return;
    }
    // Whoever still ends has its user.
    while (this.waiting.size + this.ending.size >= this.most) {
      const [oldest] = this.waiting;
      if (this.ending.size === 0 && oldest) this.drop(...oldest);
      await Promise.race(this.ending);
    }
    // From here on each wish is for one more, since this one may be taken before it is even ready.
    const started = await start().finally(() => this.wishes.delete(key));
    this.waiting.set(key, started);
    const timer = setTimeout(() => this.drop(key, started), Math.min(this.idleMs, oldestMs)).unref();
    void started.gone.then(() => {
      clearTimeout(timer);
      this.drop(key, started);
    });
    if (!(await started.ready)) this.drop(key, started);
  }

  /** Ends one, unless it was taken. */
  private drop(key: string, waiting: Waiting): void {
    if (this.waiting.get(key) !== waiting) return;
    this.waiting.delete(key);
    const ended: Promise<void> = waiting
      .end()
      .then(() => this.leave(waiting))
      .catch((error: unknown) =>
        log.warn({ error: messageOf(error) }, 'a process that was started ahead left something behind'),
      )
      .finally(() => this.ending.delete(ended));
    this.ending.add(ended);
  }

  /** Settles when all that was wished for waits. */
  async settled(): Promise<void> {
    await this.work;
    await Promise.all(this.ending);
  }

  /** Ends all that wait; none is started any more. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.work;
    for (const [key, waiting] of [...this.waiting]) this.drop(key, waiting);
    await Promise.all(this.ending);
  }
}
