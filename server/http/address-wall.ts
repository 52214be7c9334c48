import { BlockList, isIP } from 'node:net';
import { addRange, isRange, toList, toPlain } from './address-list';

/** Of IPv4, all that is no unicast address of the public internet (IANA special-purpose registry). */
const closedRanges = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Of IPv6 only this is given out for the public internet ... */
const openRanges6 = ['2000::/3'];
/** ... but for these: tunnels that carry an IPv4 address, addresses for documentation, and those of protocols. */
const closedRanges6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

const closed = toList(closedRanges);
const open6 = toList(openRanges6);
const closed6 = toList(closedRanges6);

/** Whether an address is one of the public internet, for one receiver. */
export function isPublicAddress(address: string): boolean {
  const plain = toPlain(address);
  switch (isIP(plain)) {
    case 4:
      return !closed.check(plain, 'ipv4');
    case 6:
      // An address with a zone (`fe80::1%eth0`) is never public.
      return !plain.includes('%') && open6.check(plain, 'ipv6') && !closed6.check(plain, 'ipv6');
    default:
      return false;
  }
}

/** Which addresses requests may be sent to: public ones, and what the operator lists. */
export class AddressWall {
  private readonly names = new Set<string>();
  private readonly endings: string[] = [];
  private readonly listed = new BlockList();

  /**
   * @param allowed names (`api.internal`, `*.corp.example`), addresses and ranges (`10.1.0.0/16`), separated by commas or spaces
   * @throws Error that names the entry which is none of them
   */
  constructor(allowed: string) {
    for (const entry of allowed.split(/[\s,]+/).filter(Boolean)) this.add(entry);
  }

  private add(entry: string): void {
    const bare = entry.replace(/^\[|\]$/g, '').toLowerCase();
    if (isRange(bare)) addRange(this.listed, bare);
    else if (/^\*\.[a-z\d_-]+(\.[a-z\d_-]+)*\.?$/.test(bare))
      this.endings.push(bare.slice(1).replace(/\.$/, ''));
    else if (/^(?=.*[a-z])[a-z\d_-]+(\.[a-z\d_-]+)*\.?$/.test(bare)) this.names.add(bare.replace(/\.$/, ''));
    else
      throw new Error(`ATTUNE_HTTP_ALLOW: ${entry} is no name, no address and no range such as 10.1.0.0/16.`);
  }

  /** Whether a host of this name may be reached at this address. */
  allows(host: string, address: string): boolean {
    if (isPublicAddress(address)) return true;
    const name = host.toLowerCase().replace(/\.$/, '');
    if (this.names.has(name) || this.endings.some((ending) => name.endsWith(ending))) return true;
    const plain = toPlain(address);
    const family = isIP(plain);
    return family !== 0 && this.listed.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }
}
