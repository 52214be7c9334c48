import { expect, scenario } from './scenario';
import { childrenOf } from './spans';

interface Result {
  succeeded: boolean;
  exit_code: number | null;
  stdout: string;
  stderr: string;
  error: string | null;
}

scenario.describe('actions', () => {
  scenario(
    'T1.8 a failing action keeps its exit code, output and message, and is tried once',
    async ({ studio }) => {
      const action = await studio.createAction('fails', {
        runtime: 'shell',
        code: 'echo working; echo "no such disk" >&2; exit 3',
      });
      const id = await studio.run(action);
      const ended = await studio.ended<Result>(id);
      expect(ended).toMatchObject({
        state: 'failed',
        attempt: 1,
        error: 'exited with code 3: no such disk',
        result: {
          succeeded: false,
          exit_code: 3,
          stdout: 'working\n',
          stderr: 'no such disk\n',
          error: 'exited with code 3: no such disk',
        },
      });
      expect(await studio.log(id)).toMatchObject({ stdout: 'working\n', stderr: 'no such disk\n' });

      // In a workflow without a policy it is tried once too, and the worker goes on with the next thing.
      const run = await studio.run(
        await studio.publishWorkflow('once', `tasks:\n  - { name: only, action: ${action} }\n`),
      );
      expect((await studio.ended(run)).state).toBe('failed');
      expect(childrenOf(await studio.tree(run), run, 'only')).toHaveLength(1);
      const fine = await studio.createAction('fine', { runtime: 'shell', code: 'echo fine' });
      expect(await studio.ended<Result>(await studio.run(fine))).toMatchObject({
        state: 'completed',
        workerName: ended.workerName,
        result: { stdout: 'fine\n' },
      });
    },
  );

  scenario(
    'T3.13 parameters that do not fit end the execution before any worker, with which and why',
    async ({ studio }) => {
      const action = await studio.createAction('typed', {
        runtime: 'shell',
        code: 'echo ran',
        parameters: {
          count: { type: 'integer', minimum: 1, required: true },
          color: { type: 'string', enum: ['red', 'blue'] },
        },
      });
      const cases: [object, RegExp][] = [
        [{}, /count/],
        [{ count: 'two' }, /count must be/],
        [{ count: 0 }, /count/],
        [{ count: 1, color: 'green' }, /color/],
      ];
      for (const [parameters, error] of cases) {
        const id = await studio.run(action, parameters as { [name: string]: string });
        const ended = await studio.ended<Result>(id);
        expect(ended).toMatchObject({ state: 'failed', startedAt: null, workerName: null });
        expect(ended.error).toMatch(error);
        expect(ended.result.error).toMatch(error);
        expect((await studio.log(id)).stdout).toBe('');
      }
    },
  );

  scenario(
    'T3.17 a container action is refused with what to install where nothing can run it',
    async ({ studio }) => {
      const action = await studio.createAction('boxed', {
        runtime: 'container',
        code: 'image: docker.io/library/alpine:3.22\ncommand: [echo, hello]\nmemory: 64m\nnetwork: none\n',
      });
      const ended = await studio.ended<Result>(await studio.run(action), 180);
      if (ended.state === 'completed') expect(ended.result.stdout).toBe('hello\n');
      else expect(ended.error).toMatch(/neither docker nor podman answers here\. Install one of them/);
    },
  );
});
