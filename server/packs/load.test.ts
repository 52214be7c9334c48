import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkAgainst } from '@/engine/json-schema';
import { createAction, getAction, listCatalog, removeAction, updateAction } from '../actions/service';
import { closeDatabase, inSystem } from '../db';
import type { Actor } from '../identities/actor';
import type { JsonObject } from '../fields';
import { stopLive } from '../live';
import { testRule } from '../rules/backtest';
import { getRule } from '../rules/service';
import { getTrigger } from '../triggers/service';
import { getWorkflow, listRevisions } from '../workflows/service';
import { loadPacks } from './load';
import { defaultTenantId } from './refs';
import { createPack, listPacks } from './service';
import { makePerson } from './test-people';

// Tests of the loader share the standard tenant, so each begins with nothing loaded.
let folder: string;
let ada: Actor;
beforeEach(async () => {
  await inSystem((tx) =>
    tx.query(`DELETE FROM pack WHERE tenant_id IN (1, 2) AND ref IN ('core', 'examples', 'more')`),
  );
  folder = await mkdtemp(join(tmpdir(), 'attune-packs-'));
  await cp('packs', folder, { recursive: true });
  ada = await makePerson(defaultTenantId, 'Ada');
});
afterEach(() => rm(folder, { recursive: true }));
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const write = (name: string, text: string) => writeFile(join(folder, name), text);

