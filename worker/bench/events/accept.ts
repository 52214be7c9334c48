import pg from 'pg';
import { env } from '@/server/env';
import { between, Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { EventPlace, inLanes, payload } from './place';

const atOnce = 16;
const calls = 2_000;

/** Rows like those of events, each a commit of its own, with nothing of ours around them. */
class RawInserts {
  private constructor(private readonly clients: readonly pg.Client[]) {}

  static async open(): Promise<RawInserts> {
    const clients = await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const client = new pg.Client({
          connectionString: env().DATABASE_URL,
          application_name: 'bench inserts',
        });
        await client.connect();
        return client;
      }),
    );
    await clients[0]?.query(
      'CREATE TABLE IF NOT EXISTS bench_event (id bigserial PRIMARY KEY, payload json, created timestamptz DEFAULT now())',
    );
    return new RawInserts(clients);
  }

  /** How many a second, so many at any time. */
  async perSecond(): Promise<number> {
    const text = JSON.stringify(payload);
    const free = [...this.clients];
    const startedMs = performance.now();
    await inLanes(calls, atOnce, async () => {
      const client = free.pop();
      if (!client) throw new Error('there are fewer connections than lanes');
      const values = [text];
      await client.query({
        name: 'bench_insert',
        text: 'INSERT INTO bench_event (payload) VALUES ($1)',
        values,
      });
      free.push(client);
    });
    return calls / ((performance.now() - startedMs) / 1000);
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.end()));
  }
}

/** How many calls one web process takes, while no worker runs. */
export const accept: Case = {
  name: 'accept',
  title: `Webhooks accepted a second by one web process, ${atOnce} at a time`,
  async measure(ground, limits) {
    const book = new Book();
    const raw = await RawInserts.open();
    const place = await EventPlace.open(ground, atOnce);
    const { path } = await place.trigger();
    const perSecond = async () => {
      const startedMs = performance.now();
      await inLanes(calls, atOnce, () => place.post(path));
      return calls / ((performance.now() - startedMs) / 1000);
    };
    await perSecond();
    await raw.perSecond();
    await inRounds(limits, async () => {
      const { value, floor } = await between(() => raw.perSecond(), perSecond);
      book.note(
        `webhooks accepted, ${atOnce} at a time`,
        { measured: value, beside: floor },
        { beside: 'raw inserts of the same payload', unit: '/s', goal: { atLeast: 0.25 } },
      );
    });
    place.close();
    await raw.close();
    return book.rows;
  },
};

/** A thousand calls at the same moment: each that was accepted is an event. */
export const allKept: Case = {
  name: 'all-kept',
  title: '1,000 webhooks at once',
  async measure(ground, limits) {
    const book = new Book();
    const place = await EventPlace.open(ground, 1_000);
    const { path } = await place.trigger();
    await inRounds({ ...limits, rounds: Math.min(3, limits.rounds) }, async () => {
      const ids = await Promise.all(Array.from({ length: 1_000 }, () => place.post(path)));
      book.note(
        'events stored',
        { measured: await place.countStored(ids), beside: ids.length },
        { beside: 'calls accepted', unit: 'events', goal: { atLeast: 1 } },
      );
    });
    place.close();
    return book.rows;
  },
};
