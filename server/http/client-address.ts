/**
 * The caller's address. X-Forwarded-For is a claim that anybody can make: only as many of its last entries count
 * as there are proxies of ours in front.
 */
export function toClientAddress(
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
  trustedProxies: number,
): string {
  const remote = remoteAddress ?? '';
  const hops = [...(forwardedFor ?? '').split(',').map((hop) => hop.trim()), remote].filter(Boolean);
  const address = trustedProxies === 0 ? remote : (hops.at(-1 - trustedProxies) ?? hops[0] ?? remote);
  return address.replace(/^::ffff:(?=\d+\.)/, '').slice(0, 64);
}
