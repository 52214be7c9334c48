import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAction, getAction, listActions } from '../actions/service';
import { closeDatabase, inSystem } from '../db';
import { env } from '../env';
import { resolveAction } from '../executions/resolve-action';
import { systemSql } from '../executions/claims';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { getTrigger } from '../triggers/service';
import { listPackFiles, readPackFile } from './files';
import { compareVersions, registerFolder, registerGit, uploadPack } from './install';
import { defaultTenantId } from './refs';
import { configurePack, getPackDetail, listPacks } from './service';
import { enqueueItem } from '../work-queues/items';
import { getQueue } from '../work-queues/service';
import { makePerson, makeReader, makeTenant, readFeed } from './test-people';

const run = promisify(execFile);
let ada: Actor;
let scratch: string;
beforeAll(async () => {
  // Other tests load a standard pack of this name; here nobody does.
  await inSystem((tx) => tx.query(`DELETE FROM pack WHERE ref = 'demo'`));
});
beforeEach(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
  scratch = await mkdtemp(join(tmpdir(), 'attune-install-test-'));
});
afterEach(() => rm(scratch, { recursive: true }));
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const demo = {
  'pack.yaml':
    'ref: demo\nlabel: Demo\nversion: 1.0.0\nconf_schema: {region: {type: string, required: true}}\n',
  'actions/hello.yaml': 'name: hello\nrunner_type: python\nentry_point: hello.py\n',
  'actions/hello.py': 'from words import word\nprint(word)\n',
  'actions/words.py': 'word = "hi"\n',
  'actions/old.yaml': 'name: old\nrunner_type: shell\nentry_point: echo old\n',
  'triggers/rang.yaml': 'name: rang\nwebhook: true\n',
};

