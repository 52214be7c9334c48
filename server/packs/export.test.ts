import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createAction, getAction, updateAction } from '../actions/service';
import { closeDatabase } from '../db';
import type { Actor } from '../identities/actor';
import { stopLive } from '../live';
import { createRule } from '../rules/service';
import { createTrigger } from '../triggers/service';
import { createWorkflow, publish, saveDraft } from '../workflows/service';
import { packFolder, readArchiveFiles } from './archive';
import { exportPack } from './export';
import { uploadPack } from './install';
import { configurePack, createPack } from './service';
import { makePack, removePack } from './test-folder';
import { makePerson, makeTenant } from './test-people';

let ada: Actor;
beforeEach(async () => {
  ada = await makePerson(await makeTenant(), 'Ada');
});
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

const files = {
  'pack.yaml': '# ours\nref: moved\nlabel: Moved\nversion: 1.2.0\n',
  'actions/hello.yaml':
    '# says hello\nname: hello\nrunner_type: python\nentry_point: hello.py\nparameters: {who: {type: string, default: you}}\n',
  'actions/hello.py': 'from words import word\nprint(word)\n',
  'actions/words.py': 'word = "hi"\n',
  'actions/inline.yaml': 'name: inline\nrunner_type: shell\nentry_point: echo "$message"\n',
  'actions/ask.yaml': 'name: ask\nrunner_type: http\nrequest: {url: "https://example.com", method: POST}\n',
  'workflows/flow.yaml': '# a flow\nname: flow\nlabel: Flow\ntasks:\n  - name: a\n    action: moved.hello\n',
  'workflows/flow.layout.json': '{"positions": {"a": {"x": 1, "y": 2}}}',
  'triggers/rang.yaml': 'name: rang\nwebhook: true\n',
  'rules/when.yaml': 'name: when\ntrigger: rang\naction: hello\ncooldown_seconds: 5\n',
  'queues/line.yaml': 'name: line\ndispatch_action: hello\n',
  'sensors/watch.yaml': 'name: watch\nentry_point: watch.py\ntrigger_types: [rang]\n',
  'sensors/watch.py': 'print(1)\n',
  'requirements.txt': '# none\n',
  'README.md': 'Read me.\n',
};

async function install(actor: Actor, given: Record<string, string>): Promise<void> {
  const folder = await makePack(given);
  try {
    await uploadPack(actor, (await packFolder(folder)).content, 'pack.tar.gz', false);
  } finally {
    await removePack(folder);
  }
}

const textsOf = async (content: Uint8Array) =>
  Object.fromEntries(
    [...(await readArchiveFiles(content))].map(([path, bytes]) => [path, bytes.toString('utf8')]),
  );