describe('loading packs', () => {
  it('makes core a standard pack and gives the examples to the default tenant', async () => {
    expect(await loadPacks(folder)).toEqual({ loaded: ['core', 'examples'], unchanged: [], problems: [] });
    const packs = await listPacks(ada);
    expect(packs.map((pack) => [pack.ref, pack.isStandard])).toEqual(
      expect.arrayContaining([
        ['core', true],
        ['examples', false],
      ]),
    );
    const refs = (await listCatalog(ada)).map((action) => action.ref);
    expect(refs).toEqual(
      expect.arrayContaining(['core.ask', 'core.echo', 'core.fail', 'core.noop', 'core.set', 'core.sleep']),
    );
    expect(await getAction(ada, 'core.ask')).toMatchObject({
      mayEdit: false,
      runtime: 'native',
      paramSchema: { required: ['prompt'] },
    });
    expect(await getTrigger(ada, 'core.webhook')).toMatchObject({ webhookUrl: null, mayEdit: false });
  });

  it('gives the example story whole: published, with its address, its rule and the code of its actions', async () => {
    await loadPacks(folder);
    const workflow = await getWorkflow(ada, 'examples.disk_cleanup');
    expect(workflow).toMatchObject({ published: 1, hasChanges: false, mayEdit: true, problems: [] });
    expect(Object.keys(workflow.layout.positions).sort()).toEqual(
      workflow.definition.tasks.map((task) => task.name).sort(),
    );
    expect((await getTrigger(ada, 'examples.disk_alert')).webhookUrl).toMatch(/\/wh_/);
    expect(await getRule(ada, 'examples.on_disk_alert')).toMatchObject({
      enabled: true,
      actionRef: 'examples.disk_cleanup',
    });
    expect((await getAction(ada, 'examples.check_disk')).code).toContain('def run(');
    expect((await getAction(ada, 'examples.disk_cleanup')).paramSchema).toMatchObject({
      required: ['host', 'used_percent'],
    });
  });

  it('brings a sample alert that meets the example rule and fits the workflow', async () => {
    await loadPacks(folder);
    const { triggerRef, conditions, actionParams } = await getRule(ada, 'examples.on_disk_alert');
    const payload = JSON.parse(await readFile('packs/examples/disk-alert.json', 'utf8')) as JsonObject;
    const test = await testRule(ada, { triggerRef, conditions, actionParams, payload });
    expect(test).toMatchObject({ verdict: 'matched', error: null, parameters: { host: 'web-1' } });
    const { paramSchema } = await getAction(ada, 'examples.disk_cleanup');
    expect(checkAgainst(paramSchema, test.parameters)).toEqual([]);
    for (const calm of [{ used_percent: 79 }, { severity: 'info' }]) {
      const quiet = await testRule(ada, {
        triggerRef,
        conditions,
        actionParams,
        payload: { ...payload, ...calm },
      });
      expect(quiet.verdict).toBe('silent');
    }
  });

  it('does nothing the second time', async () => {
    await loadPacks(folder);
    const before = await getTrigger(ada, 'examples.disk_alert');
    expect(await loadPacks(folder)).toEqual({ loaded: [], unchanged: ['core', 'examples'], problems: [] });
    expect(await getTrigger(ada, 'examples.disk_alert')).toEqual(before);
    expect(await listRevisions(ada, 'examples.disk_cleanup')).toHaveLength(1);
  });

  it('by two processes at once loads once', async () => {
    const results = await Promise.all([loadPacks(folder), loadPacks(folder)]);
    expect(results.flatMap((result) => result.problems)).toEqual([]);
    expect(results.flatMap((result) => result.loaded).sort()).toEqual(['core', 'examples']);
  });

  it('brings the standard pack up to date: what changed, what is new, what is gone', async () => {
    await loadPacks(folder);
    await write(
      'core/actions/echo.yaml',
      'ref: core.echo\nlabel: Say\nrunner_type: native\nentry_point: core.echo\n',
    );
    await write('core/actions/hello.yaml', 'ref: core.hello\nrunner_type: shell\nentry_point: echo hello\n');
    await rm(join(folder, 'core/actions/noop.yaml'));
    expect(await loadPacks(folder)).toMatchObject({
      loaded: ['core'],
      unchanged: ['examples'],
      problems: [],
    });
    expect(await getAction(ada, 'core.echo')).toMatchObject({ label: 'Say', revision: 2 });
    expect(await getAction(ada, 'core.sleep')).toMatchObject({ revision: 1 });
    expect(await getAction(ada, 'core.hello')).toMatchObject({ code: 'echo hello', runtime: 'shell' });
    await expect(getAction(ada, 'core.noop')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('publishes a standard workflow again only when its definition changed', async () => {
    const workflow = (message: string) =>
      `ref: core.flow\nlabel: Flow\ntasks: [{name: a, action: core.echo, input: {message: ${message}}}]\n`;
    await mkdir(join(folder, 'core/workflows'));
    await write('core/workflows/flow.yaml', workflow('one'));
    await loadPacks(folder);
    await write('core/pack.yaml', 'ref: core\nlabel: Core again\n');
    await loadPacks(folder);
    expect(await listRevisions(ada, 'core.flow')).toHaveLength(1);
    await write('core/workflows/flow.yaml', workflow('two'));
    await loadPacks(folder);
    expect(await listRevisions(ada, 'core.flow')).toMatchObject([
      { number: 2, isPublished: true },
      { number: 1 },
    ]);
  });

  it('stores limits of actions and workflows, and tells a key that cannot be used', async () => {
    const action = (name: string, rest: string) =>
      write(`core/actions/${name}.yaml`, `ref: core.${name}\nrunner_type: shell\nentry_point: echo\n${rest}`);
    const host = 'parameters: {host: {type: string}, token: {type: string, secret: true}}\n';
    await action('one', 'concurrency: 2\n');
    await action('by_host', `${host}concurrency: {limit: 1, key: "{{ parameters.host }}"}\n`);
    await action('leaks', `${host}concurrency: {limit: 1, key: "{{ parameters.token }}"}\n`);
    await mkdir(join(folder, 'core/workflows'));
    await write(
      'core/workflows/flow.yaml',
      'ref: flow\nconcurrency: 3\ntasks: [{name: a, action: core.echo}]\n',
    );
    const { problems } = await loadPacks(folder);
    expect(problems).toEqual([
      expect.stringMatching(
        /^core\/actions\/leaks\.yaml:5 concurrency\.key: The parameter token is secret/,
      ) as string,
    ]);
    const limitOf = async (ref: string) => (await getAction(ada, ref)).concurrency;
    expect(await limitOf('core.one')).toEqual({ limit: 2 });
    expect(await limitOf('core.by_host')).toEqual({ limit: 1, key: '{{ parameters.host }}' });
    expect(await limitOf('core.flow')).toEqual({ limit: 3 });
    expect(await limitOf('core.echo')).toBeNull();
    await expect(getAction(ada, 'core.leaks')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('never overwrites what a person changed in an example, nor brings back what was removed', async () => {
    await loadPacks(folder);
    const { revision, ...action } = await getAction(ada, 'examples.notify');
    await updateAction(ada, {
      ref: action.ref,
      revision,
      label: 'Mine',
      description: '',
      runtime: 'shell',
      code: 'echo mine',
      paramSchema: action.paramSchema,
      outputFormat: 'text',
      timeoutSeconds: 30,
      idempotent: false,
    });
    await write('examples/actions/notify.yaml', 'ref: examples.notify\nentry_point: echo theirs\n');
    expect(await loadPacks(folder)).toMatchObject({ loaded: [], problems: [] });
    expect(await getAction(ada, 'examples.notify')).toMatchObject({
      label: 'Mine',
      code: 'echo mine',
      entrypoint: '',
    });
    await inSystem((tx) => tx.query(`DELETE FROM pack WHERE tenant_id = 2 AND ref = 'examples'`));
    await loadPacks(folder);
    expect((await listPacks(ada)).map((pack) => pack.ref)).not.toContain('examples');
  });

  it('loads what is sound beside a broken file, and says file and line', async () => {
    await write('core/actions/bad.yaml', 'ref: core.bad\nlabel: [\n');
    await write(
      'core/actions/worse.yaml',
      'ref: core.worse\nrunner_type: native\nparameters: {a: {type: strin}}\n',
    );
    const { loaded, problems } = await loadPacks(folder);
    expect(loaded).toEqual(['core', 'examples']);
    expect(problems).toEqual([
      expect.stringMatching(/^core\/actions\/bad\.yaml:3 /) as string,
      expect.stringMatching(/^core\/actions\/worse\.yaml:3 parameters\.a\.type: "strin"/) as string,
    ]);
    expect(await getAction(ada, 'core.echo')).toMatchObject({ label: 'Echo' });
  });

  it('gives rules the guards that their files name, and says what is wrong with one', async () => {
    const head = (name: string) => `ref: ${name}\ntrigger: disk_alert\naction: notify\n`;
    await write(
      'examples/rules/guarded.yaml',
      `${head('guarded')}cooldown_seconds: 30\ndedupe:\n  key: "{{ event.payload.host }}"\n  window_seconds: 60\nrate:\n  count: 3\n  window_seconds: 10\n`,
    );
    await write(
      'examples/rules/broken.yaml',
      `${head('broken')}dedupe:\n  key: "{{ event."\n  window_seconds: 60\n`,
    );
    const { problems } = await loadPacks(folder);
    expect(problems).toEqual([expect.stringMatching(/broken\.yaml:5 dedupe\.key/)]);
    expect((await getRule(ada, 'examples.guarded')).guards).toEqual({
      cooldown_seconds: 30,
      dedupe: { key: '{{ event.payload.host }}', window_seconds: 60 },
      rate: { count: 3, window_seconds: 10 },
    });
  });

  it('leaves out a workflow and a rule that would not run, with the reason', async () => {
    await write('examples/workflows/lost.yaml', 'ref: lost\ntasks: [{name: a, action: examples.no_such}]\n');
    await write('examples/rules/lost.yaml', 'ref: lost\ntrigger: disk_alrt\naction: notify\n');
    const { problems } = await loadPacks(folder);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^examples\/workflows\/lost\.yaml:2 .*examples\.no_such/),
        expect.stringMatching(/^examples\/rules\/lost\.yaml:2 trigger_ref: .*examples\.disk_alert/),
      ]),
    );
    await expect(getWorkflow(ada, 'examples.lost')).rejects.toMatchObject({ kind: 'not_found' });
    await expect(getRule(ada, 'examples.lost')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('Rule 18: workflows of one pack may run each other, whichever of them is stored first', async () => {
    const flow = (name: string, runs: string) =>
      write(
        `examples/workflows/${name}.yaml`,
        `ref: ${name}\nparameters: { n: { type: integer, required: true } }\ntasks:\n` +
          '  - { name: a, action: core.noop, next: [{ when: "{{ parameters.n > 0 }}", do: [b] }] }\n' +
          `  - { name: b, action: examples.${runs}, input: { n: "{{ parameters.n - 1 }}" } }\n`,
      );
    await flow('one', 'two');
    await flow('two', 'one');
    expect((await loadPacks(folder)).problems).toEqual([]);
    for (const ref of ['examples.one', 'examples.two'])
      expect(await getWorkflow(ada, ref)).toMatchObject({ published: 1, problems: [] });
  });

  it('keeps standard packs from being written to or hidden by people', async () => {
    await loadPacks(folder);
    const standard = { kind: 'forbidden', message: expect.stringContaining('standard pack') as string };
    await expect(removeAction(ada, 'core.echo')).rejects.toMatchObject(standard);
    const echo = {
      label: 'x',
      description: '',
      runtime: 'shell' as const,
      code: '',
      paramSchema: {},
      outputFormat: 'text' as const,
      timeoutSeconds: 1,
      idempotent: false,
    };
    await expect(updateAction(ada, { ref: 'core.echo', revision: 1, ...echo })).rejects.toMatchObject(
      standard,
    );
    await expect(createAction(ada, { packRef: 'core', ref: 'core.mine', ...echo })).rejects.toMatchObject(
      standard,
    );
    await expect(
      createPack(ada, { ref: 'core', label: 'Core', description: '', version: '1' }),
    ).rejects.toMatchObject({ code: 'pack_exists' });
  });
});
