import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { inTurn, Place, runtimes, runtimeTitles } from './place';

const turns = 8;
/** What the walls may cost of what the bare walls do, and what is ours on top. */
const wallFactor = 1.2;
const oursMs = 5;

/** One action at a time, each in a process started for it, beside the bare interpreter and what the walls cost. */
export const cold: Case = {
  name: 'cold',
  title: 'One action at a time, started cold',
  async measure(_ground, limits) {
    const book = new Book();
    const place = await Place.open();
    for (const runtime of runtimes) await place.action(runtime);
    await inRounds(limits, async () => {
      for (const runtime of runtimes) {
        const { raw, walled, action } = await inTurn(turns, {
          raw: () => place.raw(runtime),
          walled: () => place.walled(runtime),
          action: () => place.action(runtime),
        });
        const title = runtimeTitles[runtime];
        book.note(
          `${title}, claim to outcome`,
          { measured: action, beside: raw + wallFactor * (walled - raw) + oursMs },
          { beside: `raw + ${wallFactor} × wall + ${oursMs} ms`, unit: 'ms', goal: { atMost: 1 } },
        );
        book.note(
          `${title}, the bare walls`,
          { measured: walled, beside: raw },
          { beside: 'raw spawn', unit: 'ms', goal: null },
        );
      }
    });
    await place.close();
    return book.rows;
  },
};
