import { BlockList, isIP, isIPv4 } from 'node:net';

/** Lists of addresses and ranges (`10.1.0.0/16`, `2001:db8::/32`). @throws Error where an entry is none */
export function toList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) addRange(list, range);
  return list;
}

/** @throws Error when the prefix does not fit */
export function addRange(list: BlockList, range: string): void {
  const [address = '', prefix] = range.split('/');
  const family = isIPv4(address) ? 'ipv4' : 'ipv6';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

/** `::ffff:127.0.0.1` and its other spellings are the IPv4 address inside. */
export function toPlain(address: string): string {
  const bare = address.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 6) return bare;
  const mapped = /^::ffff:(?:(\d+\.\d+\.\d+\.\d+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i.exec(
    new URL(`http://[${bare.replace(/%.*$/, '')}]`).hostname.slice(1, -1),
  );
  if (!mapped) return bare;
  if (mapped[1]) return mapped[1];
  const [high, low] = [parseInt(mapped[2] ?? '0', 16), parseInt(mapped[3] ?? '0', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Whether the text is an address, or an address with a prefix that fits it. */
export function isRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0 || address.includes('%')) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

/** Whether the address lies in one of the ranges; what is no address lies in none. */
export function isListed(ranges: readonly string[], address: string): boolean {
  const plain = toPlain(address);
  const family = isIP(plain);
  return family !== 0 && !plain.includes('%') && toList(ranges).check(plain, family === 4 ? 'ipv4' : 'ipv6');
}
