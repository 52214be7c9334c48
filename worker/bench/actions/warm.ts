import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { inTurn, Place, runtimeTitles } from './place';

const turns = 8;
const goals = { python: { atMost: 0.6 }, nodejs: { atMost: 0.3 } };

/** One action at a time in a process that waits for it, beside a bare spawn of the same interpreter. */
export const warm: Case = {
  name: 'warm',
  title: 'One action at a time, in a process that waited',
  async measure(_ground, limits) {
    const book = new Book();
    const place = await Place.open();
    const warmly = place.host.started('warm');
    const runtimes = ['python', 'nodejs'] as const;
    await inRounds(limits, async () => {
      for (const runtime of runtimes) {
        // The first of a round has none that waits.
        await place.action(runtime, {}, warmly);
        const { raw, action } = await inTurn(turns, {
          raw: () => place.raw(runtime),
          action: async () => {
            // What the start of a successor costs falls between two actions, as in a worker that is not busy.
            await warmly.warm.settled();
            if (warmly.warm.size === 0) throw new Error('no process waits');
            return place.action(runtime, {}, warmly);
          },
        });
        book.note(
          `${runtimeTitles[runtime]}, claim to outcome`,
          { measured: action, beside: raw },
          { beside: 'raw spawn', unit: 'ms', goal: goals[runtime] },
        );
      }
    });
    await place.close();
    return book.rows;
  },
};
