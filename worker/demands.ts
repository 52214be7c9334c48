import { lackingFor } from '@/server/actions/required-runtimes';
import { explainDemands, listDemands } from '@/server/executions/demands';
import { log } from '@/server/log';
import { messageOf } from './message-of';

const lookMs = 1_000;
/** What was heard of is remembered, so that it is claimed without another look; the oldest goes first. */
const remembered = 1_000;

/**
 * Of what may this worker take executions? Of its runtimes, and of what executions require beside them as far as it has it:
 * that it hears from those that wait, so often as `lookMs` says.
 */
export class Demands {
  private readonly met = new Set<string>();
  private isStopped = false;
  private wake: () => void = () => {};
  private turning: Promise<void> = Promise.resolve();

  /** @param ring called when something waits that this worker did not know it may take */
  constructor(
    private readonly claimable: readonly string[],
    private readonly runtimes: Readonly<Record<string, string>>,
    private readonly ring: () => void,
  ) {}

  get all(): string[] {
    return [...this.claimable, ...this.met];
  }

  /** One look at what waits. */
  async look(): Promise<void> {
    const foreign: string[] = [];
    let isNew = false;
    for (const demand of await listDemands()) {
      if (this.met.has(demand)) continue;
      if (lackingFor(demand, this.runtimes).length > 0) foreign.push(demand);
      else {
        isNew = true;
        this.met.add(demand);
        for (const oldest of this.met) if (this.met.size > remembered) this.met.delete(oldest);
      }
    }
    if (isNew) this.ring();
    await explainDemands(foreign);
  }

  start(): void {
    this.turning = this.turn();
  }

  private async turn(): Promise<void> {
    let isFailing = false;
    while (!this.isStopped) {
      await this.look().then(
        () => (isFailing = false),
        (error: unknown) => {
          log[isFailing ? 'debug' : 'warn']({ error: messageOf(error) }, 'what waits could not be looked at');
          isFailing = true;
        },
      );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lookMs * (0.9 + Math.random() * 0.2));
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
        if (this.isStopped) this.wake();
      });
    }
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.turning;
  }
}
