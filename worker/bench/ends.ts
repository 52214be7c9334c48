import { querySystem } from '@/server/db';
import { subscribe, type Subscription } from '@/server/live/hub';

/**
 * Hears of the ends of a tenant's executions as the web process does: NOTIFY wakes the hub, which reads the feed.
 */
export class Ends {
  private readonly waiting = new Map<number, () => void>();
  /** Ended before anybody asked: a worker may be quicker than the reply to the request. */
  private readonly early = new Set<number>();
  private isClosed = false;

  private constructor(
    private readonly tenantId: number,
    private feed: Subscription,
  ) {
    void this.follow();
  }

  static async open(tenantId: number): Promise<Ends> {
    return new Ends(tenantId, await subscribe(tenantId));
  }

  /** Resolves when the end of this execution has come through the feed. @throws Error after `seconds` */
  async of(executionId: number, seconds: number): Promise<void> {
    if (this.early.delete(executionId)) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(executionId);
        reject(new Error(`execution ${executionId} did not end within ${seconds} s`));
      }, seconds * 1000);
      this.waiting.set(executionId, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(): void {
    this.isClosed = true;
    this.feed.end();
  }

  private async follow(): Promise<void> {
    while (!this.isClosed) {
      await this.feed.wait(1_000);
      for (const { entityType, entityId, rootId, terminal } of this.feed.take(1_000))
        if (terminal && entityType === 'execution' && entityId === rootId) this.tell(entityId);
      if (this.feed.isDropped) await this.catchUp();
    }
  }

  private tell(executionId: number): void {
    const resolve = this.waiting.get(executionId);
    if (resolve) resolve();
    else this.early.add(executionId);
    this.waiting.delete(executionId);
  }

  /** The hub drops who reads too slowly; the rows say what was missed. */
  private async catchUp(): Promise<void> {
    this.feed.end();
    this.feed = await subscribe(this.tenantId);
    const missed = await querySystem<{ id: number }>(
      'SELECT id FROM execution WHERE tenant_id = $1 AND root_id = ANY ($2) AND id = root_id AND ended_at IS NOT NULL',
      [this.tenantId, [...this.waiting.keys()]],
    );
    for (const { id } of missed) this.tell(id);
  }
}
