import { readdirSync, readFileSync } from 'node:fs';
import { expect, scenario } from './scenario';

/** Environments and command lines of this machine's processes that hold a text. */
function findExposed(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => ['environ', 'cmdline'].map((name) => `/proc/${pid}/${name}`))
    .filter((path) => {
      try {
        return readFileSync(path, 'latin1').includes(text);
      } catch {
        // It has ended, or is not for us to read.
        return false;
      }
    });
}

scenario.describe('secrets', () => {
  for (const parameterDelivery of ['stdin', 'file'] as const)
    scenario(
      `T3.20 a secret parameter by ${parameterDelivery} is in no environment, command line, log or result`,
      async ({ studio }) => {
        const token = `canary-${parameterDelivery}-${Date.now()}`;
        const action = await studio.createAction('holds', {
          runtime: 'shell',
          parameterDelivery,
          code: `[ -n "$token" ] && echo "it has one of \${#token} characters"
cat "\${ATTUNE_PARAMETER_FILE:-/dev/stdin}" | base64 -w0
echo "$token" >&2
echo ready; sleep 3`,
          parameters: { token: { type: 'string', secret: true } },
        });
        const id = await studio.run(action, { token });
        await studio.untilPrinted(id, 'ready');
        expect(findExposed(token)).toEqual([]);
        const execution = await studio.ended<{ stdout: string; stderr: string }>(id);
        expect(execution.state).toBe('completed');
        expect(execution.result.stdout).toContain(`it has one of ${token.length} characters`);
        expect(execution.result.stderr).toBe('********\n');
        const seen = JSON.stringify([execution, await studio.log(id), await studio.changes(id)]);
        expect(seen).not.toContain(token);
        expect(seen).not.toContain(Buffer.from(`{"token":"${token}"}`).toString('base64').slice(0, 24));
      },
    );
});
