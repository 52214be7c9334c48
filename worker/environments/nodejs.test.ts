import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, inSystem } from '@/server/db';
import type { Host } from '../host';
import { attempt, openTestHost } from '../runners/attempt-fixture';
import { makePack, removePack } from './pack-fixture';

const run = promisify(execFile);
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

let lastTenant = 2_000;
/** A tenant without environments. */
const newTenant = () => (lastTenant += 1);

async function pack(files: Record<string, string>): Promise<string> {
  const folder = await makePack(files);
  packs.push(folder);
  return folder;
}

async function rows(tenantId: number) {
  return inSystem((tx) =>
    tx.query<{ state: string }>('SELECT state FROM environment WHERE tenant_id = $1 ORDER BY id', [tenantId]),
  );
}

describe('a Node.js pack with a package.json', () => {
  const local = {
    'package.json': JSON.stringify({
      name: 'p',
      version: '1.0.0',
      dependencies: { 'left-word': 'file:./vendor/left-word' },
    }),
    'vendor/left-word/package.json': JSON.stringify({
      name: 'left-word',
      version: '1.2.3',
      main: 'index.js',
    }),
    'vendor/left-word/index.js': 'exports.word = (n) => `left ${n}`;\n',
  };

  test(
    'gets its packages by import and by require, from files and from code kept in the database',
    async () => {
      const tenantId = newTenant();
      const packPath = await pack({
        ...local,
        'actions/esm.mjs':
          "import { word } from 'left-word';\nexport async function run({ n }) { return word(n); }\n",
        'actions/script.cjs': "const { word } = require('left-word');\nconsole.log(word(7));\n",
      });
      const node = (more: object) =>
        attempt(host, { runtime: 'nodejs', packPath, tenantId, parameters: { n: 5 }, ...more });
      expect((await node({ entrypoint: 'esm.mjs' })).outcome).toMatchObject({
        error: null,
        result: { data: 'left 5' },
      });
      expect((await node({ entrypoint: 'script.cjs' })).outcome?.result['stdout']).toBe('left 7\n');
      const code = "import lw from 'left-word';\nexport const run = async ({ n }) => lw.word(n);\n";
      expect((await node({ code })).outcome).toMatchObject({ error: null, result: { data: 'left 5' } });
      expect((await rows(tenantId)).length).toBe(1);
    },
    minute,
  );

  test(
    'takes a tarball of the pack, and a lock where there is one',
    async () => {
      const tenantId = newTenant();
      const packPath = await pack({
        ...local,
        'package.json': JSON.stringify({
          name: 'p',
          version: '1.0.0',
          dependencies: { 'left-word': 'file:left-word.tgz' },
        }),
        'actions/script.cjs': "console.log(require('left-word').word(1));\n",
      });
      await run('tar', [
        '-czf',
        join(packPath, 'left-word.tgz'),
        '-C',
        join(packPath, 'vendor'),
        '--transform',
        's/^left-word/package/',
        'left-word',
      ]);
      const node = () => attempt(host, { runtime: 'nodejs', packPath, tenantId, entrypoint: 'script.cjs' });
      expect((await node()).outcome).toMatchObject({ error: null, result: { stdout: 'left 1\n' } });
      await run('npm', ['install', '--package-lock-only', '--no-audit'], { cwd: packPath });
      expect((await node()).outcome).toMatchObject({ error: null, result: { stdout: 'left 1\n' } });
      expect((await rows(tenantId)).map(({ state }) => state)).toEqual(['ready', 'ready']);
    },
    minute,
  );

  test(
    'whose install eats memory is told so, and the worker lives on',
    async () => {
      if (!host.groups) return;
      const tenantId = newTenant();
      const scripts = { postinstall: 'node -e "Buffer.alloc(4e9, 1)"' };
      const packPath = await pack({
        ...local,
        'package.json': JSON.stringify({ ...(JSON.parse(local['package.json']) as object), scripts }),
        'actions/a.mjs': 'console.log(1);\n',
      });
      const { outcome } = await attempt(host, { runtime: 'nodejs', packPath, entrypoint: 'a.mjs', tenantId });
      expect(outcome?.error).toMatch(/the install used more than its memory limit of 2048 MB and was killed/);
      expect((await rows(tenantId)).map(({ state }) => state)).toEqual(['failed']);
    },
    minute,
  );

  test('without a package that it imports fails with its name and where to ask for it', async () => {
    const packPath = await pack({ 'actions/a.mjs': "import '@nobody/has-this/deep.js';\n" });
    const { outcome } = await attempt(host, {
      runtime: 'nodejs',
      packPath,
      entrypoint: 'a.mjs',
      tenantId: newTenant(),
    });
    expect(outcome?.error).toMatch(
      /^The module @nobody\/has-this is not installed\. Add the package that has it to package\.json/,
    );
  });
});
