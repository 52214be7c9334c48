import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../host';
import { keptBytes } from '../sandbox/output';
import { attempt, openTestHost, textOf } from './attempt-fixture';

/** What an action may do with its secrets, and what is kept of it. */

let host: Host & { remove: () => Promise<void> };
beforeAll(async () => void (host = await openTestHost()));
afterAll(() => host.remove());

const token = 'canary-7f3a9c';
const mask = '********';
const secrets = [token];
const run = (action: Parameters<typeof attempt>[1]) =>
  attempt(host, { parameters: { token }, ...action }, { secrets });

describe('an action that shows its secret', () => {
  test('in pieces, on both streams, in base64, and as its last words leaves masks', async () => {
    const { outcome, log } = await run({
      code: `printf '%s' "\${token:0:6}"; sleep 0.3; printf '%s\\n' "\${token:6}"
        printf %s "user:$token" | base64
        echo "broke with $token" >&2; exit 3`,
    });
    const base64 = Buffer.from(`user:${token}`).toString('base64');
    const everything = JSON.stringify([outcome, log]);
    expect(everything).not.toContain(token);
    expect(everything).not.toContain(base64.slice(8));
    expect(textOf(log)).toMatch(/^\*{8}\n\S*\*{8}\S*\n$/);
    expect(outcome).toMatchObject({
      state: 'failed',
      error: `exited with code 3: broke with ${mask}`,
      result: { stderr: `broke with ${mask}\n` },
    });
  });

  test('as data is read as data first', async () => {
    const { outcome } = await run({
      runtime: 'shell',
      outputFormat: 'json',
      code: `cat - >/dev/null; printf '{"said": "%s!", "n": 12, "list": [{"%s": 1}]}' "$token" "$token"`,
    });
    expect(outcome).toMatchObject({
      state: 'completed',
      result: { data: { said: `${mask}!`, n: 12, list: [{ [mask]: 1 }] } },
    });
  });

  test('that is a number is still readable JSON', async () => {
    const { outcome } = await attempt(
      host,
      { parameters: { pin: 471_199 }, outputFormat: 'json', code: 'cat' },
      { secrets: ['471199'] },
    );
    expect(outcome?.result).toMatchObject({ stdout: `{"pin":${mask}}\n`, data: { pin: mask }, error: null });
  });

  test.each([
    ['json', `printf 'x%.0s' {1..74}; printf '%s' "$token"`],
    ['jsonl', `printf 'x%.0s' {1..74}; printf '%s' "$token"`],
    ['yaml', `printf '%s: [' "$token"`],
  ] as const)('in output that is not %s is not quoted in part either', async (outputFormat, code) => {
    const { outcome } = await run({ outputFormat, code });
    expect(outcome?.state).toBe('failed');
    for (let length = 5; length <= token.length; length += 1)
      expect(JSON.stringify(outcome)).not.toContain(token.slice(0, length));
  });

  test('in a result file is masked, and not quoted when the file is broken', async () => {
    const write = (text: string) => run({ code: `printf '${text}' "$token" > "$HOME/result.json"` });
    expect((await write('{"a": "%s"}')).outcome?.result).toMatchObject({ data: { a: mask } });
    const { outcome } = await write('%s');
    expect(outcome).toMatchObject({
      state: 'failed',
      error: "The result can't be read as JSON: it is not JSON.",
    });
  });

  test('across the place where the output is cut leaves no beginning of it', async () => {
    const { log } = await run({ code: `head -c ${keptBytes - 8} /dev/zero | tr '\\0' x; echo "$token"` });
    expect(textOf(log).slice(-60)).toMatch(/x\*{8}\n\[output cut at 10 MB\]\n$/);
  });
});
