import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ContainerSpec } from '@/server/actions/container-spec';
import type { Host } from '../host';
import { monotonicMs } from '../monotonic';
import { Output } from '../sandbox/output';
import type { RunningProcess } from '../sandbox/run-process';
import { claimOf, openTestHost } from './attempt-fixture';
import { runContainer, toContainerCommand, toEnvironmentFile, type ContainerClaim } from './container';

let host: Host & { remove: () => Promise<void> };
let folder: string;
beforeAll(async () => {
  host = await openTestHost();
  folder = await mkdtemp(join(tmpdir(), 'attune-containers-'));
});
afterAll(async () => {
  await host.remove();
  await rm(folder, { recursive: true });
});

const code = 'image: alpine:3.22\ncommand: [sh, -c, cat]\nenv: { COLOR: red }\n';
async function run(
  on: Host,
  more: Partial<ContainerClaim> = {},
  onStart: (running: RunningProcess) => void = () => {},
) {
  const output = new Output(
    async () => {},
    1,
    (error) => {
      throw error;
    },
  );
  const claim: ContainerClaim = {
    ...claimOf({ code, parameters: { token: 'canary-88' }, ...more }),
    runtime: 'container',
  };
  return { outcome: await runContainer(on, claim, output, onStart), claim };
}

/** A program that stands where docker would: it notes how it was called and does as the script says. */
async function hostWith(script: string): Promise<{ on: Host; calls: () => Promise<string> }> {
  const path = join(folder, `docker-${monotonicMs()}`);
  await writeFile(path, `#!/bin/sh\necho "$@" >> "$0.calls"\n[ "$1" = run ] || exit 0\n${script}\n`);
  await chmod(path, 0o755);
  return {
    on: { ...host, containers: { path, version: 'docker 0' } },
    calls: () => readFile(`${path}.calls`, 'utf8'),
  };
}

describe('a container action', () => {
  test('T3.17 fails with what to install where nothing can start containers', async () => {
    const { outcome } = await run({ ...host, containers: null });
    expect(outcome).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/neither docker nor podman answers here\. Install one of them/),
      result: { exit_code: null },
    });
  });

  test('is started without privileges, within limits, and removed after: by this command', () => {
    const spec = ContainerSpec.parse({
      image: 'registry.example:5000/team/tool@sha256:00ff',
      command: ['run', '--fast'],
      memory: '64m',
      cpus: 0.5,
      pids: 20,
      network: 'none',
    });
    expect(
      toContainerCommand('/usr/bin/docker', spec, {
        name: 'attune-7-1',
        environmentFile: '/run/7/environment',
        artifactsFolder: '/a',
      }),
    ).toEqual([
      '/usr/bin/docker',
      'run',
      '--rm',
      '--interactive',
      '--init',
      '--name=attune-7-1',
      '--pull=missing',
      '--cap-drop=ALL',
      '--security-opt=no-new-privileges',
      '--memory=67108864b',
      '--memory-swap=67108864b',
      '--cpus=0.5',
      '--pids-limit=20',
      '--log-driver=none',
      '--network=none',
      '--env-file=/run/7/environment',
      '--volume=/a:/attune/artifacts',
      'registry.example:5000/team/tool@sha256:00ff',
      'run',
      '--fast',
    ]);
  });

  test.each(['--privileged', '-v/:/host', 'alpine latest', ''])(
    'takes no image that is none: %j',
    (image) => {
      expect(ContainerSpec.safeParse({ image }).success).toBe(false);
    },
  );

  test('has its context and what it declares for variables, and cannot replace the context', () => {
    const spec = ContainerSpec.parse({
      image: 'a',
      env: { COLOR: 'red', N: 2, ATTUNE_ACTION: 'x', LD_PRELOAD: '/x' },
    });
    expect(toEnvironmentFile({ ATTUNE_ACTION: 'tests.action' }, spec)).toBe(
      'COLOR=red\nN=2\nATTUNE_ACTION=tests.action\n',
    );
  });

  test('gets its parameters on stdin; they are in no command line and no file of variables', async () => {
    const { on, calls } = await hostWith(
      `for last; do case $last in --env-file=*) cat "\${last#*=}" >&2 ;; esac; done; cat; exit 3`,
    );
    const { outcome, claim } = await run(on, { attempt: 2 });
    expect(outcome).toMatchObject({
      state: 'failed',
      result: { exit_code: 3, stdout: '{"token":"canary-88"}\n', data: { token: 'canary-88' } },
    });
    const variables = String(outcome?.result['stderr']).split('\n');
    expect(variables).toEqual(
      expect.arrayContaining([
        'COLOR=red',
        `ATTUNE_EXEC_ID=${claim.executionId}`,
        'ATTUNE_ATTEMPT=2',
        'ATTUNE_ARTIFACTS_DIR=/attune/artifacts',
      ]),
    );
    expect(`${variables.join('\n')}${await calls()}`).not.toContain('canary-88');
  });

  test('stays within the limits of its action and of the worker, whatever it declares', async () => {
    const { on, calls } = await hostWith('cat');
    await run(on, { limits: { memory_mb: 64, processes: 12, cpu: 0.25, network: 'off' } });
    for (const bound of ['--memory=67108864b', '--pids-limit=12', '--cpus=0.25', '--network=none'])
      expect(await calls()).toContain(bound);
    const { outcome } = await run(on, { limits: { processes: 1_000_000 } });
    expect(outcome).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('ATTUNE_ACTION_PROCESSES_MAX'),
    });
  });

  test('that runs out of time is asked to end, and removed though its daemon would go on with it', async () => {
    const { on, calls } = await hostWith('trap "echo asked; exit 143" TERM; sleep 100 & wait');
    const { outcome, claim } = await run({ ...on, graceMs: 300 }, { timeoutSeconds: 0.5 });
    expect(outcome).toMatchObject({ state: 'timeout', result: { stdout: 'asked\n' } });
    expect(await calls()).toMatch(new RegExp(`rm --force attune-${claim.executionId}-1\n$`));
  });

  test('whose lease is lost is removed and says nothing', async () => {
    const { on, calls } = await hostWith('exec sleep 100');
    const { outcome, claim } = await run(on, {}, (running) => running.stop('lost'));
    expect(outcome).toBeNull();
    expect(await calls()).toContain(`rm --force attune-${claim.executionId}-1`);
  });
});
