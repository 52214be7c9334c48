import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError, invalid } from '@/engine/errors';
import { startedWith } from '../env';
import { archiveLimits } from './archive';
import { holdToAddress } from './git-wall';

const limitMs = 60_000;

/** Nothing of ours, and nothing that makes git run a program of the repository. */
function environment(home: string, ssh: readonly string[]): NodeJS.ProcessEnv {
  const kept = [
    'PATH',
    'HTTPS_PROXY',
    'https_proxy',
    'NO_PROXY',
    'no_proxy',
    'GIT_SSL_CAINFO',
    'SSL_CERT_FILE',
    'SSH_AUTH_SOCK',
  ];
  return Object.assign({} as NodeJS.ProcessEnv, {
    ...Object.fromEntries(Object.entries(startedWith()).filter(([name]) => kept.includes(name))),
    HOME: home,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ALLOW_PROTOCOL: 'https:ssh:file',
    GIT_SSH_COMMAND: ['ssh', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', ...ssh].join(' '),
    GIT_LFS_SKIP_SMUDGE: '1',
  });
}

/**
 * The files of a repository at a branch, tag or commit, as a tar, without a working tree: no hook, filter or submodule
 * of it is ever looked at. @param ref (Default: the repository's HEAD)
 * @throws DomainError invalid with what git said, address_refused for a host that is not public
 */
export async function fetchRepository(url: string, ref: string): Promise<Buffer> {
  const held = await holdToAddress(url);
  const home = await mkdtemp(join(tmpdir(), 'attune-git-'));
  const git = (args: readonly string[]) => runGit(home, args, held.ssh);
  try {
    await git(['init', '--quiet', '--bare', '--template=', 'repository']);
    await git([
      '-C',
      'repository',
      '-c',
      'protocol.ext.allow=never',
      ...held.options,
      'fetch',
      '--quiet',
      '--depth=1',
      '--no-tags',
      '--no-recurse-submodules',
      '--',
      url,
      ref === '' ? 'HEAD' : ref,
    ]);
    return await git(['-C', 'repository', 'archive', '--format=tar', 'FETCH_HEAD']);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function runGit(home: string, args: readonly string[], ssh: readonly string[]): Promise<Buffer> {
  const options = {
    cwd: home,
    env: environment(home, ssh),
    timeout: limitMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: archiveLimits.unpackedBytes,
    encoding: 'buffer' as const,
  };
  return new Promise((resolve, reject) => {
    execFile('git', [...args], options, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        return reject(
          new DomainError(
            'unavailable',
            'no_git',
            'This server has no git. Install it, or upload the pack as tar.gz.',
          ),
        );
      const said = stderr.toString('utf8').trim().split('\n').at(-1)?.slice(0, 300) ?? '';
      const reason = error.killed ? `git was not done within ${limitMs / 1000} s` : said || error.message;
      reject(
        invalid(
          `The repository could not be read: ${reason}.`,
          [{ path: 'url', message: reason }],
          'git_failed',
        ),
      );
    });
  });
}
