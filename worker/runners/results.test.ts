import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attempt, openTestHost, starts, type TestHost } from './attempt-fixture';

/** What an action gives back by its result file, and the modules that help it to. */

let host: TestHost;
beforeAll(async () => void (host = await openTestHost()));
afterAll(() => host.remove());

describe('a result file', () => {
  test('is the data, apart from what is printed', async () => {
    const { outcome } = await attempt(host, {
      code: `echo '{"a": 1}'; echo '{"b": 2}' > "$ATTUNE_RESULT_FILE"`,
    });
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: '{"a": 1}\n', data: { b: 2 } } });
  });

  test('may be in the format that the action declares', async () => {
    const yaml = await attempt(host, { outputFormat: 'yaml', code: 'echo "a: [1]" > "$ATTUNE_RESULT_FILE"' });
    expect(yaml.outcome?.result['data']).toEqual({ a: [1] });
    const lines = await attempt(host, {
      outputFormat: 'jsonl',
      code: `printf '1\\n2\\n' > "$ATTUNE_RESULT_FILE"`,
    });
    expect(lines.outcome?.result['data']).toEqual([1, 2]);
  });

  test.each([
    ['a link', 'ln -s /etc/hostname "$ATTUNE_RESULT_FILE"', /not a regular file/],
    ['a second name of a file', 'echo 1 > x; ln x "$ATTUNE_RESULT_FILE"', /not a regular file/],
    ['a folder', 'mkdir "$ATTUNE_RESULT_FILE"', /not a regular file/],
    ['a pipe', 'mkfifo "$ATTUNE_RESULT_FILE"', /not a regular file/],
    [
      'beyond 1 MB',
      'head -c 1048577 /dev/zero | tr "\\0" 1 > "$ATTUNE_RESULT_FILE"',
      /1048577 bytes; at most 1 MB/,
    ],
    ['no JSON', 'echo oops > "$ATTUNE_RESULT_FILE"', /can't be read as JSON/],
  ])('that is %s fails the execution with the reason', async (_, code, error) => {
    const { outcome } = await attempt(host, { code });
    expect(outcome).toMatchObject({ state: 'failed', error: expect.stringMatching(error) });
  });
});

describe.each(starts)('the attune module of Python, started %s,', (start) => {
  const python = (code: string, more = {}) =>
    attempt(host.started(start), { runtime: 'python', code, ...more });

  test('reads the parameters, logs, and leaves a result', async () => {
    const code = `import attune
attune.log("begun")
attune.logger.warning("n is %s", attune.parameters()["n"])
attune.result({"n": attune.parameters()["n"] + 1, "id": attune.execution_id, "attempt": attune.attempt})`;
    for (const parameterDelivery of ['stdin', 'file']) {
      const { outcome } = await python(code, { parameters: { n: 1 }, attempt: 2, parameterDelivery });
      expect(outcome).toMatchObject({
        state: 'completed',
        result: { stdout: '', stderr: 'INFO begun\nWARNING n is 1\n', data: { n: 2, attempt: 2 } },
      });
    }
  });

  test('stands beside run(): what is returned counts, else what was left', async () => {
    const parameters = { n: 5 };
    const left = await python(
      'import attune\ndef run(n):\n    attune.result([n, attune.parameters()["n"]])',
      { parameters },
    );
    expect(left.outcome?.result['data']).toEqual([5, 5]);
    const returned = await python(
      'import attune\nx = attune.parameters()\ndef run(n):\n    attune.result(1)\n    return n',
      {
        parameters,
      },
    );
    expect(returned.outcome?.result['data']).toBe(5);
  });
});

describe.each(starts)('the attune module of Node, started %s,', (start) => {
  const nodejs = (code: string, more = {}) =>
    attempt(host.started(start), { runtime: 'nodejs', code, ...more });

  test.each([
    ['an ES module', "import { log, logger, parameters, result } from 'attune';"],
    ['CommonJS', "const { log, logger, parameters, result } = require('attune');"],
  ])('reads the parameters, logs, and leaves a result in %s', async (_, head) => {
    const code = `${head}
log('begun'); logger.warn('n is', parameters().n);
result({ n: parameters().n + 1 });`;
    for (const parameterDelivery of ['stdin', 'file']) {
      const { outcome } = await nodejs(code, { parameters: { n: 1 }, parameterDelivery });
      expect(outcome).toMatchObject({
        state: 'completed',
        result: { stdout: '', stderr: 'INFO begun\nWARNING n is 1\n', data: { n: 2 } },
      });
    }
  });

  test('stands beside run(): what is returned counts, else what was left', async () => {
    const head = "import * as attune from 'attune';\n";
    const left = await nodejs(
      `${head}export async function run({ n }) { attune.result([n, attune.parameters().n]); }`,
      {
        parameters: { n: 5 },
      },
    );
    expect(left.outcome?.error).toBeNull();
    expect(left.outcome?.result['data']).toEqual([5, 5]);
    const returned = await nodejs(`${head}export function run({ n }) { attune.result(1); return n; }`, {
      parameters: { n: 5 },
    });
    expect(returned.outcome?.result['data']).toBe(5);
  });
});
