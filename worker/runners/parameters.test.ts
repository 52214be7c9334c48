import { parseEnv } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { attempt, openTestHost, type TestHost } from './attempt-fixture';
import { toParameterText } from './parameters';

let host: TestHost;
beforeAll(async () => void (host = await openTestHost()));
afterAll(() => host.remove());

const parameters = {
  region: 'eu west',
  n: 3,
  list: [1, { a: null }],
  text: 'two\nlines',
  flag: true,
  none: null,
};

describe('parameters', () => {
  test('are one compact line of JSON, YAML, or lines of variables', () => {
    expect(toParameterText(parameters, 'json')).toBe(`${JSON.stringify(parameters)}\n`);
    expect(parseYaml(toParameterText(parameters, 'yaml'))).toEqual(parameters);
    expect(parseEnv(toParameterText(parameters, 'dotenv'))).toEqual({
      region: 'eu west',
      n: '3',
      list: '[1,{"a":null}]',
      text: 'two\nlines',
      flag: 'true',
      none: 'null',
    });
  });

  test('as variables are what they were when a shell reads them, whatever is in them', async () => {
    const odd = { name: `it's $HOME \`id\` "q"\n\\`, 'with-dash': 'd', plain: '$(id) "x"' };
    const { outcome } = await attempt(host, {
      code: `. "$ATTUNE_PARAMETER_FILE"; printf '%s|%s|%s' "$name" "$with_dash" "$plain"`,
      parameters: odd,
      parameterDelivery: 'file',
      parameterFormat: 'dotenv',
    });
    expect(outcome?.result['stdout']).toBe(`${odd.name}|d|${odd.plain}`);
  });

  test('that would change how programs run become no variable', () => {
    const dangerous = {
      LD_PRELOAD: '/x',
      NODE_OPTIONS: '-r x',
      PYTHONPATH: '/x',
      BASH_ENV: '/x',
      PATH: '/x',
    };
    expect(toParameterText(dangerous, 'dotenv')).toBe('');
  });

  test('by file come in a file that only its user may read, which is gone afterwards; stdin is empty', async () => {
    const { outcome } = await attempt(host, {
      code: 'cat; echo "$ATTUNE_PARAMETER_FILE"; stat -c "%a %u" "$ATTUNE_PARAMETER_FILE"; id -u; cat "$ATTUNE_PARAMETER_FILE"',
      parameters: { a: 1 },
      parameterDelivery: 'file',
    });
    const [path = '', status = '', uid, text] = String(outcome?.result['stdout']).split('\n');
    expect(path).toMatch(/\/parameters\.json$/);
    expect(status).toBe(`400 ${uid}`);
    expect(text).toBe('{"a":1}');
    const { existsSync } = await import('node:fs');
    expect(existsSync(path)).toBe(false);
  });

  test('on stdin are written in the declared format', async () => {
    const { outcome } = await attempt(host, {
      code: 'cat',
      parameters: { a: [1, 'x'] },
      parameterFormat: 'yaml',
    });
    expect(outcome?.result['stdout']).toBe('a:\n  - 1\n  - x\n');
  });

  test.each([
    ['python', 'cold', 'def run(a):\n    return {"a": a}'],
    ['python', 'warm', 'def run(a):\n    return {"a": a}'],
    ['nodejs', 'cold', 'export const run = ({ a }) => ({ a })'],
    ['nodejs', 'warm', 'export const run = ({ a }) => ({ a })'],
  ] as const)(
    'of an exported run in %s, started %s, arrive whatever the delivery and the format',
    async (runtime, start, code) => {
      for (const parameterDelivery of ['stdin', 'file'] as const)
        for (const parameterFormat of ['json', 'yaml', 'dotenv'] as const) {
          const { outcome } = await attempt(host.started(start), {
            runtime,
            code,
            parameters: { a: [1, 'ä'] },
            parameterDelivery,
            parameterFormat,
          });
          expect(outcome?.result['data']).toEqual({ a: [1, 'ä'] });
        }
    },
  );

  test('are in no environment and no command line, whichever way they come', async () => {
    const code = `seen=0
for f in /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do grep -aq "$(printf 'cana%s' ry-7732)" "$f" 2>/dev/null && seen=1; done
echo "seen $seen"`;
    for (const parameterDelivery of ['stdin', 'file'] as const) {
      const { outcome } = await attempt(host, {
        code,
        parameters: { token: 'canary-7732' },
        parameterDelivery,
      });
      expect(outcome?.result['stdout']).toBe('seen 0\n');
    }
  });
});
