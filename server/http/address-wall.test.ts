import { describe, expect, test } from 'vitest';
import { AddressWall, isPublicAddress } from './address-wall';

describe('an address', () => {
  test.each([
    '1.1.1.1',
    '93.184.215.14',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.0.1',
    '2606:4700::1111',
    '::ffff:1.1.1.1',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));

  test.each([
    ['0.0.0.0', 'this host'],
    ['10.1.2.3', 'private'],
    ['100.64.0.1', 'of a provider'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['169.254.169.254', 'of cloud metadata'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['198.18.0.1', 'for benchmarks'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'IPv4 in disguise'],
    ['::ffff:7f00:1', 'IPv4 in disguise'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', 'IPv4 in disguise'],
    ['::127.0.0.1', 'IPv4 in an old disguise'],
    ['64:ff9b::7f00:1', 'IPv4 behind a translator'],
    ['2002:7f00:1::', 'IPv4 in a tunnel'],
    ['2001:0:1::', 'IPv4 in a tunnel'],
    ['2001:db8::1', 'for documentation'],
    ['fc00::1', 'private'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local'],
    ['ff02::1', 'multicast'],
    ['not an address', 'none'],
  ])('%s is not public: %s', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('what the operator lists', () => {
  const wall = new AddressWall('printer.local, *.corp.example 10.1.0.0/16, 192.168.7.9 [::1], fd00::/8');

  test.each([
    ['printer.local', '10.9.9.9'],
    ['PRINTER.local.', '10.9.9.9'],
    ['a.b.corp.example', '10.9.9.9'],
    ['anything', '10.1.200.3'],
    ['anything', '::ffff:10.1.200.3'],
    ['192.168.7.9', '192.168.7.9'],
    ['anything', '::1'],
    ['anything', 'fd12::1'],
    ['anything', '8.8.8.8'],
  ])('lets %s at %s be reached', (host, address) => expect(wall.allows(host, address)).toBe(true));

  test.each([
    ['printer.local.evil.example', '10.9.9.9'],
    ['corp.example', '10.9.9.9'],
    ['evilcorp.example', '10.9.9.9'],
    ['anything', '10.2.0.1'],
    ['anything', '192.168.7.8'],
    ['anything', '127.0.0.1'],
    ['anything', 'fe80::1'],
  ])('does not let %s at %s be reached', (host, address) => expect(wall.allows(host, address)).toBe(false));

  test.each(['10.0.0.0/33', '10.0.0.0/x', 'http://x', 'a..b', '*', '12345'])(
    'that is %j is refused by name',
    (entry) => expect(() => new AddressWall(entry)).toThrow(`ATTUNE_HTTP_ALLOW: ${entry} is no name`),
  );
});
