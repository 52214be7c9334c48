import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, inSystem } from '@/server/db';
import { askForEnvironment } from '@/server/environments/service';
import type { Host } from '../host';
import { attempt, levelsHere, openTestHost, textOf } from '../runners/attempt-fixture';
import { addWheel, fromWheels, makePack, removePack } from './pack-fixture';

const minute = 60_000;
let host: Host & { remove: () => Promise<void> };
const packs: string[] = [];
beforeAll(async () => {
  host = await openTestHost();
});
afterAll(async () => {
  await Promise.all(packs.map(removePack));
  await host.remove();
  await closeDatabase();
});

let lastTenant = 1_000;
/** A tenant without environments. */
const newTenant = () => (lastTenant += 1);

async function pack(files: Record<string, string>): Promise<string> {
  const folder = await makePack(files);
  packs.push(folder);
  return folder;
}

/** A pack whose greetings come from a wheel of its own. */
async function greeter(version: string): Promise<string> {
  const folder = await pack({
    'requirements.txt': `${fromWheels}greeting==${version}\n`,
    'actions/greet.py': 'import greeting\n\ndef run(name):\n    return {"text": greeting.greet(name)}\n',
  });
  await addWheel(
    folder,
    'greeting',
    version,
    `def greet(name):\n    return f"${version} greets {name}"\n\ndef say():\n    print("said by ${version}")\n`,
  );
  return folder;
}

const greet = (packPath: string, tenantId: number, more = {}) =>
  attempt(host, {
    runtime: 'python',
    entrypoint: 'greet.py',
    packPath,
    tenantId,
    parameters: { name: 'Ada' },
    ...more,
  });

async function rows(tenantId: number) {
  return inSystem((tx) =>
    tx.query<{
      id: number;
      state: string;
      log: string;
      error: string | null;
      keyHash: string;
      builder: string | null;
    }>(
      'SELECT id, state, log, error, key_hash AS "keyHash", builder FROM environment WHERE tenant_id = $1 ORDER BY id',
      [tenantId],
    ),
  );
}

