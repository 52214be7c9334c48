import { mkdtemp, mkdir, readFile, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attempt, openTestHost, starts, type Start, type TestHost } from './attempt-fixture';

let host: TestHost;
let pack: string;
beforeAll(async () => {
  host = await openTestHost();
  // Below a folder that no other user may enter, as a clone in somebody's home is.
  pack = join(await mkdtemp(join(tmpdir(), 'attune-closed-')), 'pack');
  await mkdir(join(pack, 'actions'), { recursive: true });
  await writeFile(join(pack, 'actions/helper.py'), 'GREETING = "hello"\n');
  await writeFile(
    join(pack, 'actions/greet.py'),
    'from helper import GREETING\ndef run(name):\n    return {"text": f"{GREETING} {name}"}\n',
  );
  await writeFile(
    join(pack, 'greet.mjs'),
    'export async function run({ name }) { return { text: `hi ${name}` }; }\n',
  );
  await chmod(join(pack, '..'), 0o700);
});
afterAll(async () => {
  await rm(join(pack, '..'), { recursive: true, force: true });
  await host.remove();
});

const runsIn =
  (start: Start, runtime: 'python' | 'nodejs') =>
  (code: string, parameters = {}, more = {}) =>
    attempt(host.started(start), { runtime, code, parameters, ...more });

describe.each(starts)('a Python action, started %s,', (start) => {
  const python = runsIn(start, 'python');

  test('may be a script that reads stdin', async () => {
    const { outcome } = await python('import json, sys\nprint(json.load(sys.stdin)["n"] + 1)', { n: 41 });
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: '42\n', data: null } });
  });

  test('may be a module whose run(**params) gives the data, apart from what it prints', async () => {
    const { outcome } = await python(
      'def run(n, **rest):\n    print("working")\n    return {"n": n + 1, "rest": rest}',
      { n: 1, x: [2] },
    );
    expect(outcome?.result).toMatchObject({ stdout: 'working\n', data: { n: 2, rest: { x: [2] } } });
  });

  test('may be a module whose main(params) gives the data, async too', async () => {
    const { outcome } = await python('async def main(params):\n    return [params["n"]]', { n: 7 });
    expect(outcome?.result['data']).toEqual([7]);
  });

  test('with a __main__ guard or a call of its own is a script', async () => {
    const guarded = await python('def main():\n    print("once")\nif __name__ == "__main__":\n    main()');
    expect(guarded.outcome?.result).toMatchObject({ stdout: 'once\n', exit_code: 0 });
    const called = await python('import sys\ndef run():\n    print("once")\n    return 4\nsys.exit(run())');
    expect(called.outcome?.result).toMatchObject({ stdout: 'once\n', exit_code: 4 });
  });

  test('shows a traceback that begins in the action', async () => {
    const { outcome } = await python('def run():\n    raise ValueError("bad region")');
    expect(outcome?.error).toBe('exited with code 1: ValueError: bad region');
    expect(outcome?.result['stderr']).toMatch(
      /^Traceback \(most recent call last\):\n {2}File ".*action\.py", line 2, in run/,
    );
    expect(outcome?.result['stderr']).not.toContain('runners/python.py');
  });

  test('that does not parse says where', async () => {
    const { outcome } = await python('def run(:\n    pass');
    expect(outcome?.state).toBe('failed');
    expect(outcome?.result['stderr']).toMatch(/action\.py", line 1/);
    expect(outcome?.error).toMatch(/SyntaxError/);
  });

  test('of a pack in a folder closed to others runs, with the modules beside it', async () => {
    const { outcome } = await attempt(host.started(start), {
      runtime: 'python',
      entrypoint: 'greet.py',
      packPath: pack,
      parameters: { name: 'Ada' },
    });
    expect(outcome?.error).toBeNull();
    expect(outcome?.result['data']).toEqual({ text: 'hello Ada' });
  });

  test('that the database holds too is run from its file, where it finds what lies beside it, while both say the same', async () => {
    const file = await readFile(join(pack, 'actions/greet.py'), 'utf8');
    const action = {
      runtime: 'python',
      entrypoint: 'greet.py',
      packPath: pack,
      parameters: { name: 'Ada' },
    } as const;
    const same = await attempt(host.started(start), { ...action, code: file });
    expect(same.outcome?.result['data']).toEqual({ text: 'hello Ada' });
    const edited = await attempt(host.started(start), {
      ...action,
      code: 'def run(name):\n    return "edited"',
    });
    expect(edited.outcome?.result['data']).toBe('edited');
  });

  test('streams what it prints before it ends', async () => {
    let earlyAt = Infinity;
    await attempt(
      host.started(start),
      { runtime: 'python', code: 'import time\nprint("early")\ntime.sleep(1.5)' },
      {
        write: async (chunks) => {
          if (chunks.some((chunk) => chunk.content.includes('early'))) earlyAt = performance.now();
        },
      },
    );
    expect(performance.now() - earlyAt).toBeGreaterThan(300);
  });
});

