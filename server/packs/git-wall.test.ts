import { afterEach, describe, expect, it } from 'vitest';
import { env, startedWith } from '../env';
import { holdToAddress, toRemote } from './git-wall';

const settings = { ...env() };
const proxies = ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'] as const;
const started = startedWith() as Record<string, string | undefined>;
const before = Object.fromEntries(proxies.map((name) => [name, started[name]]));
const withoutProxies = () => Object.assign(started, Object.fromEntries(proxies.map((name) => [name, ''])));
afterEach(() => {
  Object.assign(env(), settings);
  for (const name of proxies) {
    started[name] = before[name] ?? '';
  }
});

describe('where a repository lies', () => {
  it.each([
    ['https://example.org/a.git', { scheme: 'https', host: 'example.org', port: 443 }],
    ['https://user:word@example.org:8443/a', { scheme: 'https', host: 'example.org', port: 8443 }],
    ['https://[::1]/a', { scheme: 'https', host: '::1', port: 443 }],
    ['ssh://git@example.org/a', { scheme: 'ssh', host: 'example.org', port: 22 }],
    ['git@example.org:team/a.git', { scheme: 'ssh', host: 'example.org', port: 22 }],
    ['example.org:team/a.git', { scheme: 'ssh', host: 'example.org', port: 22 }],
    ['file:///srv/a', null],
    ['/srv/a', null],
  ])('is read from %s', (url, remote) => {
    expect(toRemote(url)).toEqual(remote);
  });
});

describe('git', () => {
  it('is given no host that a shell would take for more than a name', async () => {
    withoutProxies();
    for (const url of [
      'ssh://a;touch$IFS/tmp/x/a',
      'ssh://$(id)/a',
      "ssh://a'b/a",
      'ssh://-oProxyCommand=x/a',
    ])
      await expect(holdToAddress(url)).rejects.toMatchObject({ code: 'git_failed' });
  });

  it.each([
    'https://127.0.0.1/a.git',
    'https://localhost:8080/a.git',
    'https://169.254.169.254/latest',
    'https://[::1]/a',
    'https://[::ffff:10.0.0.1]/a',
    'https://2130706433/a',
    'ssh://git@10.0.0.7/a',
    'git@192.168.1.1:a.git',
  ])('is not sent to %s', async (url) => {
    withoutProxies();
    await expect(holdToAddress(url)).rejects.toMatchObject({ code: 'address_refused' });
  });

  it('is held to the address that was checked, and follows no redirect', async () => {
    withoutProxies();
    expect(await holdToAddress('https://1.1.1.1/a')).toEqual({
      options: ['-c', 'http.followRedirects=false', '-c', 'http.curloptResolve=1.1.1.1:443:1.1.1.1'],
      ssh: [],
    });
    expect((await holdToAddress('git@1.1.1.1:a')).ssh).toContain('HostName=1.1.1.1');
    Object.assign(env(), { ATTUNE_HTTP_ALLOW: '127.0.0.1' });
    expect((await holdToAddress('https://localhost/a')).options.at(-1)).toBe(
      'http.curloptResolve=localhost:443:127.0.0.1',
    );
  });

  it('leaves what goes by a proxy of the operator to it, and what does not, not', async () => {
    withoutProxies();
    started['HTTPS_PROXY'] = 'http://proxy.example:3128';
    started['NO_PROXY'] = 'localhost,.corp.example';
    expect((await holdToAddress('https://nobody-knows.invalid/a')).options).toEqual([
      '-c',
      'http.followRedirects=false',
    ]);
    await expect(holdToAddress('https://localhost/a')).rejects.toMatchObject({ code: 'address_refused' });
    await expect(holdToAddress('https://git.corp.example/a')).rejects.toMatchObject({ code: 'git_failed' });
  });
});