describe('a Python pack with requirements', () => {
  test(
    'gets its packages, is told so, and is not built a second time',
    async () => {
      const [folder, tenantId] = [await greeter('1.0.0'), newTenant()];
      const first = await greet(folder, tenantId);
      expect(first.outcome).toMatchObject({
        state: 'completed',
        error: null,
        result: { data: { text: '1.0.0 greets Ada' } },
      });
      expect(textOf(first.log, 'stdout')).toBe('');
      expect(
        first.log
          .filter(({ stream }) => stream === 'system')
          .map(({ content }) => content)
          .join(''),
      ).toContain('Building the Python environment of tests from requirements.txt.');
      const second = await greet(folder, tenantId);
      expect(second.outcome?.state).toBe('completed');
      expect(second.log).toEqual([]);
      const [row, ...others] = await rows(tenantId);
      expect(others).toEqual([]);
      expect(row).toMatchObject({ state: 'ready', error: null, builder: null });
      expect(row?.log).toMatch(/Successfully installed greeting-1\.0\.0/);
    },
    minute,
  );

  test(
    'has programs that name the place where it lies now',
    async () => {
      const folder = await greeter('1.0.1');
      await writeFile(
        join(folder, 'actions/say.py'),
        'import subprocess\nprint(subprocess.run(["greeting-say"], capture_output=True, text=True).stdout)\n',
      );
      const { outcome } = await greet(folder, newTenant(), { entrypoint: 'say.py' });
      expect(outcome?.result).toMatchObject({ exit_code: 0, stdout: 'said by 1.0.1\n\n' });
    },
    minute,
  );

  test(
    'keeps to its own version beside another pack with another one, at the same time',
    async () => {
      const tenantId = newTenant();
      const versions = ['2.0.0', '3.0.0'];
      const folders = await Promise.all(versions.map(greeter));
      const outcomes = await Promise.all(
        [...folders, ...folders].map((folder, index) =>
          greet(folder, tenantId, { packRef: `pack${index % 2}` }),
        ),
      );
      expect(outcomes.map(({ outcome }) => outcome?.result['data'])).toEqual(
        [...versions, ...versions].map((version) => ({ text: `${version} greets Ada` })),
      );
      expect((await rows(tenantId)).map(({ state }) => state)).toEqual(['ready', 'ready']);
    },
    minute,
  );

  test(
    'is built once for many who ask at once; the others say that they wait',
    async () => {
      const [folder, tenantId] = [await greeter('4.0.0'), newTenant()];
      const attempts = await Promise.all(Array.from({ length: 4 }, () => greet(folder, tenantId)));
      expect(attempts.map(({ outcome }) => outcome?.state)).toEqual(Array(4).fill('completed'));
      const said = attempts.map(({ log }) => textOf(log, 'system'));
      expect(said.filter((text) => text.includes('Building the')).length).toBe(1);
      expect(
        said.filter((text) => text.includes('Waiting for the environment of tests')).length,
      ).toBeGreaterThan(0);
    },
    minute,
  );

  test(
    'that is broken is built anew before it is used',
    async () => {
      const [folder, tenantId] = [await greeter('5.0.0'), newTenant()];
      await greet(folder, tenantId);
      const [name = ''] = await readdir(host.environments.folderOf(tenantId));
      await rm(join(host.environments.folderOf(tenantId), name, 'bin/python'));
      const after = await greet(folder, tenantId);
      expect(after.outcome?.result['data']).toEqual({ text: '5.0.0 greets Ada' });
      expect(textOf(after.log, 'system')).toContain('Building the');
    },
    minute,
  );

  test(
    'that somebody asks to be rebuilt is built anew at its next use, though it is whole and was just used',
    async () => {
      const [folder, tenantId] = [await greeter('5.1.0'), newTenant()];
      await greet(folder, tenantId);
      await inSystem((tx) =>
        tx.query(`UPDATE environment SET state = 'stale' WHERE tenant_id = $1`, [tenantId]),
      );
      const after = await greet(folder, tenantId);
      expect(after.outcome?.state).toBe('completed');
      expect(textOf(after.log, 'system')).toContain('Building the');
      expect(textOf((await greet(folder, tenantId)).log, 'system')).toBe('');
    },
    minute,
  );

  test(
    'that asks for what there is not fails with the reason and the end of the log, and is not tried again at once',
    async () => {
      const [folder, tenantId] = [await greeter('6.0.0'), newTenant()];
      await writeFile(join(folder, 'requirements.txt'), `${fromWheels}no-such-package==1\n`);
      const { outcome } = await greet(folder, tenantId);
      expect(outcome).toMatchObject({ state: 'failed', result: { exit_code: null } });
      expect(outcome?.error).toMatch(
        /environment of the pack tests could not be built: .*no-such-package==1/,
      );
      expect(outcome?.result['stderr']).toContain('No matching distribution found for no-such-package==1');
      expect(await rows(tenantId)).toMatchObject([{ state: 'failed' }]);
      const again = await greet(folder, tenantId);
      expect(again.outcome?.error).toBe(outcome?.error);
      expect(textOf(again.log, 'system')).not.toContain('Building');
    },
    minute,
  );

  test('without a module that it imports fails with its name and where to ask for it', async () => {
    const folder = await pack({ 'actions/greet.py': 'import yaml_of_nobody.deep\n' });
    const { outcome } = await greet(folder, newTenant());
    expect(outcome?.state).toBe('failed');
    expect(outcome?.error).toMatch(
      /^The module yaml_of_nobody is not installed\. Add the package that has it to requirements\.txt of the pack tests\./,
    );
  });

  test(
    'cannot change what was installed, and its install runs as no user of ours',
    async () => {
      const [folder, tenantId] = [await greeter('7.0.0'), newTenant()];
      await writeFile(
        join(folder, 'actions/spoil.py'),
        'import greeting\nopen(greeting.__file__, "a").write("x")\n',
      );
      const { outcome } = await greet(folder, tenantId, { entrypoint: 'spoil.py' });
      if (host.users === null && host.walls.level === 'L1') return;
      expect(outcome?.result['stderr']).toMatch(/PermissionError|Read-only file system/);
      const [name = ''] = await readdir(host.environments.folderOf(tenantId));
      const { uid } = await stat(join(host.environments.folderOf(tenantId), name, 'bin'));
      expect(uid).toBe(process.getuid?.());
    },
    minute,
  );

  test(
    'cancelled while it is built is handed to the next who needs it',
    async () => {
      const [folder, tenantId] = [await greeter('8.0.0'), newTenant()];
      const stopped = await attempt(
        host,
        {
          runtime: 'python',
          entrypoint: 'greet.py',
          packPath: folder,
          tenantId,
          parameters: { name: 'Ada' },
        },
        { onStart: (running) => running.stop('cancelled') },
      );
      expect(stopped.outcome).toMatchObject({ state: 'cancelled' });
      expect((await greet(folder, tenantId)).outcome?.state).toBe('completed');
    },
    minute,
  );

  test(
    'whose builder died is built by the next once the lease ran out',
    async () => {
      const [folder, tenantId] = [await greeter('9.0.0'), newTenant()];
      await greet(folder, tenantId);
      const [row] = await rows(tenantId);
      await inSystem((tx) =>
        tx.query(
          `UPDATE environment SET state = 'building', builder = 'dead', lease_until = now() - interval '1 second' WHERE id = $1`,
          [row?.id],
        ),
      );
      await rm(host.environments.folderOf(tenantId), { recursive: true });
      expect((await greet(folder, tenantId)).outcome?.state).toBe('completed');
      expect(await rows(tenantId)).toMatchObject([{ state: 'ready', builder: null }]);
    },
    minute,
  );

  test(
    'that nobody used is removed, with its row',
    async () => {
      const [folder, tenantId] = [await greeter('9.1.0'), newTenant()];
      await greet(folder, tenantId);
      await inSystem((tx) =>
        tx.query(`UPDATE environment SET used_at = now() - interval '31 days' WHERE tenant_id = $1`, [
          tenantId,
        ]),
      );
      expect(await host.environments.collect()).toBe(1);
      expect(await readdir(host.environments.folderOf(tenantId))).toEqual([]);
      expect(await rows(tenantId)).toEqual([]);
    },
    minute,
  );
});