describe.each(starts)('a Node action, started %s,', (start) => {
  const nodejs = runsIn(start, 'nodejs');

  test('may be a CommonJS script', async () => {
    const { outcome } = await nodejs("console.log(JSON.parse(require('fs').readFileSync(0, 'utf8')).n * 2)", {
      n: 21,
    });
    expect(outcome?.result).toMatchObject({ stdout: '42\n', stderr: '' });
  });

  test('may be an ES module script with top-level await', async () => {
    const { outcome } = await nodejs(
      "import fs from 'node:fs';\nconst p = await Promise.resolve(JSON.parse(fs.readFileSync(0, 'utf8')));\nconsole.log(p.n);",
      { n: 5 },
    );
    expect(outcome?.result).toMatchObject({ stdout: '5\n', stderr: '' });
  });

  test.each([
    [
      'export async function',
      'export async function run(p) { console.log("working"); return { n: p.n + 1 }; }',
    ],
    ['exports.run', 'exports.run = async (p) => { console.log("working"); return { n: p.n + 1 }; };'],
    [
      'module.exports = { run }',
      'async function run(p) { console.log("working"); return { n: p.n + 1 }; }\nmodule.exports = { run };',
    ],
    [
      'export { run }',
      'const run = (p) => { console.log("working"); return { n: p.n + 1 }; };\nexport { run };',
    ],
  ])('may export run(params): %s', async (_, code) => {
    const { outcome } = await nodejs(code, { n: 1 });
    expect(outcome).toMatchObject({ state: 'completed', result: { stdout: 'working\n', data: { n: 2 } } });
  });

  test('of a pack in a folder closed to others runs', async () => {
    const { outcome } = await attempt(host.started(start), {
      runtime: 'nodejs',
      entrypoint: 'greet.mjs',
      packPath: pack,
      parameters: { name: 'Ada' },
    });
    expect(outcome?.result['data']).toEqual({ text: 'hi Ada' });
  });

  test('whose promise is rejected fails with the error', async () => {
    const { outcome } = await nodejs('export async function run() { throw new Error("bad region"); }');
    expect(outcome?.state).toBe('failed');
    expect(outcome?.result['stderr']).toContain('Error: bad region');
  });
});

describe('what is read from the output', () => {
  test('malformed JSON of a declared format fails and says so; of none it stays text', async () => {
    const code = 'echo "{not json"';
    const declared = await attempt(host, { code, outputFormat: 'json' });
    expect(declared.outcome).toMatchObject({
      state: 'failed',
      result: { stdout: '{not json\n', exit_code: 0 },
    });
    expect(declared.outcome?.error).toMatch(
      /not JSON, as the action's output format says: it ends with: \{not json/,
    );
    expect((await attempt(host, { code })).outcome).toMatchObject({
      state: 'completed',
      result: { data: null },
    });
  });

  test('a result that does not fit its schema fails and names the field', async () => {
    const outSchema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } };
    const { outcome } = await attempt(host, { code: `echo '{"n":"x"}'`, outputFormat: 'json', outSchema });
    expect(outcome?.error).toMatch(/output schema: n must be an integer/);
  });

  test('a result file that is a link or too long is refused', async () => {
    if (!host.interpreters.python) return;
    const python = runsIn('cold', 'python');
    const link = await python('import os\nos.symlink("/etc/hostname", os.environ["HOME"] + "/result.json")');
    expect(link.outcome?.error).toMatch(/result file is not a regular file/);
    const long = await python('def run():\n    return "x" * 2_000_000');
    expect(long.outcome?.error).toMatch(/at most 1 MB/);
  });
});
