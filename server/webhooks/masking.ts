import type { Json } from '@/engine/expression/expression';

/** What of a call may be kept, where people read it. */

const mask = '********';
const mostBytes = 16 * 1024;
const speaksOfSecrets = /passw|secret|token|api[-_]?key|authoriz|credential|private[-_]?key|cookie|session/i;

/** Never kept, whatever becomes of the call: who reads an event must not be able to send one, or to be somebody. */
const secretHeaders = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-attune',
  'x-gitlab-token',
]);

/** The headers as an event keeps them. */
export function keptHeaders(headers: Headers): Record<string, Json> {
  return Object.fromEntries([...headers].filter(([name]) => !secretHeaders.has(name)));
}

/** The headers of a refused call, with masks where a secret may stand. */
export function maskedHeaders(headers: Headers): Record<string, Json> {
  return Object.fromEntries(
    [...headers].map(([name, value]) => [
      name,
      secretHeaders.has(name) || speaksOfSecrets.test(name) ? mask : value.slice(0, 1_000),
    ]),
  );
}

/** The beginning of a refused body, as text, with masks for the secret itself and for fields that are called like one. */
export function maskedBody(bytes: Uint8Array, secret: string | null): string {
  let text = Buffer.from(bytes.subarray(0, mostBytes)).toString('utf8').replaceAll('\0', '�');
  if (secret) text = text.replaceAll(secret, mask);
  return text
    .replaceAll(
      /"([^"\\]{1,100})"(\s{0,8}:\s{0,8})("(?:[^"\\]|\\.)*"?|[-\d.]{1,40})/gs,
      (all: string, name: string, colon: string) =>
        speaksOfSecrets.test(name) ? `"${name}"${colon}"${mask}"` : all,
    )
    .replaceAll(/(^|&)([^=&\s"{]{1,100})=([^&\s]*)/g, (all: string, before: string, name: string) =>
      speaksOfSecrets.test(name) ? `${before}${name}=${mask}` : all,
    );
}
