import { starts } from '../../runners/attempt-fixture';
import { Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { perSecond, Place, runtimes, runtimeTitles } from './place';

const count = 24;

/** Actions a second with several under way, beside bare spawns of the same interpreter with as many under way. */
export const rates: Case = {
  name: 'rates',
  title: 'Actions a second, 2 and 8 at a time',
  async measure(_ground, limits) {
    const book = new Book();
    const place = await Place.open();
    for (const runtime of runtimes) await perSecond(8, 8, () => place.action(runtime));
    await inRounds(limits, async () => {
      for (const runtime of runtimes) {
        for (const atOnce of [2, 8]) {
          const beside = await perSecond(atOnce, count, () => place.raw(runtime));
          for (const start of runtime === 'shell' ? (['cold'] as const) : starts) {
            const host = place.host.started(start);
            const measured = await perSecond(atOnce, count, () => place.action(runtime, {}, host));
            book.note(
              `${runtimeTitles[runtime]}, ${atOnce} at a time, ${start === 'cold' ? 'all cold' : 'some waiting'}`,
              { measured, beside },
              { beside: `raw spawns, ${atOnce} at a time`, unit: '/s', goal: null },
            );
          }
        }
      }
    });
    await place.close();
    return book.rows;
  },
};
