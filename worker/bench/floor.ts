import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { env } from '@/server/env';
import { statements, toPayload, type Lane } from './floor-statements';

const peerProgram = join(process.cwd(), 'dist', 'bench-floor.mjs');
const lanes = 10;
const tripsAlone = 200;
const tripsTogether = 500;
const commits = 300;

/**
 * The least that carrying a task to another process and hearing of its end costs on this database, with nothing of
 * ours in it. Per task: process A commits an insert and NOTIFYs; process B wakes by LISTEN, commits an update and
 * NOTIFYs back. Each process listens on one connection and writes on another, with prepared statements.
 *
 * Two ways lead there, and the floor is the quicker one: one at a time, the NOTIFY in the statement that commits (a
 * round trip less); several at a time, a NOTIFY of its own after the commit (one within a transaction makes Postgres
 * commit one after the other).
 */
export class Floor {
  private readonly answers = new Map<number, () => void>();

  private constructor(
    private readonly listener: pg.Client,
    private readonly writers: readonly pg.Client[],
    private readonly peer: ChildProcess,
  ) {
    listener.on('notification', ({ payload }) => {
      this.answers.get(Number.parseInt(payload ?? '', 10))?.();
    });
  }

  /** Opens it, with a table of its own. The peer is a process of its own. */
  static async open(): Promise<Floor> {
    const connect = async () => {
      const client = new pg.Client({ connectionString: env().DATABASE_URL, application_name: 'bench floor' });
      await client.connect();
      return client;
    };
    const listener = await connect();
    await listener.query('CREATE TABLE IF NOT EXISTS bench_floor (id bigserial PRIMARY KEY, done boolean)');
    await listener.query('LISTEN bench_a');
    const writers = await Promise.all(Array.from({ length: lanes }, connect));
    const peer = fork(peerProgram, [String(lanes)], { env: process.env });
    await new Promise<void>((resolve, reject) => {
      peer.once('message', () => resolve());
      peer.once('exit', (code) => reject(new Error(`the floor's other process ended with ${String(code)}`)));
    });
    const floor = new Floor(listener, writers, peer);
    await floor.oneAtATime();
    await floor.tenAtATime();
    return floor;
  }

  /** Milliseconds per task, one after the other. */
  async oneAtATime(): Promise<number> {
    const startedMs = performance.now();
    for (let trip = 0; trip < tripsAlone; trip += 1) await this.trip(0, 'within');
    return (performance.now() - startedMs) / tripsAlone;
  }

  /** Milliseconds per task, ten at any time: elapsed time by tasks, so that 1,000 / it is the rate. */
  async tenAtATime(): Promise<number> {
    const startedMs = performance.now();
    let left = tripsTogether;
    await Promise.all(
      this.writers.map(async (_, lane) => {
        while (left > 0) {
          left -= 1;
          await this.trip(lane, 'after');
        }
      }),
    );
    return (performance.now() - startedMs) / tripsTogether;
  }

  /** Milliseconds per commit of one small row, one after the other: no NOTIFY, no other process. */
  async bareCommit(): Promise<number> {
    const startedMs = performance.now();
    for (let done = 0; done < commits; done += 1) await this.writer(0).query(statements.insert);
    return (performance.now() - startedMs) / commits;
  }

  private async trip(lane: number, notify: Lane['notify']): Promise<void> {
    const answered = new Promise<void>((resolve) => this.answers.set(lane, resolve));
    const writer = this.writer(lane);
    if (notify === 'within') {
      await writer.query({ ...statements.insertAndNotify, values: [lane] });
    } else {
      const { rows } = await writer.query<{ id: string }>(statements.insert);
      const payload = toPayload({ lane, notify, id: rows[0]?.id ?? '' });
      await writer.query({ ...statements.notify, values: ['bench_b', payload] });
    }
    await answered;
  }

  private writer(lane: number): pg.Client {
    const writer = this.writers[lane];
    if (!writer) throw new Error(`the floor has no lane ${lane}`);
    return writer;
  }

  async close(): Promise<void> {
    this.peer.disconnect();
    await Promise.all([this.listener, ...this.writers].map((client) => client.end()));
  }
}
