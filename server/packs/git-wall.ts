import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { invalid } from '@/engine/errors';
import { env, startedWith } from '../env';
import { AddressWall } from '../http/address-wall';

/** Where a repository lies, as far as git goes over a network for it. */
export interface Remote {
  scheme: 'https' | 'ssh';
  host: string;
  port: number;
}

/** `https://…`, `ssh://…` and ssh's short form `user@host:path`; null for what lies on this machine. */
export function toRemote(url: string): Remote | null {
  const short = /^(?:[\w.-]+@)?(\[[\da-f:]+\]|[\w.-]+):(?!\/\/)/i.exec(url);
  if (short?.[1]) return { scheme: 'ssh', host: bare(short[1]), port: 22 };
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  if (protocol === 'https:') return { scheme: 'https', host: bare(hostname), port: Number(port || 443) };
  return protocol === 'ssh:' ? { scheme: 'ssh', host: bare(hostname), port: Number(port || 22) } : null;
}

const bare = (host: string) => host.replace(/^\[|\]$/g, '');

/** Whether git asks a proxy of the operator's, who decides then where it may go. */
function goesByProxy({ scheme, host }: Remote): boolean {
  const { HTTPS_PROXY, https_proxy: lower, NO_PROXY, no_proxy: noLower } = startedWith();
  if (scheme !== 'https' || !(HTTPS_PROXY || lower)) return false;
  const direct = (NO_PROXY || noLower || '').split(',').map((name) => name.trim().replace(/^\./, ''));
  return !direct.some((name) => name === '*' || host === name || (name !== '' && host.endsWith(`.${name}`)));
}

/**
 * What holds git to an address that was checked: public ones, and those of ATTUNE_HTTP_ALLOW. A name cannot change its mind
 * between the check and the connection, and no redirect leads elsewhere.
 * @throws DomainError address_refused, and git_failed for a name that nobody knows
 */
export async function holdToAddress(url: string): Promise<{ options: string[]; ssh: string[] }> {
  const options = ['-c', 'http.followRedirects=false'];
  const remote = toRemote(url);
  if (remote === null || goesByProxy(remote)) return { options, ssh: [] };
  const { scheme, host, port } = remote;
  const refuse = (message: string, code: string) => invalid(message, [{ path: 'url', message }], code);
  // It becomes part of a command line that git gives to a shell.
  if (!/^[\w.:-]+$/.test(host)) throw refuse(`${host} is no name of a host.`, 'git_failed');
  const wall = new AddressWall(env().ATTUNE_HTTP_ALLOW);
  const addresses = isIP(host)
    ? [host]
    : (await lookup(host, { all: true }).catch(() => [])).map(({ address }) => address);
  if (addresses.length === 0) throw refuse(`Nobody knows the host ${host}.`, 'git_failed');
  const address = addresses.find((each) => wall.allows(host, each));
  if (address === undefined) {
    throw refuse(
      `${host} is not at a public address, so it was not asked. The operator can list it in ATTUNE_HTTP_ALLOW.`,
      'address_refused',
    );
  }
  if (scheme === 'ssh')
    return {
      options,
      ssh: ['-o', `HostName=${address}`, '-o', `HostKeyAlias=${host}`, '-o', 'ProxyCommand=none'],
    };
  const shown = address.includes(':') ? `[${address}]` : address;
  return { options: [...options, '-c', `http.curloptResolve=${host}:${port}:${shown}`], ssh: [] };
}
