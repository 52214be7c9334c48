import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../host';
import { attempt, openTestHost } from './attempt-fixture';
import { toShellVariables } from './shell';

let host: Host & { remove: () => Promise<void> };
beforeAll(async () => void (host = await openTestHost()));
afterAll(() => host.remove());

const shell = (code: string, more: Parameters<typeof attempt>[1] = {}) =>
  attempt(host, { runtime: 'shell', code, ...more });

describe('an inline shell action', () => {
  test('gets its parameters as one compact line of JSON on stdin, closed after it', async () => {
    const parameters = { region: 'eu west', n: 3, list: [1, { a: null }], text: 'two\nlines' };
    const { outcome } = await shell('cat', { parameters });
    expect(outcome?.result['stdout']).toBe(`${JSON.stringify(parameters)}\n`);
    expect(outcome?.result['data']).toEqual(parameters);
  });

  test('can open its input again by name, as a file', async () => {
    const { outcome } = await shell('cat /dev/stdin; cat', { parameters: { a: 'b' } });
    expect(outcome?.result).toMatchObject({ stdout: '{"a":"b"}\n{"a":"b"}\n', stderr: '' });
  });

  test('finds each parameter as a variable: text as it is, all else as JSON', async () => {
    const code = `printf '%s|' "$name" "$flag" "$n" "$list" "$with_dash" "$_1st"`;
    const parameters = {
      name: `it's $HOME \`id\` "q"\n\\`,
      flag: true,
      n: 1.5,
      list: [1, 'a'],
      'with-dash': 'd',
      '1st': 'f',
    };
    const { outcome } = await shell(code, { parameters });
    expect(outcome?.result['stdout']).toBe(`it's $HOME \`id\` "q"\n\\|true|1.5|[1,"a"]|d|f|`);
  });

  test('has its parameters in no environment and no command line', async () => {
    const code = `canary_seen=0
for f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do grep -aq "$(printf 'cana%s' ry-7731)" "$f" 2>/dev/null && echo "found in $f"; done
printenv; bash -c 'echo "child sees: [$token]"'`;
    const { outcome } = await shell(code, { parameters: { token: 'canary-7731' } });
    expect(outcome?.state).toBe('completed');
    expect(outcome?.result['stdout']).not.toContain('canary-7731');
    expect(outcome?.result['stdout']).not.toContain('found in');
    expect(outcome?.result['stdout']).toContain('child sees: []');
  });

  test('cannot have its PATH, its context or its shell changed by a parameter', async () => {
    const parameters = {
      PATH: '/nowhere',
      ATTUNE_EXEC_ID: '0',
      BASH_ENV: '/x',
      UID: '0',
      IFS: 'x',
      LD_PRELOAD: '/x',
    };
    expect(toShellVariables(parameters)).toBe('');
    const { outcome } = await shell('ls / >/dev/null && echo "$ATTUNE_EXEC_ID"', { parameters });
    expect(outcome?.state).toBe('completed');
    expect(outcome?.result['stdout']).not.toBe('0\n');
  });

  test('sees a clean environment: its context, and nothing of the worker', async () => {
    process.env['CANARY_OF_WORKER'] = 'leak';
    const { outcome } = await shell('printenv | sort', {
      ruleRef: 'tests.rule',
      triggerRef: 'tests.hook',
      attempt: 2,
    });
    const names = String(outcome?.result['stdout'])
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0]);
    expect(names).toEqual(
      expect.arrayContaining([
        'ATTUNE_ACTION',
        'ATTUNE_API_URL',
        'ATTUNE_ARTIFACTS_DIR',
        'ATTUNE_ATTEMPT',
        'ATTUNE_EXEC_ID',
        'ATTUNE_IDEMPOTENCY_KEY',
        'ATTUNE_PACK_REF',
        'ATTUNE_RULE',
        'ATTUNE_TRIGGER',
        'HOME',
        'LANG',
        'PATH',
        'TMPDIR',
      ]),
    );
    expect(
      names.filter((name) => !/^(ATTUNE_.*|HOME|LANG|PATH|TMPDIR|PWD|OLDPWD|SHLVL|_)$/.test(name ?? '')),
    ).toEqual([]);
  });

  test('fails with its exit code and the last line that it said', async () => {
    const { outcome } = await shell('echo working; echo "disk is full" >&2; exit 3');
    expect(outcome).toMatchObject({ state: 'failed', error: 'exited with code 3: disk is full' });
    expect(outcome?.result).toMatchObject({
      succeeded: false,
      exit_code: 3,
      stdout: 'working\n',
      stderr: 'disk is full\n',
    });
  });

  test('names the right line in its own errors', async () => {
    const { outcome } = await shell('true\ntrue\nno-such-command-here');
    expect(outcome?.error).toMatch(/action\.sh: line 3: no-such-command-here: command not found/);
  });

  test('keeps files for the next execution of its pack in the artifacts folder', async () => {
    await shell('mkdir -p "$ATTUNE_ARTIFACTS_DIR/deep" && echo one > "$ATTUNE_ARTIFACTS_DIR/deep/notes"');
    const { outcome } = await shell(
      'echo two >> "$ATTUNE_ARTIFACTS_DIR/deep/notes"; cat "$ATTUNE_ARTIFACTS_DIR/deep/notes"',
    );
    expect(outcome?.result['stdout']).toBe('one\ntwo\n');
    const stranger = await shell('ls "$(dirname "$ATTUNE_ARTIFACTS_DIR")/tests/deep"', {
      packRef: 'stranger',
    });
    if (host.users) expect(stranger.outcome?.state).toBe('failed');
  });
});

describe('an action that is a file of its pack', () => {
  test('that is missing fails with the places where it was looked for', async () => {
    const { outcome } = await attempt(host, {
      runtime: 'python',
      entrypoint: 'gone.py',
      packPath: '/usr/share',
    });
    expect(outcome).toMatchObject({ state: 'failed' });
    expect(outcome?.error).toMatch(/its file gone\.py is not there\. Looked for it in \/usr\/share\/actions/);
  });

  test('cannot lead out of its pack', async () => {
    const { outcome } = await attempt(host, {
      runtime: 'python',
      entrypoint: '../../etc/hostname',
      packPath: '/usr/share',
    });
    expect(outcome?.error).toMatch(/leads out of its pack/);
  });

  test('fails with what to install when the worker has no such interpreter', async () => {
    const bare: Host = { ...host, interpreters: { ...host.interpreters, python: null } };
    const { outcome } = await attempt(bare, { runtime: 'python', code: 'pass' });
    expect(outcome).toMatchObject({ state: 'failed' });
    expect(outcome?.error).toMatch(/no python3 .* Install it/);
  });
});
