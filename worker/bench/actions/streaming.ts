import { keptBytes } from '../../sandbox/output';
import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { Place, run } from './place';

const mb = 2 ** 20;
const sizes = [
  { what: 'all of it kept', bytes: keptBytes - mb },
  { what: 'most of it thrown away', bytes: 256 * mb },
];

/** What an action prints, on its way through decoding, redaction and batches, beside a bare pipe that is read. */
export const streaming: Case = {
  name: 'streaming',
  title: 'What an action prints, in MB a second',
  async measure(_ground, limits) {
    const book = new Book();
    const place = await Place.open();
    const empty = await place.action('shell');
    await inRounds(limits, async () => {
      for (const { what, bytes } of sizes) {
        const print = `head -c ${bytes} /dev/zero | tr '\\0' x`;
        const startedMs = performance.now();
        await run('/bin/sh', ['-c', print]);
        const rawMs = performance.now() - startedMs;
        const actionMs = await place.action('shell', { code: print });
        book.note(
          `${bytes / mb} MB printed, ${what}`,
          { measured: toRate(bytes, actionMs), beside: toRate(bytes, rawMs) },
          {
            beside: `a bare pipe (an action that prints nothing takes ${Math.round(empty)} ms)`,
            unit: 'MB/s',
            goal: null,
          },
        );
      }
    });
    await place.close();
    return book.rows;
  },
};

function toRate(bytes: number, ms: number): number {
  return bytes / mb / (ms / 1000);
}