describe('a pack’s export', () => {
  it('gives an untouched pack back as its author wrote it, to the byte', async () => {
    await install(ada, files);
    const { fileName, content, leftOut } = await exportPack(ada, 'moved');
    expect(fileName).toBe('moved-1.2.0.tar.gz');
    expect(leftOut).toEqual([]);
    const texts = await textsOf(content);
    const { 'workflows/flow.layout.json': layout, ...rest } = texts;
    const { 'workflows/flow.layout.json': before, ...written } = files;
    expect(rest).toEqual(written);
    expect(JSON.parse(layout ?? '')).toEqual(JSON.parse(before));
  });

  it('writes what was changed in the studio, and leaves the other files alone', async () => {
    await install(ada, files);
    const { revision, ...action } = await getAction(ada, 'moved.hello');
    await updateAction(ada, {
      ...{ ref: 'moved.hello', revision, label: 'Hello', description: action.description },
      ...{ runtime: 'python', code: 'print("changed")\n', paramSchema: action.paramSchema },
      ...{ outputFormat: 'text', timeoutSeconds: 60, idempotent: true },
    });
    const texts = await textsOf((await exportPack(ada, 'moved')).content);
    expect(Object.values(texts).join('\n')).toContain('print("changed")');
    expect(texts['actions/hello.yaml']).toContain('timeout: 60');
    expect(texts['actions/inline.yaml']).toBe(files['actions/inline.yaml']);
    expect(texts['README.md']).toBe('Read me.\n');
  });

  it('makes a pack of the studio into files that another tenant installs whole', async () => {
    await createPack(ada, {
      ...{ ref: 'made', label: 'Made', description: 'In the studio', version: '0.3.0' },
      confSchema: { region: { type: 'string' } },
    });
    await configurePack(ada, 'made', { region: 'eu' });
    const long = `# ${'x'.repeat(900)}\necho "$who"`;
    for (const [name, runtime, code] of [
      ['sh', 'shell', long],
      ['py', 'python', 'print(1)'],
      ['js', 'nodejs', 'console.log(1)'],
    ] as const)
      await createAction(ada, {
        ...{ packRef: 'made', ref: `made.${name}`, label: name, description: '', runtime, code },
        ...{ paramSchema: { who: { type: 'string', required: true } }, outputFormat: 'json' },
        ...{ timeoutSeconds: 30, idempotent: true, limits: { memory_mb: 64 } },
      });
    await createTrigger(ada, { packRef: 'made', ref: 'made.rang', label: 'Rang', description: '' });
    await createRule(ada, {
      ...{ packRef: 'made', ref: 'made.when', label: 'When', description: '', triggerRef: 'made.rang' },
      ...{ actionRef: 'made.sh', actionParams: { who: '{{ event.id }}' }, conditions: {}, enabled: true },
    });
    const flow = await createWorkflow(ada, {
      packRef: 'made',
      ref: 'made.flow',
      label: 'Flow',
      description: '',
    });
    const saved = await saveDraft(ada, {
      ref: 'made.flow',
      draftVersion: flow.draftVersion,
      definition: { tasks: [{ name: 'a', action: 'made.py', input: { who: 'x' } }] },
      layout: { positions: { a: { x: 10, y: 20 } } },
    });
    await publish(ada, { ref: 'made.flow', draftVersion: saved.draftVersion, note: '' });
    await createWorkflow(ada, { packRef: 'made', ref: 'made.draft', label: 'Draft', description: '' });

    const { content, leftOut } = await exportPack(ada, 'made');
    expect(leftOut).toEqual(['The workflow made.draft was never published.']);
    const bob = await makePerson(await makeTenant(), 'Bob');
    const { problems } = await uploadPack(bob, content, 'made.tar.gz', false);
    expect(problems).toEqual([]);
    const shell = await getAction(bob, 'made.sh');
    expect(shell).toMatchObject({ code: long, timeoutSeconds: 30, limits: { memory_mb: 64 } });
    // What went there and comes back is the same once more.
    const again = await exportPack(bob, 'made');
    expect(await textsOf(again.content)).toEqual(await textsOf(content));
  });

  it('has no value that the configuration’s schema calls secret', async () => {
    const secret =
      'conf_schema: {password: {type: string, secret: true}, region: {type: string}}\nconfig: {password: not-for-others, region: eu}\n';
    await install(ada, { ...files, 'pack.yaml': files['pack.yaml'] + secret });
    const texts = await textsOf((await exportPack(ada, 'moved')).content);
    expect(texts['pack.yaml']).toContain('region: eu');
    expect(JSON.stringify(texts)).not.toContain('not-for-others');
  });

  it('is refused to somebody who may not read what is in it, and to other tenants like a missing pack', async () => {
    await install(ada, files);
    const reader = await makePerson(ada.tenantId, 'Reader', [{ resource: 'packs', actions: ['read'] }]);
    await expect(exportPack(reader, 'moved')).rejects.toMatchObject({ kind: 'forbidden' });
    const bob = await makePerson(await makeTenant(), 'Bob');
    await expect(exportPack(bob, 'moved')).rejects.toMatchObject({ code: 'pack_not_found' });
  });
});
