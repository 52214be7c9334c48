import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '@/engine/expression/expression';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';
import { getWorkflow, listRevisions, saveDraft } from './service';

let rest: RestServer;
let ada: Actor;
let token: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
  strangerToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const tasks = [
  {
    name: 'first',
    action: 'core.echo',
    input: { message: '{{ parameters.text }}' },
    next: [{ do: ['second'] }],
  },
  { name: 'second', action: 'core.noop' },
];
const workflow = (name: string, more: object = {}) => ({
  ref: `ops.${name}`,
  pack_ref: 'ops',
  label: name,
  version: '2.1.0',
  definition: { version: '1.0', tasks, output_map: { said: '{{ tasks.first.result.data }}' } },
  param_schema: { text: { type: 'string', required: true } },
  out_schema: {},
  ...more,
});

describe('workflows by REST', () => {
  it('are published at once, with their action', async () => {
    const made = await call('POST', '/workflows', workflow('made', { tags: ['night', 'db'] }));
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      ref: 'ops.made',
      pack_ref: 'ops',
      pack: expect.any(Number) as number,
      label: 'made',
      version: '2.1.0',
      tags: ['night', 'db'],
      param_schema: { text: { type: 'string', required: true } },
      revision: 1,
    });
    const definition = made.body.data?.['definition'] as { tasks: { name: string }[] };
    expect(definition.tasks.map(({ name }) => name)).toEqual(['first', 'second']);
    const action = await call('GET', '/actions/ops.made');
    expect(action.body.data).toMatchObject({
      workflow_def: made.body.data?.['id'],
      runtime_ref: null,
      param_schema: { text: { type: 'string', required: true } },
    });
    const started = await call('POST', '/executions/execute', {
      action_ref: 'ops.made',
      parameters: { text: 'hi' },
    });
    expect(started.body.data).toMatchObject({ status: 'requested' });
  });

  it('are found by pack, tag and text', async () => {
    await call('POST', '/workflows', workflow('sought', { tags: ['rare'], description: 'Needle in it' }));
    const refs = async (query: string) =>
      (await call('GET', `/workflows?${query}`)).body.items?.map(({ ref }) => ref);
    expect(await refs('tags=rare,unheard')).toEqual(['ops.sought']);
    expect(await refs('search=needle')).toEqual(['ops.sought']);
    expect(await refs('pack_ref=none')).toEqual([]);
  });

  it('are refused with every problem, and nothing is left behind', async () => {
    const broken = [{ name: 'a', action: 'core.ecko', next: [{ do: ['nowhere'] }] }];
    const answer = await call('POST', '/workflows', workflow('broken', { definition: { tasks: broken } }));
    expect(answer.status).toBe(400);
    const paths = (answer.body['details'] as { path: string }[]).map(({ path }) => path);
    expect(paths).toContain('tasks.a.action');
    expect(paths.length).toBeGreaterThan(1);
    expect((await call('GET', '/workflows/ops.broken')).status).toBe(404);
    expect((await call('GET', '/actions/ops.broken')).status).toBe(404);
  });

  it('name what is missing, twice there, or nowhere', async () => {
    expect((await call('POST', '/workflows', workflow('made'))).status).toBe(409);
    expect((await call('POST', '/workflows', workflow('x', { label: '' }))).status).toBe(400);
    expect((await call('POST', '/workflows', workflow('x', { ref: '' }))).status).toBe(400);
    expect(
      (await call('POST', '/workflows', { ...workflow('x'), ref: 'none.x', pack_ref: 'none' })).status,
    ).toBe(404);
    expect((await call('PUT', '/workflows/ops.none', { label: 'x' })).status).toBe(404);
    expect((await call('GET', '/workflows/ops.made', undefined, strangerToken)).status).toBe(404);
    expect((await call('DELETE', '/workflows/ops.made', undefined, strangerToken)).status).toBe(404);
  });

  it('are changed in part: words without a revision, a definition with one', async () => {
    await call('POST', '/workflows', workflow('turn'));
    const words = await call('PUT', '/workflows/ops.turn', {
      label: 'Turned',
      version: '3.0.0',
      tags: ['x'],
    });
    expect(words.body.data).toMatchObject({ label: 'Turned', version: '3.0.0', tags: ['x'], revision: 1 });
    const other = await call('PUT', '/workflows/ops.turn', { definition: { tasks: tasks.slice(1) } });
    expect(other.body.data).toMatchObject({
      revision: 2,
      param_schema: { text: { type: 'string', required: true } },
      label: 'Turned',
    });
    const parameters = await call('PUT', '/workflows/ops.turn', { param_schema: { n: { type: 'integer' } } });
    expect(parameters.body.data).toMatchObject({ revision: 3, param_schema: { n: { type: 'integer' } } });
    const broken = await call('PUT', '/workflows/ops.turn', {
      definition: { tasks: [{ name: 'a', action: 'core.ecko' }] },
    });
    expect(broken.status).toBe(400);
    expect((await listRevisions(ada, 'ops.turn')).length).toBe(3);
    expect((await call('DELETE', '/workflows/ops.turn')).body).toMatchObject({ success: true });
    expect((await call('GET', '/actions/ops.turn')).status).toBe(404);
  });

  it('do not take away what somebody is drawing in the studio', async () => {
    await call('POST', '/workflows', workflow('drawn'));
    const { definition, draftVersion } = await getWorkflow(ada, 'ops.drawn');
    const drawn = { ...definition, tasks: [...definition.tasks, { name: 'third', action: 'core.noop' }] };
    await saveDraft(ada, {
      ref: 'ops.drawn',
      draftVersion,
      definition: JSON.parse(JSON.stringify(drawn)) as Json,
      layout: { positions: {} },
    });
    expect((await call('PUT', '/workflows/ops.drawn', { definition: { tasks } })).status).toBe(409);
    expect((await call('PUT', '/workflows/ops.drawn', { label: 'Still' })).body.data).toMatchObject({
      revision: 1,
      label: 'Still',
    });
    expect((await getWorkflow(ada, 'ops.drawn')).tasks).toBe(3);
  });
});
