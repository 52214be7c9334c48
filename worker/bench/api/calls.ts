import { between, Book, inRounds } from '../rounds';
import type { Case } from '../suite';
import { ApiPlace, perSecond } from './place';

const atOnce = 8;
const calls = 400;

/** Single reads and writes, beside the statement that each of them cannot do without. */
export const single: Case = {
  name: 'single',
  title: `One execution read, one key written, one execution asked for, ${atOnce} at a time`,
  async measure(_, limits) {
    const book = new Book();
    const place = await ApiPlace.open(atOnce);
    await place.fillHistory(1_000);
    const made = (await place.call('POST', '/api/v1/executions/execute', { action_ref: 'core.noop' })) as {
      data: { id: number };
    };
    await place.call('POST', '/api/v1/keys', key(0));
    const { id } = made.data;
    let written = 0;
    const cases = [
      {
        what: 'an execution read',
        raw: () =>
          place.raw('bench_read', 'SELECT e.* FROM execution e WHERE e.tenant_id = $1 AND e.id = $2', [
            place.tenantId,
            id,
          ]),
        ours: () => place.call('GET', `/api/v1/executions/${id}`),
      },
      {
        what: 'a key written',
        raw: () =>
          place.raw('bench_write', 'UPDATE key SET updated = now() WHERE tenant_id = $1 AND ref = $2', [
            place.tenantId,
            'bench.0',
          ]),
        ours: () => place.call('POST', '/api/v1/keys', key((written += 1))),
      },
      {
        what: 'an execution asked for',
        raw: () =>
          place.raw('bench_write', 'UPDATE key SET updated = now() WHERE tenant_id = $1 AND ref = $2', [
            place.tenantId,
            'bench.0',
          ]),
        ours: () => place.call('POST', '/api/v1/executions/execute', { action_ref: 'core.noop' }),
      },
    ];
    await inRounds(limits, async () => {
      for (const { what, raw, ours } of cases) {
        const { value, floor } = await between(
          () => perSecond(calls, atOnce, raw),
          () => perSecond(calls, atOnce, ours),
        );
        const beside = what.endsWith('read') ? 'the raw query' : 'a raw commit of one row';
        book.note(what, { measured: value, beside: floor }, { beside, unit: '/s', goal: null });
      }
    });
    await place.close();
    return book.rows;
  },
};

const key = (number: number) => ({
  ...{ ref: `bench.${number}`, name: 'Bench', value: 'a value of some length', owner_type: 'system' },
  encrypted: true,
});