async function folderOf(files: Record<string, string>, name = 'pack'): Promise<string> {
  const folder = join(scratch, name);
  await rm(folder, { recursive: true, force: true });
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

async function archiveOf(files: Record<string, string>, ...options: string[]): Promise<Buffer> {
  const folder = await folderOf(files);
  const { stdout } = await run('tar', ['-czf', '-', ...options, '-C', folder, '.'], { encoding: 'buffer' });
  return stdout;
}

const upload = async (files: Record<string, string>, force = false, actor = ada) =>
  uploadPack(actor, await archiveOf(files), 'demo.tar.gz', force);

describe('an uploaded pack', () => {
  it('is there with its components and files, on the first place of the list', async () => {
    const { pack, problems } = await upload(demo);
    expect(problems).toEqual([]);
    expect(pack).toMatchObject({ ref: 'demo', version: '1.0.0', actions: 2, triggers: 1 });
    const [first] = (await listPacks(ada)).filter(({ isStandard }) => !isStandard);
    expect(first?.ref).toBe('demo');
    expect(await getPackDetail(ada, 'demo')).toMatchObject({
      origin: { kind: 'upload', from: 'demo.tar.gz' },
      components: {
        actions: [{ ref: 'demo.hello', isAdhoc: false }, { ref: 'demo.old' }],
        triggers: [{ ref: 'demo.rang' }],
      },
      mayInstall: true,
    });
    expect((await listPackFiles(ada, 'demo')).map(({ path }) => path)).toEqual(
      Object.keys(demo).sort((a, b) => a.localeCompare(b)),
    );
    expect(await readPackFile(ada, 'demo', 'actions/words.py')).toMatchObject({ text: 'word = "hi"\n' });
    expect((await readFeed(ada.tenantId, 'pack')).at(-1)).toMatchObject({
      kind: 'created',
      actorId: ada.identityId,
    });
    expect(await resolveAction(systemSql, ada.tenantId, 'demo.hello')).toMatchObject({
      packPath: expect.stringMatching(/^archive:[0-9a-f]{64}$/) as string,
    });
  });

  it('may lie in one folder inside the archive', async () => {
    const inner = Object.fromEntries(
      Object.entries(demo).map(([path, text]) => [`demo-1.0.0/${path}`, text]),
    );
    expect((await upload(inner)).pack.ref).toBe('demo');
  });

  it('again removes what vanished from its files, keeps what people made by hand, and keeps the webhook’s address', async () => {
    await upload(demo);
    const { webhookUrl } = await getTrigger(ada, 'demo.rang');
    await createAction(ada, {
      packRef: 'demo',
      ref: 'demo.mine',
      label: 'Mine',
      description: '',
      runtime: 'shell',
      code: 'echo mine',
      paramSchema: {},
      outputFormat: 'text',
      timeoutSeconds: 30,
      idempotent: false,
    });
    const { 'actions/old.yaml': _, ...rest } = demo;
    await upload({ ...rest, 'pack.yaml': demo['pack.yaml'].replace('1.0.0', '1.1.0') });
    expect(
      (await listActions(ada)).filter(({ packRef }) => packRef === 'demo').map(({ ref }) => ref),
    ).toEqual(['demo.hello', 'demo.mine']);
    expect((await getTrigger(ada, 'demo.rang')).webhookUrl).toBe(webhookUrl);
  });

  it('with another file beside an action is a new revision of the action, with the same files none', async () => {
    await upload(demo);
    await upload(demo);
    expect((await getAction(ada, 'demo.hello')).revision).toBe(1);
    await upload({ ...demo, 'actions/words.py': 'word = "hello"\n' });
    expect((await getAction(ada, 'demo.hello')).revision).toBe(2);
  });

  it('older than what is there is refused, unless it is forced', async () => {
    await upload({ ...demo, 'pack.yaml': 'ref: demo\nversion: 1.10.0\n' });
    const older = { ...demo, 'pack.yaml': 'ref: demo\nversion: 1.9.0\n' };
    await expect(upload(older)).rejects.toMatchObject({ code: 'older_version' });
    expect((await upload(older, true)).pack.version).toBe('1.9.0');
  });

  it('with broken components registers the others and tells each problem with file and line', async () => {
    const { pack, problems } = await upload({
      ...demo,
      'actions/broken.yaml': 'name: broken\nrunner_type: cobol\nentry_point: a.cob\n',
      'rules/r.yaml': 'name: r\ntrigger: rang\naction: nothing_there\n',
      'actions/no.yaml': 'name: [\n',
      'sensors/watch.yaml': 'name: watch\nentry_point: watch.py\ntrigger_types: [rang]\n',
      'sensors/lost.yaml': 'name: lost\nrunner_type: shell\n',
      'queues/work.yaml': 'ref: work\ndispatch_action: hello\nconfig: {concurrency: 2}\n',
      'queues/lost.yaml': 'ref: lost\ndispatch_action: helo\n',
      'queues/odd.yaml': 'ref: odd\ndispatch_action: core.noop\nbatch_mode: pairs\n',
    });
    expect(pack.actions).toBe(2);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^actions\/broken\.yaml:2 runner_type: cobol is unknown/),
        expect.stringMatching(/^actions\/no\.yaml:\d/),
        expect.stringMatching(/^rules\/r\.yaml:3 .*nothing_there/),
        expect.stringMatching(/^queues\/lost\.yaml:2 dispatch_action_ref: .*Did you mean demo\.hello/),
        expect.stringMatching(/^queues\/odd\.yaml:3 batch_mode: /),
        expect.stringMatching(/^sensors\/watch\.yaml:2 entry_point: there is no file sensors\/watch\.py/),
        expect.stringMatching(/^sensors\/lost\.yaml:1 trigger_types: must name the triggers/),
      ]),
    );
    const detail = await getPackDetail(ada, 'demo');
    expect(detail.problems).toEqual(problems);
  });

  it('has its work queues as its files say, with their items, until the files are gone', async () => {
    await upload({
      ...demo,
      'queues/work.yaml': 'ref: work\ndispatch_action: hello\nenabled: false\ndefault_priority: 4\n',
    });
    const { item } = await enqueueItem(ada, { queueRef: 'demo.work', payload: {} });
    expect(item.priority).toBe(4);
    await upload({ ...demo, 'queues/work.yaml': 'ref: work\nlabel: Work\ndispatch_action: demo.hello\n' });
    expect(await getQueue(ada, 'demo.work')).toMatchObject({
      ...{ label: 'Work', packRef: 'demo', isAdhoc: false, defaultPriority: 0, enabled: false, pending: 1 },
    });
    expect((await getPackDetail(ada, 'demo')).components.queues).toMatchObject([{ ref: 'demo.work' }]);
    await upload(demo, true);
    await expect(getQueue(ada, 'demo.work')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('of a reader is refused, and is seen by no other tenant', async () => {
    await expect(upload(demo, false, await makeReader(ada.tenantId))).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await upload(demo);
    const eve = await makePerson(await makeTenant(), 'Eve');
    await expect(getPackDetail(eve, 'demo')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(listPackFiles(eve, 'demo')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('takes a configuration that fits its schema', async () => {
    await upload(demo);
    await expect(configurePack(ada, 'demo', { region: 7 })).rejects.toMatchObject({
      code: 'invalid_config',
      details: [{ path: 'region' }],
    });
    await configurePack(ada, 'demo', { region: 'eu' });
    expect((await getPackDetail(ada, 'demo')).secretFields).toEqual([]);
    await upload({ ...demo, 'README.md': 'x' });
    expect((await getPackDetail(ada, 'demo')).config).toEqual({ region: 'eu' });
  });
});

it('secrets are no part of a configuration: they are neither asked for, taken, nor shown', async () => {
  const conf =
    'conf_schema: {region: {type: string, required: true}, token: {type: string, secret: true, required: true}}';
  await upload({
    ...demo,
    'pack.yaml': `ref: demo\nversion: 1.0.0\n${conf}\nconfig: {token: from-the-file}\n`,
  });
  const detail = await getPackDetail(ada, 'demo');
  expect(detail).toMatchObject({ config: {}, secretFields: ['token'], confSchema: { required: ['region'] } });
  expect(Object.keys(detail.confSchema['properties'] as object)).toEqual(['region']);
  await configurePack(ada, 'demo', { region: 'eu' });
  await expect(configurePack(ada, 'demo', { region: 'eu', token: 'typed' })).rejects.toMatchObject({
    details: expect.arrayContaining([
      { path: 'token', message: 'is secret: keep it as a key of the pack' },
    ]) as unknown,
  });
  expect((await getPackDetail(ada, 'demo')).config).toEqual({ region: 'eu' });
});

describe('an archive', () => {
  const refused = (bytes: Buffer) => expect(uploadPack(ada, bytes, 'x', false)).rejects;

  it('with a link, an absolute path or a way out is refused', async () => {
    const folder = await folderOf(demo);
    await symlink('/etc/passwd', join(folder, 'actions/link.py'));
    const { stdout: linked } = await run('tar', ['-czf', '-', '-C', folder, '.'], { encoding: 'buffer' });
    await refused(linked).toMatchObject({
      code: 'archive_refused',
      message: expect.stringContaining('SymbolicLink') as string,
    });
    await refused(await archiveOf(demo, '-P', '--transform', 's,^./actions,/tmp/attune-evil,')).toMatchObject(
      { code: 'archive_refused' },
    );
    await refused(await archiveOf(demo, '-P', '--transform', 's,^./actions,../attune-evil,')).toMatchObject({
      code: 'archive_refused',
    });
  });

  it('that blows up, holds too many files, or is none is refused', async () => {
    await refused(gzipSync(Buffer.alloc(50 * 2 ** 20))).toMatchObject({
      code: 'archive_refused',
      message: expect.stringContaining('larger than') as string,
    });
    const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, index) => [`f/${index}`, '']));
    await refused(await archiveOf({ ...demo, ...many })).toMatchObject({
      message: expect.stringContaining('5000 files') as string,
    });
    await refused(Buffer.from('PK not a tar')).toMatchObject({ code: 'archive_refused' });
    await refused(await archiveOf({ 'README.md': 'no pack' })).toMatchObject({
      message: expect.stringContaining('no pack.yaml') as string,
    });
  });
});

describe('a pack from elsewhere', () => {
  it('is copied from a folder of the server, for the default tenant only, and never from the studio’s own', async () => {
    await inSystem((tx) => tx.query(`DELETE FROM pack WHERE tenant_id = 2 AND ref = 'demo'`));
    const owner = await makePerson(defaultTenantId, 'Olga');
    const path = await folderOf(demo);
    expect((await registerFolder(owner, { path, force: false })).pack.ref).toBe('demo');
    await rm(path, { recursive: true });
    expect(await readPackFile(owner, 'demo', 'actions/words.py')).toMatchObject({ text: 'word = "hi"\n' });
    await expect(registerFolder(ada, { path: scratch, force: false })).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await expect(registerFolder(owner, { path: join(scratch, 'none'), force: false })).rejects.toMatchObject({
      kind: 'invalid',
    });
    await expect(registerFolder(owner, { path: env().ATTUNE_HOME, force: false })).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await inSystem((tx) => tx.query(`DELETE FROM pack WHERE tenant_id = 2 AND ref = 'demo'`));
  });

  it('comes from git at a branch, without running anything of the repository', async () => {
    const owner = await makePerson(defaultTenantId, 'Olga');
    const folder = await folderOf({ ...demo, '.gitattributes': '*.py filter=evil\n' });
    const git = (...args: string[]) =>
      run('git', ['-C', folder, '-c', 'user.email=a@b.c', '-c', 'user.name=A', ...args]);
    await git('init', '--quiet', '--initial-branch=main');
    await git('add', '.');
    await git('commit', '--quiet', '-m', 'one');
    await git('checkout', '--quiet', '-b', 'next');
    await writeFile(join(folder, 'actions/words.py'), 'word = "from git"\n');
    await git('commit', '--quiet', '-am', 'two');
    const source = { url: `file://${folder}`, folder: '', force: false };
    expect((await registerGit(owner, { ...source, ref: 'main' })).pack.ref).toBe('demo');
    expect(await readPackFile(owner, 'demo', 'actions/words.py')).toMatchObject({ text: 'word = "hi"\n' });
    await registerGit(owner, { ...source, ref: 'next' });
    expect(await readPackFile(owner, 'demo', 'actions/words.py')).toMatchObject({
      text: 'word = "from git"\n',
    });
    expect((await getPackDetail(owner, 'demo')).origin).toMatchObject({ kind: 'git', ref: 'next' });
    await expect(registerGit(owner, { ...source, ref: 'nowhere' })).rejects.toMatchObject({
      code: 'git_failed',
    });
    await inSystem((tx) => tx.query(`DELETE FROM pack WHERE tenant_id = 2 AND ref = 'demo'`));
  });
});

it('versions are compared by their numbers', () => {
  const ordered = ['1', '1.0.1', '1.9', '1.10.0', '2.0.0-rc1', '2.0.0-rc2', '2.0.0'];
  expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
});

it('gives an action no permission set that the installer does not hold, and says so', async () => {
  const asking = (sets: string) => ({
    'pack.yaml': 'ref: asking\nversion: 1.0.0\n',
    'actions/go.yaml': `name: go\nrunner_type: shell\nentry_point: echo\ndefault_execution_permission_set_refs: ${sets}\n`,
  });
  const setsOf = async () => (await getAction(ada, 'asking.go')).defaultPermissionSetRefs;
  await uploadPack(ada, await archiveOf(asking('[standard, core.viewer]')), 'a.tar.gz', false);
  expect(await setsOf()).toEqual(['standard', 'core.viewer']);
  const installer = await makePerson(ada.tenantId, 'Ina', [
    { resource: 'packs', actions: ['read', 'install'] },
  ]);
  const { problems } = await uploadPack(installer, await archiveOf(asking('[core.admin]')), 'a.tar.gz', true);
  expect(problems).toEqual([
    expect.stringMatching(/^actions\/go\.yaml:4 .*core\.admin gives rights that you do not have/),
  ]);
  expect(await setsOf()).toEqual([]);
  const unknown = await uploadPack(ada, await archiveOf(asking('[no.such]')), 'a.tar.gz', true);
  expect(unknown.problems).toEqual([expect.stringMatching(/there is no permission set no\.such/)]);
});
