import { describe, expect, it } from 'vitest';
import { toClientAddress } from './client-address';

describe("the caller's address", () => {
  it.each([
    ['without proxies is the socket, whatever is claimed', '203.0.113.9', '1.2.3.4', 0, '203.0.113.9'],
    ['behind one proxy is what that proxy saw', '10.0.0.1', '1.2.3.4, 198.51.100.7', 1, '198.51.100.7'],
    [
      'behind two proxies is what the outer one saw',
      '10.0.0.1',
      '6.6.6.6, 198.51.100.7, 10.0.0.2',
      2,
      '198.51.100.7',
    ],
    ['is the socket when the proxy says nothing', '10.0.0.1', undefined, 1, '10.0.0.1'],
    ['is the first hop when there are fewer than trusted', '10.0.0.1', '198.51.100.7', 3, '198.51.100.7'],
    ['is written without the IPv6 wrapping', '::ffff:127.0.0.1', undefined, 0, '127.0.0.1'],
  ])('%s', (_name, remote, forwarded, trusted, expected) => {
    expect(toClientAddress(remote, forwarded, trusted)).toBe(expected);
  });
});
