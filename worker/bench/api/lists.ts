import { between, Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { ApiPlace, perSecond } from './place';

const atOnce = 8;
const calls = 400;
const rows = 100;

/** All that a list tells of an execution, as a person would ask the database for it. */
const listText = `SELECT e.* FROM execution e WHERE e.tenant_id = $1 ORDER BY e.id DESC LIMIT ${rows}`;

/** How often a list of 100 executions is given. */
export const lists: Case = {
  name: 'lists',
  title: `Lists of ${rows} executions by one web process, ${atOnce} at a time`,
  async measure(_, limits) {
    const book = new Book();
    const place = await ApiPlace.open(atOnce);
    await place.fillHistory(1_000);
    const raw = () => perSecond(calls, atOnce, () => place.raw('bench_list', listText, [place.tenantId]));
    const measured = () =>
      perSecond(calls, atOnce, () => place.call('GET', `/api/v1/executions?page_size=${rows}`));
    await raw();
    await measured();
    await inRounds(limits, async () => {
      const { value, floor } = await between(raw, measured);
      book.note(
        `lists of ${rows} executions`,
        { measured: value, beside: floor },
        { beside: 'the raw query', unit: '/s', goal: { atLeast: 0.3 } },
      );
    });
    await place.close();
    return book.rows;
  },
};

const few = 1_000;
const many = 1_000_000;

/** What the first page costs where the history is long. */
export const history: Case = {
  name: 'history',
  title: `The first page of ${few.toLocaleString('en')} and of ${many.toLocaleString('en')} executions`,
  async measure(_, limits) {
    const book = new Book();
    const short = await ApiPlace.open(1);
    await short.fillHistory(few);
    const long = await ApiPlace.open(1);
    await long.fillHistory(many);
    const ofPage = async (place: ApiPlace) =>
      1_000 / (await perSecond(100, 1, () => place.call('GET', `/api/v1/executions?page_size=${rows}`)));
    await ofPage(short);
    await ofPage(long);
    await inRounds(limits, async () => {
      const { value, floor } = await between(
        () => ofPage(short),
        () => ofPage(long),
      );
      book.note(
        `page 1 of ${many.toLocaleString('en')}`,
        { measured: value, beside: floor },
        { beside: `page 1 of ${few.toLocaleString('en')}`, unit: 'ms', goal: { atMost: 3 } },
      );
    });
    await short.close();
    await long.close();
    return book.rows;
  },
};
