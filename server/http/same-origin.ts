import { env } from '../env';

/**
 * Whether a page of ours asks. Browsers say so in Sec-Fetch-Site and, on every POST, in Origin; what sends neither
 * is no browser, and carries nobody's cookies by accident.
 */
export function isSameOrigin(headers: Headers): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return false;
  const origin = headers.get('origin');
  if (origin === null) return true;
  const { ATTUNE_PUBLIC_URL, ATTUNE_TRUSTED_PROXIES } = env();
  const ours = [
    headers.get('host'),
    ATTUNE_TRUSTED_PROXIES > 0 ? headers.get('x-forwarded-host') : null,
    ATTUNE_PUBLIC_URL && URL.canParse(ATTUNE_PUBLIC_URL) ? new URL(ATTUNE_PUBLIC_URL).host : null,
  ];
  return URL.canParse(origin) && ours.includes(new URL(origin).host);
}
