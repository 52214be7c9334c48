import { spawn } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@playwright/test';
import { Api } from '../api';

/** The command line as a person or a script uses it: the program itself, against the studio. */

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

let folder: string;
let admin: Api;
let baseUrl: string;
test.beforeEach(async ({ baseURL }) => {
  baseUrl = baseURL ?? '';
  folder = await mkdtemp(path.join(tmpdir(), 'attune-cli-'));
  admin = await (await Api.open(baseUrl)).registerTenant('cli');
});
test.afterEach(async () => {
  await admin.close();
  await rm(folder, { recursive: true, force: true });
});

async function attune(words: string[], input = '', env: Record<string, string> = {}): Promise<Ended> {
  return end(start(words, env), [input]);
}

/** Gives the program its input bit by bit, as the other end of a pipe that is at work does. */
async function end(child: ReturnType<typeof start>, bits: string[]): Promise<Ended> {
  const [last = '', ...before] = bits.toReversed();
  for (const bit of before.toReversed()) {
    child.stdin.write(bit);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  child.stdin.end(last);
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { code, stdout, stderr };
}

function start(words: string[], env: Record<string, string> = {}) {
  const { FORCE_COLOR: _, ...inherited } = process.env;
  return spawn(process.execPath, [path.resolve('scripts/attune.mjs'), ...words], {
    stdio: 'pipe',
    env: { ...inherited, NO_COLOR: '1', ATTUNE_URL: baseUrl, ATTUNE_CONFIG_DIR: folder, ...env },
  });
}

async function signIn(): Promise<void> {
  const { code, stderr } = await attune(
    ['login', '--login', admin.login, '--password-stdin'],
    'a-tenant-of-the-scenarios\n',
  );
  expect([code, stderr]).toEqual([0, '']);
}

/** A pack of the tenant with a shell action of that code; gives the action's ref. */
async function makeAction(name: string, entrypoint: string): Promise<string> {
  const packs = (await admin.call('GET', '/packs')).body.items ?? [];
  if (!packs.some(({ ref }) => ref === 'cli'))
    await admin.made('/packs', { ref: 'cli', label: 'CLI', version: '1.0.0' });
  await admin.made('/actions', {
    ...{ ref: `cli.${name}`, pack_ref: 'cli', label: name, entrypoint, runtime_ref: 'core.shell' },
    param_schema: { who: { type: 'string' }, count: { type: 'integer', default: 1 } },
  });
  return `cli.${name}`;
}

test.describe('the command line', () => {
  test('signs in without leaving the password anywhere, and says who one is', async () => {
    const nobody = await attune(['whoami']);
    expect(nobody.code).toBe(3);
    expect(nobody.stderr).toContain('attune login');
    const wrong = await attune(['login', '--login', admin.login, '--password-stdin'], 'not the password\n');
    expect([wrong.code, wrong.stdout]).toEqual([3, '']);
    await signIn();
    expect(await readFile(path.join(folder, 'credentials.json'), 'utf8')).not.toContain(
      'a-tenant-of-the-scenarios',
    );
    const { stdout } = await attune(['whoami', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ login: admin.login, url: baseUrl });
    expect((await attune(['logout'])).code).toBe(0);
    expect((await attune(['whoami'])).code).toBe(3);
  });

  test('runs an action: its output goes through, its exit code is the command’s own', async () => {
    await signIn();
    const ref = await makeAction('greet', 'echo "hello $who"; echo "to you" >&2; exit $((count - 1))');
    const good = await attune(['run', ref, 'who=world']);
    expect([good.code, good.stdout]).toEqual([0, 'hello world\n']);
    expect(good.stderr).toContain('to you');
    expect(good.stderr).toContain('✓ completed');
    const bad = await attune(['run', ref, 'who=world', 'count=8']);
    expect([bad.code, bad.stdout]).toEqual([7, 'hello world\n']);
    expect(bad.stderr).toContain('✗ failed');
    const told = await end(start(['run', ref, '--input', '-', '--json']), ['{"who":', ' "json"}']);
    expect(told.stderr).toBe('');
    expect(told.code).toBe(0);
    expect(JSON.parse(told.stdout)).toMatchObject({
      status: 'completed',
      result: { stdout: 'hello json\n' },
    });
  });

  test('tells what is wrong in a sentence, with an exit code for scripts', async () => {
    await signIn();
    const missing = await attune(['run', 'cli.nowhere']);
    expect([missing.code, missing.stdout]).toEqual([1, '']);
    expect(missing.stderr).toContain('cli.nowhere');
    expect(missing.stderr).not.toContain('    at ');
    expect((await attune(['run', 'core.echo', 'message'])).code).toBe(2);
    expect((await attune(['fly'])).code).toBe(2);
    const valueless = await attune(['run', 'core.echo', '--input']);
    expect([valueless.code, valueless.stderr.split('\n')[0]]).toEqual([
      2,
      'Not enough arguments following: input',
    ]);
    expect((await attune([])).code).toBe(2);
    const away = await attune(['whoami'], '', { ATTUNE_URL: 'http://127.0.0.1:9', ATTUNE_TOKEN: 'x' });
    expect(away.code).toBe(4);
    expect(away.stderr).toContain('does not answer');
  });

  test('follows a workflow task by task, lists, shows the tree, runs again', async () => {
    await signIn();
    const ref = await makeAction('greet', 'echo "hello $who"');
    await admin.made('/workflows', {
      ...{ ref: 'cli.flow', pack_ref: 'cli', label: 'Flow', version: '1', param_schema: {}, out_schema: {} },
      definition: {
        tasks: [
          { name: 'first', action: ref, input: { who: 'one' }, next: [{ do: ['second'] }] },
          { name: 'second', action: ref, input: { who: 'two' } },
        ],
        output_map: { said: '{{ task.second.result.stdout }}' },
      },
    });
    const { code, stdout, stderr } = await attune(['run', 'cli.flow']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ said: 'hello two\n' });
    expect(stderr).toContain('first │ hello one');
    expect(stderr.indexOf('✓ completed first')).toBeLessThan(stderr.indexOf('second │ hello two'));
    const listed = JSON.parse(
      (await attune(['executions', 'list', '--action', 'cli.flow', '--json'])).stdout,
    ) as {
      id: number;
    }[];
    expect(listed).toHaveLength(1);
    const id = String(listed[0]?.id);
    expect((await attune(['executions', 'tree', id])).stdout).toMatch(
      /✓ completed cli\.flow.*\n {2}✓ completed first/,
    );
    expect((await attune(['executions', 'show', id])).stdout).toContain('hello two');
    const again = await attune(['executions', 'rerun', id, '--from-task', 'second']);
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, { said: 'hello two\n' }]);
    expect(again.stderr).not.toContain('first │');
  });

  test('stops following at Ctrl-C while the execution goes on, and cancels it when asked', async () => {
    await signIn();
    const ref = await makeAction('long', 'echo begun; sleep 60');
    const child = start(['run', ref]);
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    child.kill('SIGINT');
    const [stderr, code] = await Promise.all([
      text(child.stderr),
      new Promise<number | null>((resolve) => child.once('close', resolve)),
    ]);
    expect(code).toBe(130);
    const id = /executions cancel (\d+)/.exec(stderr)?.[1] ?? '';
    expect((await admin.call('GET', `/executions/${id}`)).body.data?.['status']).toBe('running');
    expect((await attune(['executions', 'cancel', id])).code).toBe(0);
    const followed = await attune(['executions', 'follow', id]);
    expect([followed.code, followed.stdout]).toEqual([130, 'begun\n']);
  });

  test('answers what people are asked', async () => {
    await signIn();
    const schema = {
      type: 'object',
      required: ['approved'],
      properties: { approved: { type: 'boolean' }, days: { type: 'integer' } },
    };
    await admin.made('/packs', { ref: 'cli', label: 'CLI', version: '1.0.0' });
    await admin.made('/workflows', {
      ...{ ref: 'cli.asks', pack_ref: 'cli', label: 'Asks', version: '1', param_schema: {}, out_schema: {} },
      definition: {
        tasks: [
          {
            ...{ name: 'ask', action: 'core.ask' },
            input: { prompt: 'Delete the logs?', response_schema: schema },
            next: [{ publish: { said: '{{ result().response }}' } }],
          },
        ],
        vars: { said: null },
        output_map: { said: '{{ workflow.said }}' },
      },
    });
    const { stdout: id } = await attune(['run', 'cli.asks', '--detach']);
    await expect
      .poll(async () => JSON.parse((await attune(['inbox', '--json'])).stdout) as object[], {
        timeout: 30_000,
      })
      .toHaveLength(1);
    const [asked] = JSON.parse((await attune(['inbox', '--json'])).stdout) as { id: number }[];
    expect((await attune(['inbox'])).stdout).toContain('Delete the logs?');
    const bad = await attune(['approve', String(asked?.id), 'days:="many"']);
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain('days');
    const { code } = await attune(['approve', String(asked?.id), 'days=3', '--comment', 'old ones']);
    expect(code).toBe(0);
    const { stdout } = await attune(['executions', 'follow', id.trim()]);
    expect(JSON.parse(stdout)).toEqual({ said: { approved: true, days: 3 } });
    const late = await attune(['reject', String(asked?.id)]);
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining(admin.login)]);
  });

  test('keeps keys, whose values come from stdin', async () => {
    await signIn();
    expect((await attune(['keys', 'set', 'cli.password'], 'hunter2\n')).code).toBe(0);
    expect((await attune(['keys', 'get', 'cli.password'])).stdout).toBe('hunter2\n');
    expect((await attune(['keys', 'list'])).stdout).not.toContain('hunter2');
    expect(
      (await attune(['keys', 'set', 'cli.password', '--json-value', '--no-encrypted'], '{"a": [1]}')).code,
    ).toBe(0);
    expect(JSON.parse((await attune(['keys', 'get', 'cli.password'])).stdout)).toEqual({ a: [1] });
    expect((await attune(['keys', 'delete', 'cli.password'])).code).toBe(0);
    expect((await attune(['keys', 'get', 'cli.password'])).code).toBe(1);
  });

  test('installs a pack from a folder, exports it, and another tenant installs that', async ({ baseURL }) => {
    await signIn();
    const pack = path.join(folder, 'pack');
    await mkdir(path.join(pack, 'actions'), { recursive: true });
    await writeFile(path.join(pack, 'pack.yaml'), 'ref: carried\nlabel: Carried\nversion: 2.0.0\n');
    await writeFile(path.join(pack, 'actions/hi.yaml'), '# hi\nname: hi\nentry_point: hi.sh\ncolour: red\n');
    await writeFile(path.join(pack, 'actions/hi.sh'), 'echo hi\n');
    const installed = await attune(['packs', 'install', pack]);
    expect([installed.code, installed.stdout]).toEqual([0, 'Installed carried 2.0.0.\n']);
    expect(installed.stderr).toContain('actions/hi.yaml:4 unknown key colour');
    const archive = path.join(folder, 'carried.tar.gz');
    expect((await attune(['packs', 'export', 'carried', archive])).code).toBe(0);

    const other = await (await Api.open(baseURL ?? '')).registerTenant('cli-other');
    const token = await other.made(`/identities/${other.userId}/integration-tokens`, {
      label: 'cli',
      description: '',
    });
    const env = {
      ATTUNE_TOKEN: String((token as { token?: unknown }).token),
      ATTUNE_CONFIG_DIR: path.join(folder, 'none'),
    };
    expect((await attune(['packs', 'import', archive], '', env)).code).toBe(0);
    expect((await attune(['run', 'carried.hi'], '', env)).stdout).toBe('hi\n');
    expect((await attune(['packs', 'remove', 'carried'], '', env)).code).toBe(0);
    expect((await attune(['packs', 'list', '--json'], '', env)).stdout).not.toContain('carried');
    await other.close();
  });

  test('completes its commands in bash', async () => {
    const { stdout } = await attune(['completion']);
    expect(stdout).toContain('complete');
    const offered = await attune(['--get-yargs-completions', 'attune', 'exec']);
    expect(offered.stdout).toContain('executions');
  });
});
