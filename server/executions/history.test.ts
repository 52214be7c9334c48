import { afterAll, beforeAll, expect, it } from 'vitest';
import { inSystem } from '../db';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { makeTenant } from '../packs/test-people';
import { stopBoss } from '../queue';
import { requestExecution } from './service';

const many = 100_000;
let rest: RestServer;
let ada: Actor;
let token: string;

beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  token = await rest.tokenOf(ada.login);
  await inSystem(async (tx) => {
    await tx.query(`SET LOCAL statement_timeout = '120s'`);
    await tx.query(
      `INSERT INTO execution (tenant_id, root_id, id, action_ref, kind, state, runtime, ended_at, feed_seq)
       SELECT $1, n.id, n.id, 'core.noop', 'action', 'completed', 'native', now(), 1
       FROM (SELECT nextval('execution_id_seq') AS id FROM generate_series(1, $2)) n`,
      [ada.tenantId, many],
    );
  });
}, 180_000);
afterAll(async () => {
  await stopBoss();
  await rest.close();
});

const page = async (query: string) => {
  const { body } = await rest.call('GET', `/api/v1/executions?${query}`, { token });
  return {
    ids: (body.items ?? []).map(({ id }) => Number(id)),
    pagination: body['pagination'] as Record<string, unknown>,
  };
};

it('T3.22 100,000 executions are paged without a double and without a gap, in one order, while new ones come in', async () => {
  const seen: number[] = [];
  for (let after: unknown = null; ;) {
    const { ids, pagination } = await page(
      `page_size=1000${after === null ? '' : `&after=${String(after)}`}`,
    );
    seen.push(...ids);
    after = pagination['next'];
    if (after === null) break;
    if (seen.length % 10_000 === 0) await requestExecution(ada, { actionRef: 'core.noop', parameters: {} });
  }
  expect(seen.length).toBe(many);
  expect(seen.every((id, index) => index === 0 || id < (seen[index - 1] ?? 0))).toBe(true);
}, 120_000);

it('T3.22 a list that is too long to count says that there is more, and not how much', async () => {
  const first = await page('page_size=50');
  expect(first.pagination).toMatchObject({ total_items: null, total_pages: null, has_next: true, page: 1 });
  const third = await page('page_size=50&page=3');
  expect(third.ids[0]).toBeLessThan(first.ids.at(-1) ?? 0);
  expect(third.pagination).toMatchObject({ page: 3, has_previous: true, has_next: true });
});
