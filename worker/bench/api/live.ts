import { createInterface } from 'node:readline';
import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { ApiPlace } from './place';

const readers = 100;
const changes = 40;
const allowedMs = 100;
const patienceMs = 10_000;

/** When each execution was heard of, once by each reader. */
class Arrivals {
  private readonly times = new Map<number, number[]>();
  private waiting: { id: number; resolve: () => void } | null = null;

  /** @param line of a stream of events */
  hear(line: string): void {
    if (!line.startsWith('data:')) return;
    const { entity_id: id } = JSON.parse(line.slice(5)) as { entity_id: number };
    const times = this.times.get(id) ?? [];
    this.times.set(id, times);
    times.push(performance.now());
    if (times.length === readers && this.waiting?.id === id) this.waiting.resolve();
  }

  /** @throws Error when some reader heard nothing for ten seconds */
  async of(id: number): Promise<readonly number[]> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.waiting = { id, resolve };
      if (this.times.get(id)?.length === readers) resolve();
      timer = setTimeout(() => reject(new Error('not every reader heard of a change')), patienceMs);
    });
    clearTimeout(timer);
    return this.times.get(id) ?? [];
  }
}

/** How long after it was asked for a change is at every reader. No worker runs, so each execution changes once. */
export const live: Case = {
  name: 'live',
  title: `A change at ${readers} readers of the live stream`,
  async measure(_, limits) {
    const book = new Book();
    const place = await ApiPlace.open(1);
    const arrivals = new Arrivals();
    const streams = await Promise.all(
      Array.from({ length: readers }, async () => {
        const stream = await place.stream('/api/v1/executions/stream');
        createInterface({ input: stream }).on('line', (line) => arrivals.hear(line));
        return stream;
      }),
    );
    const p95 = async () => {
      const delays: number[] = [];
      for (let count = 0; count < changes; count += 1) {
        const askedMs = performance.now();
        const { data } = (await place.call('POST', '/api/v1/executions/execute', {
          action_ref: 'core.echo',
        })) as { data: { id: number } };
        delays.push(...(await arrivals.of(data.id)).map((heardMs) => heardMs - askedMs));
      }
      delays.sort((a, b) => a - b);
      return delays[Math.floor(delays.length * 0.95)] ?? Infinity;
    };
    await p95();
    await inRounds(limits, async () => {
      book.note(
        'p95, from asking for it to having it, the commit included',
        { measured: await p95(), beside: allowedMs },
        { beside: 'what is allowed from the commit', unit: 'ms', goal: { atMost: 1 } },
      );
    });
    for (const stream of streams) stream.destroy();
    await place.close();
    return book.rows;
  },
};
