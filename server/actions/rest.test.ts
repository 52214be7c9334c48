import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { requestExecution, getExecution } from '../executions/service';
import { createPack } from '../packs/service';
import { makeTenant } from '../packs/test-people';

let rest: RestServer;
let ada: Actor;
let token: string;
let strangerToken: string;

beforeAll(async () => {
  rest = await startRestServer();
  const tenant = await makeTenant();
  ada = await makeMember(tenant, 'Ada');
  await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
  token = await rest.tokenOf(ada.login);
  strangerToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(() => rest.close());

const call = (method: string, path: string, body?: unknown, as = token) =>
  rest.call(method, `/api/v1${path}`, { token: as, ...(body === undefined ? {} : { body }) });
const action = (name: string, more: object = {}) => ({
  ref: `ops.${name}`,
  pack_ref: 'ops',
  label: name,
  entrypoint: 'echo hello',
  ...more,
});

describe('actions by REST', () => {
  it('give back what was sent, in the flat form of parameters', async () => {
    const sent = action('greet', {
      runtime_ref: 'core.shell',
      param_schema: { name: { type: 'string', required: true }, loud: { type: 'boolean', default: false } },
      out_schema: { text: { type: 'string' } },
      required_worker_runtimes: { python: '>=3.9' },
      output_format: 'json',
      timeout_seconds: 20,
    });
    const made = await call('POST', '/actions', sent);
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      ...sent,
      description: '',
      runtime: expect.any(Number) as number,
      pack: expect.any(Number) as number,
      workflow_def: null,
      accesses_mcp: false,
      is_adhoc: true,
      default_execution_permission_set_refs: [],
      created: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) as string,
    });
    expect((await call('GET', '/actions/ops.greet')).body.data).toEqual(made.body.data);
    expect((await call('POST', '/actions', sent)).status).toBe(409);
    expect((await call('GET', '/actions?search=greet')).body.items).toEqual([
      expect.objectContaining({ ref: 'ops.greet', entrypoint: 'echo hello' }),
    ]);
  });

  it('take their runtime from what is said, from the ending, else shell', async () => {
    const runtimeOf = async (name: string, more: object) =>
      (await call('POST', '/actions', action(name, more))).body.data?.['runtime_ref'];
    expect(await runtimeOf('by_ending', { entrypoint: 'run.py' })).toBe('core.python');
    expect(await runtimeOf('by_nothing', { entrypoint: 'date' })).toBe('core.shell');
    expect(await runtimeOf('by_name', { entrypoint: 'run', runtime_ref: 'core.nodejs' })).toBe('core.nodejs');
    const { body } = await call('GET', '/runtimes');
    const python = body.items?.find(({ ref }) => ref === 'core.python');
    expect(await runtimeOf('by_id', { entrypoint: 'run', runtime: python?.['id'] })).toBe('core.python');
    expect((await call('POST', '/actions', action('by_wrong_id', { runtime: 99 }))).status).toBe(400);
  });

  it('may ask for a runtime that there is not: then their executions fail and name it', async () => {
    const made = await call('POST', '/actions', action('cobol', { runtime_ref: 'core.cobol' }));
    expect(made.body.data).toMatchObject({
      runtime_ref: 'core.cobol',
      runtime: null,
      entrypoint: 'echo hello',
    });
    const { id } = await requestExecution(ada, { actionRef: 'ops.cobol', parameters: {} });
    const ended = await getExecution(ada, id);
    expect(ended.state).toBe('failed');
    expect(ended.error).toContain('core.cobol');
  });

  it('are changed in part, each change a revision', async () => {
    await call(
      'POST',
      '/actions',
      action('turn', { description: 'first', param_schema: { a: { type: 'string' } } }),
    );
    const changed = await call('PUT', '/actions/ops.turn', {
      label: 'Turned',
      entrypoint: 'echo again',
      param_schema: null,
      description: { op: 'set', value: 'second' },
      runtime_version_constraint: '>=5',
    });
    expect(changed.status).toBe(200);
    expect(changed.body.data).toMatchObject({
      label: 'Turned',
      entrypoint: 'echo again',
      description: 'second',
      param_schema: { a: { type: 'string' } },
      runtime_version_constraint: '>=5',
    });
    const back = await call('PUT', '/actions/ops.turn', { runtime_version_constraint: { op: 'clear' } });
    expect(back.body.data).toMatchObject({ runtime_version_constraint: null, entrypoint: 'echo again' });
  });

  it('are refused with the field that is wrong, and with 404 for a pack or an action that is not there', async () => {
    expect((await call('POST', '/actions', action('bad', { label: '' }))).body['details']).toMatchObject([
      { path: 'label' },
    ]);
    expect((await call('POST', '/actions', action('bad', { param_schema: { a: 'text' } }))).status).toBe(400);
    expect(
      (await call('POST', '/actions', { ...action('bad'), ref: 'none.bad', pack_ref: 'none' })).status,
    ).toBe(404);
    expect((await call('PUT', '/actions/ops.none', { label: 'x' })).status).toBe(404);
    expect((await call('GET', '/actions/ops.greet', undefined, strangerToken)).status).toBe(404);
    expect((await call('DELETE', '/actions/ops.greet', undefined, strangerToken)).status).toBe(404);
    expect((await call('DELETE', '/actions/ops.greet')).body).toMatchObject({ success: true });
  });

  it('are added to a standard pack by administrators only, for their own tenant', async () => {
    const inCore = { ...action('x'), ref: 'core.ours', pack_ref: 'core' };
    expect((await call('POST', '/actions', inCore)).status).toBe(403);
    const root = await makeMember(ada.tenantId, 'Root', [], ['core.admin']);
    const rootToken = await rest.tokenOf(root.login);
    expect((await call('POST', '/actions', inCore, rootToken)).status).toBe(201);
    expect((await call('GET', '/actions/core.ours')).status).toBe(200);
    expect((await call('GET', '/actions/core.ours', undefined, strangerToken)).status).toBe(404);
  });
});

it('runtimes by REST are told with what chooses them', async () => {
  expect((await call('GET', '/runtimes/core.shell')).body.data).toMatchObject({
    ref: 'core.shell',
    pack_ref: 'core',
    installation: null,
    distributions: {},
    execution_config: { file_endings: ['sh', 'bash'] },
  });
  expect((await call('GET', '/runtimes/core.cobol')).status).toBe(404);
});
