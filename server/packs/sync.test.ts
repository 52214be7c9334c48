import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeMember, startRestServer, type RestServer } from '../http/rest/rest-fixture';
import type { Actor } from '../identities/actor';
import { getWorkflow, publish, saveDraft } from '../workflows/service';
import { uploadPack } from './install';
import { createPack } from './service';
import { makePack, removePack } from './test-folder';
import { makeTenant } from './test-people';

const run = promisify(execFile);
let rest: RestServer;
let ada: Actor;
let token: string;
let strangerToken: string;
beforeAll(async () => {
  rest = await startRestServer();
  ada = await makeMember(await makeTenant(), 'Ada');
  token = await rest.tokenOf(ada.login);
  strangerToken = await rest.tokenOf((await makeMember(await makeTenant(), 'Eve')).login);
});
afterAll(() => rest.close());

const post = (path: string, as = token) => rest.call('POST', `/api/v1/packs${path}`, { token: as });

async function upload(files: Record<string, string>): Promise<void> {
  const folder = await makePack(files);
  const { stdout } = await run('tar', ['-czf', '-', '-C', folder, '.'], { encoding: 'buffer' });
  await removePack(folder);
  await uploadPack(ada, stdout, 'pack.tar.gz', true);
}

it('a pack without workflow files has nothing to sync and nothing wrong', async () => {
  await createPack(ada, { ref: 'bare', label: 'Bare', description: '', version: '1.0.0' });
  expect((await post('/bare/workflows/sync')).body.data).toEqual({
    pack_ref: 'bare',
    loaded_count: 0,
    registered_count: 0,
    workflows: [],
    errors: [],
  });
  expect((await post('/bare/workflows/validate')).body.data).toEqual({
    pack_ref: 'bare',
    validated_count: 0,
    error_count: 0,
    errors: {},
  });
});

it('workflows of files are published again as the files say, and what is wrong in them is told', async () => {
  await upload({
    'pack.yaml': 'ref: flows\nversion: 1.0.0\n',
    'workflows/good.yaml': 'ref: good\ntasks:\n  - {name: a, action: core.noop}\n',
    'workflows/bad.yaml': 'ref: bad\ntasks:\n  - {name: a, action: core.nope}\n',
  });
  const { definition, draftVersion } = await getWorkflow(ada, 'flows.good');
  const tasks = [...definition.tasks, { name: 'b', action: 'core.noop' }];
  const changed = JSON.parse(JSON.stringify({ ...definition, tasks })) as typeof definition & {
    [key: string]: never;
  };
  const saved = await saveDraft(ada, {
    ref: 'flows.good',
    draftVersion,
    definition: changed,
    layout: { positions: {} },
  });
  await publish(ada, { ref: 'flows.good', draftVersion: saved.draftVersion, note: '' });

  const synced = await post('/flows/workflows/sync');
  expect(synced.body.data).toMatchObject({
    loaded_count: 2,
    registered_count: 1,
    workflows: [{ ref_name: 'flows.good', created: false }],
    errors: [expect.stringContaining('workflows/bad.yaml:3')],
  });
  expect((await getWorkflow(ada, 'flows.good')).tasks).toBe(1);
  const validated = await post('/flows/workflows/validate');
  expect(validated.body.data).toMatchObject({
    validated_count: 2,
    error_count: 1,
    errors: { 'flows.bad': [expect.stringContaining('core.nope')] },
  });
});

it('packs of others are not there, and the standard one is not synced', async () => {
  expect((await post('/flows/workflows/sync', strangerToken)).status).toBe(404);
  expect((await post('/flows/workflows/validate', strangerToken)).status).toBe(404);
  expect((await post('/core/workflows/sync')).status).toBe(403);
});
