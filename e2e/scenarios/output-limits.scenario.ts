import { expect, scenario } from './scenario';

interface Result {
  stdout: string;
  stderr: string;
  stdout_truncated: boolean;
  stderr_truncated: boolean;
  data: unknown;
}

scenario.describe('output limits', () => {
  scenario(
    'T3.21 a stream is cut at 10 MB with a mark; the execution completes, and the other stream is whole',
    async ({ studio }) => {
      const action = await studio.createAction('floods', {
        runtime: 'shell',
        code: 'head -c 12000000 /dev/zero | tr "\\0" x; echo "and this is all" >&2',
      });
      const id = await studio.run(action);
      const { state, result } = await studio.ended<Result>(id);
      expect(state).toBe('completed');
      expect(result).toMatchObject({
        stdout_truncated: true,
        stderr_truncated: false,
        stderr: 'and this is all\n',
      });
      expect(result.stdout).toMatch(
        /^x+\n\[\d+ characters left out here; the log has them\]\nx+\n\[output cut at 10 MB\]\n$/,
      );
      const { stdout } = await studio.log(id);
      expect(stdout.length).toBe(10 * 2 ** 20 + '\n[output cut at 10 MB]\n'.length);
    },
  );

  scenario('T3.21 every line of both streams is kept, in order', async ({ studio }) => {
    const action = await studio.createAction('lines', {
      runtime: 'shell',
      code: 'seq 1 50000; seq 1 5000 >&2',
    });
    const id = await studio.run(action);
    expect((await studio.ended<Result>(id)).state).toBe('completed');
    const { stdout, stderr } = await studio.log(id);
    const upTo = (last: number) => Array.from({ length: last }, (_, index) => `${index + 1}\n`).join('');
    expect(stdout === upTo(50_000)).toBe(true);
    expect(stderr === upTo(5_000)).toBe(true);
  });

  scenario('T3.21 colours are kept; bytes that are no text are replaced', async ({ studio }) => {
    const action = await studio.createAction('odd_bytes', {
      runtime: 'shell',
      code: `printf '\\033[31mred\\033[0m ä \\377\\376 \\000 end\\n'`,
    });
    const id = await studio.run(action);
    const text = '\u001b[31mred\u001b[0m ä \ufffd\ufffd \ufffd end\n';
    expect((await studio.ended<Result>(id)).result).toMatchObject({ stdout: text, stdout_truncated: false });
    expect((await studio.log(id)).stdout).toBe(text);
  });

  scenario(
    'T3.21 a declared format that does not hold fails clearly; without one it stays text',
    async ({ studio }) => {
      const code = `echo '{"a": 1'`;
      const [json, text] = await Promise.all([
        studio.createAction('says_json', { runtime: 'shell', code, outputFormat: 'json' }),
        studio.createAction('says_nothing', { runtime: 'shell', code }),
      ]);
      expect(await studio.ended(await studio.run(json))).toMatchObject({
        state: 'failed',
        error: expect.stringMatching(/^The output is not JSON, as the action's output format says/),
      });
      expect(await studio.ended<Result>(await studio.run(text))).toMatchObject({
        state: 'completed',
        result: { stdout: '{"a": 1\n', data: null },
      });
    },
  );
});
