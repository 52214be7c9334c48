import { randomBytes } from 'node:crypto';
import { Book, inRounds, mean, repeat } from '../rounds';
import { toChain } from '../shapes';
import type { Case } from '../suite';

const length = 40;
const runs = 3;

/** Text that Postgres cannot compress away. */
function makeText(sizeBytes: number): string {
  return randomBytes((sizeBytes * 3) / 4).toString('base64');
}

/** The same chain with parameters of 1 MB that no task touches, and of 1 KB. */
export const context: Case = {
  name: 'context',
  title: 'A chain of 40 with a context of 1 MB against 1 KB',
  async measure(ground, limits) {
    const book = new Book();
    await ground.startWorkers();
    const ref = await ground.workflow(toChain(length).tasks, {
      parameters: { text: { type: 'string', required: true } },
    });
    const run = async (sizeBytes: number) => {
      const text = makeText(sizeBytes);
      const times = await repeat(runs, () => ground.run(ref, length, { text }));
      return {
        databaseMs: mean(times.map(({ databaseMs }) => databaseMs)),
        seenMs: mean(times.map(({ seenMs }) => seenMs)),
      };
    };
    await run(1024);
    await run(1024 * 1024);
    await inRounds(limits, async () => {
      const before = await run(1024);
      const large = await run(1024 * 1024);
      const after = await run(1024);
      const line = { beside: 'with 1 KB', unit: 'ms' };
      book.note(
        'a run with a context of 1 MB, start to end',
        { measured: large.databaseMs, beside: mean([before.databaseMs, after.databaseMs]) },
        { ...line, goal: { atMost: 1.2 } },
      );
      // Storing the megabyte once, at the request, is in this one.
      book.note(
        'a run with a context of 1 MB, request to end seen',
        { measured: large.seenMs, beside: mean([before.seenMs, after.seenMs]) },
        { ...line, goal: null },
      );
    });
    return book.rows;
  },
};
