import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase } from './db';
import { stopLive } from './live';
import type { Installed } from './install';
import { migrate } from './migrate';

const migrations = join(process.cwd(), 'prisma', 'migrations');
const serverUrl = process.env['DATABASE_URL'] ?? '';

/** An empty database of its own beside the tests' one. */
let databaseUrl: string;
let databaseName: string;
let made = 0;

async function onServer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(sql);
  await client.end();
}

async function withClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  databaseName = `install_${process.pid}_${(made += 1)}`;
  await onServer(`CREATE DATABASE ${databaseName}`);
  const url = new URL(serverUrl);
  url.pathname = `/${databaseName}`;
  databaseUrl = url.href;
});
afterEach(() => onServer(`DROP DATABASE ${databaseName} WITH (FORCE)`));
afterAll(async () => {
  await stopLive();
  await closeDatabase();
});

describe('migrating', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-migrations-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function write(name: string, sql: string): Promise<void> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'migration.sql'), sql);
  }

  it('applies each migration once, in order', async () => {
    await write('1_a', 'CREATE TABLE a (id int);');
    await write('2_b', 'ALTER TABLE a ADD COLUMN name text;');
    expect(await withClient((client) => migrate(client, folder))).toEqual(['1_a', '2_b']);
    expect(await withClient((client) => migrate(client, folder))).toEqual([]);
  });

  it('says which migration failed and where, keeps nothing of it, and goes on after the repair', async () => {
    await write('1_a', 'CREATE TABLE a (id int);');
    await write('2_b', 'CREATE TABLE b (id int);\nCREATE TABLE a (id int);');
    await expect(withClient((client) => migrate(client, folder))).rejects.toThrow(
      'The migration 2_b failed: relation "a" already exists. Nothing of it was kept.',
    );
    await write('2_b', 'CREATE TABLE b (id int);');
    expect(await withClient((client) => migrate(client, folder))).toEqual(['2_b']);
  });

  it('refuses a migration that was changed after it was applied', async () => {
    await write('1_a', 'CREATE TABLE a (id int);');
    await withClient((client) => migrate(client, folder));
    await write('1_a', 'CREATE TABLE a (id bigint);');
    await expect(withClient((client) => migrate(client, folder))).rejects.toThrow('1_a was changed after');
  });

  it('refuses a database that a newer program has migrated', async () => {
    await cp(join(migrations), folder, { recursive: true });
    await write('99999999999999_later', 'SELECT 1;');
    await withClient((client) => migrate(client, folder));
    await expect(withClient((client) => migrate(client, migrations))).rejects.toThrow('newer program');
  });

  it('lets two processes at once take turns', async () => {
    await write('1_a', 'CREATE TABLE a (id int); SELECT pg_sleep(0.2);');
    const done = await Promise.all([
      withClient((client) => migrate(client, folder)),
      withClient((client) => migrate(client, folder)),
    ]);
    expect(done.map(({ length }) => length).sort()).toEqual([0, 1]);
  });
});

describe('setup', () => {
  /** Runs the program as it is started, against the empty database. */
  async function setUp(more: Record<string, string> = {}) {
    const child = spawn(process.execPath, ['dist/setup.mjs'], {
      env: { ...process.env, DATABASE_URL: databaseUrl, ATTUNE_PACKS: '/nonexistent', ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number]>,
    ]);
    const lines = stdout.trim().split('\n').filter(Boolean);
    return { code, lines, stderr, result: lines[0] ? (JSON.parse(lines[0]) as Installed) : null };
  }

  it('migrates, makes an administrator with a password that is shown once, and says so in one line', async () => {
    const first = await setUp();
    expect(first.stderr).toBe('');
    expect(first.lines).toHaveLength(1);
    expect(first.result).toMatchObject({ admin: { login: 'admin', created: true }, problems: [] });
    expect(first.result?.admin.password).toMatch(/^[1-9A-HJ-NP-Za-km-z]{20}$/);
    expect(first.result?.migrated.length).toBeGreaterThan(0);

    const second = await setUp({ ATTUNE_ADMIN_PASSWORD: 'another one' });
    expect(second.result).toEqual({
      admin: { login: 'admin', password: null, created: false },
      migrated: [],
      packs: [],
      problems: [],
    });
  }, 30_000);

  it('never prints a password that was given', async () => {
    const { result, lines } = await setUp({
      ATTUNE_ADMIN_LOGIN: 'ada',
      ATTUNE_ADMIN_PASSWORD: 'given by ada',
    });
    expect(result?.admin).toEqual({ login: 'ada', password: null, created: true });
    expect(lines.join()).not.toContain('given by ada');
  }, 30_000);

  it('runs twice at the same time and makes one administrator', async () => {
    const both = await Promise.all([setUp(), setUp()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ result }) => result?.admin.created)).toHaveLength(1);
    const { rows } = await withClient((client) => client.query('SELECT login FROM identity'));
    expect(rows).toEqual([{ login: 'admin' }]);
  }, 30_000);

  it('says in one sentence when there is no database', async () => {
    const { code, lines, stderr } = await setUp({ DATABASE_URL: 'postgresql://postgres@127.0.0.1:1/none' });
    expect(code).toBe(1);
    expect(lines).toEqual([]);
    expect(stderr).toMatch(/^The database at 127\.0\.0\.1:1 does not answer/);
  }, 30_000);
});
