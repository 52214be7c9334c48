import type { Env } from '@/server/env';

/** Where executions reach the API: as it is set, else on this machine, which needs no name service and no way round. */
export function toApiUrl({
  ATTUNE_API_URL,
  ATTUNE_PUBLIC_URL,
  HOST,
  PORT,
}: Pick<Env, 'ATTUNE_API_URL' | 'ATTUNE_PUBLIC_URL' | 'HOST' | 'PORT'>): string {
  const given = ATTUNE_API_URL ?? ATTUNE_PUBLIC_URL;
  if (given) return given.replace(/\/+$/, '');
  if (HOST === '0.0.0.0') return `http://127.0.0.1:${PORT}`;
  if (HOST === '::') return `http://[::1]:${PORT}`;
  return `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`;
}