test('one place of one tenant has one builder, whoever else asks', async () => {
  const key = {
    tenantId: newTenant(),
    kind: 'python' as const,
    keyHash: 'abc',
    place: 'here',
    packRef: 'ops',
  };
  const answers = await Promise.all(
    ['a', 'b', 'c', 'd'].map((builder) => askForEnvironment(key, builder, true)),
  );
  expect(answers.filter(({ kind }) => kind === 'mine').length).toBe(1);
  expect(answers.filter(({ kind }) => kind === 'building').length).toBe(3);
  expect((await askForEnvironment({ ...key, place: 'elsewhere' }, 'b', true)).kind).toBe('mine');
});

describe.each(levelsHere)('behind walls of level %s', (level) => {
  test(
    'both kinds are built and used',
    async () => {
      const here = await openTestHost(level);
      try {
        const tenantId = newTenant();
        const python = await greeter('1.0.0');
        const greeted = await attempt(here, {
          runtime: 'python',
          entrypoint: 'greet.py',
          packPath: python,
          tenantId,
          parameters: { name: 'Ada' },
        });
        expect(greeted.outcome).toMatchObject({
          error: null,
          result: { data: { text: '1.0.0 greets Ada' } },
        });
        const nodejs = await pack({
          'package.json': JSON.stringify({
            name: 'p',
            version: '1.0.0',
            dependencies: { word: 'file:./word' },
          }),
          'word/package.json': JSON.stringify({ name: 'word', version: '1.0.0', main: 'index.js' }),
          'word/index.js': 'module.exports = 7;\n',
          'actions/a.mjs': "import word from 'word';\nexport const run = () => word;\n",
        });
        const counted = await attempt(here, {
          runtime: 'nodejs',
          entrypoint: 'a.mjs',
          packPath: nodejs,
          tenantId,
        });
        expect(counted.outcome).toMatchObject({ error: null, result: { data: 7 } });
      } finally {
        await here.remove();
      }
    },
    minute,
  );
});
