import pg from 'pg';
import { env } from '@/server/env';
import { parsePayload, statements, toPayload } from './floor-statements';

// Process B of the floor: wakes by LISTEN, commits, NOTIFYs back. Ends when process A does.
const connect = async () => {
  const client = new pg.Client({ connectionString: env().DATABASE_URL, application_name: 'bench floor' });
  // Postgres is gone: the measurement was stopped.
  client.on('error', () => process.exit(1));
  await client.connect();
  return client;
};
const writers = await Promise.all(Array.from({ length: Number(process.argv[2] ?? 1) }, connect));
const listener = await connect();

async function answer(payload: string): Promise<void> {
  const { lane, notify, id } = parsePayload(payload);
  const writer = writers[lane];
  if (!writer) throw new Error(`no lane ${lane}`);
  if (notify === 'within') {
    await writer.query({ ...statements.updateAndNotify, values: [lane, id] });
  } else {
    await writer.query({ ...statements.update, values: [id] });
    await writer.query({ ...statements.notify, values: ['bench_a', toPayload({ lane, notify, id })] });
  }
}
listener.on('notification', ({ payload }) => void answer(payload ?? ''));
await listener.query('LISTEN bench_b');
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
