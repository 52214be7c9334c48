import { log } from '../log';

const atOnce = 4;

/**
 * Gives out slots soon after a commit, in this process: equal wishes become one, one at a time for each slot, few at a
 * time for all. What fails is left to the upkeep.
 */
export class Promotions {
  private readonly waiting = new Map<string, () => Promise<unknown>>();
  private readonly running = new Map<string, Promise<void>>();

  constructor(private readonly promote: (tenantId: number, slotKey: string) => Promise<unknown>) {}

  soon(tenantId: number, slotKey: string): void {
    this.waiting.set(`${tenantId} ${slotKey}`, () => this.promote(tenantId, slotKey));
    this.start();
  }

  private start(): void {
    for (const [slot, promote] of this.waiting) {
      if (this.running.size >= atOnce) return;
      // Asked for again while it is under way: it may have looked too early, so it looks once more afterwards.
      if (this.running.has(slot)) continue;
      this.waiting.delete(slot);
      const turn = attempt(slot, promote).finally(() => {
        this.running.delete(slot);
        this.start();
      });
      this.running.set(slot, turn);
    }
  }

  /** Resolves when none is waiting or under way. */
  async settled(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running.values());
  }
}

async function attempt(slot: string, promote: () => Promise<unknown>): Promise<void> {
  try {
    await promote();
  } catch (error) {
    log.warn({ slot, error: (error as Error).message }, 'a slot was not given out; it will be tried again');
  }
}
