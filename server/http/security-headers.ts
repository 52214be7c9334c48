/** Headers of every answer of ours, whatever it is. */
export const commonHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Headers of data: never kept, never shown as a page. */
export const dataHeaders: Readonly<Record<string, string>> = {
  ...commonHeaders,
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
};

/**
 * The policy of a page. Scripts need the nonce of this very answer; what they load is trusted with them
 * ('strict-dynamic'), and older browsers fall back to our own origin. Monaco's workers come from us or a blob.
 */
export function toPagePolicy(nonce: string, development: boolean): string {
  // React's development build rebuilds stacks with eval, and Next reloads over a WebSocket.
  const evaluating = development ? " 'unsafe-eval'" : '';
  const reloading = development ? ' ws:' : '';
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${evaluating}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    `connect-src 'self'${reloading}`,
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** The other headers of a page. */
export const pageHeaders: Readonly<Record<string, string>> = {
  ...commonHeaders,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), display-capture=()',
  'x-frame-options': 'DENY',
};
