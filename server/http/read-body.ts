import { DomainError, invalid } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';

const maxDepth = 64;

/** The body's bytes. Stops reading at the limit. @throws DomainError too_large */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new DomainError('too_large', 'too_large', `The body is larger than ${Math.floor(maxBytes / 1024)} KB.`);
  const said = request.headers.get('content-length');
  if (Number(said ?? 0) > maxBytes) throw tooLarge();
  if (said !== null) {
    // No more than that comes over HTTP, so it is read as a whole, without a stream around it.
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (bytes.byteLength > maxBytes) throw tooLarge();
    return bytes;
  }
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The bytes as text. @throws DomainError invalid for what is not UTF-8 or holds NUL */
export function decodeText(bytes: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw invalid('The body is not UTF-8 text.', [], 'malformed_body');
  }
  if (text.includes('\0')) throw invalid('The body holds a NUL character, which cannot be kept.', [], 'nul');
  return text;
}

/**
 * The text as JSON that can be kept as it is.
 * `allowsProto`: keys may be called `__proto__`, which configuration cannot keep. (Default: no)
 * @throws DomainError invalid: malformed, deeper than 64, NUL, half a surrogate pair, a number that would change
 */
export function parseJson(text: string, { allowsProto = false } = {}): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    throw invalid(`The body is not JSON: ${(error as Error).message}.`, [], 'malformed_json');
  }
  requireKeepable(value, allowsProto);
  requireExactNumbers(text);
  return value;
}

function requireKeepable(root: Json, allowsProto: boolean): void {
  // A stack of our own: input must not choose how deep ours gets.
  const stack: { value: Json; depth: number }[] = [{ value: root, depth: 1 }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { value, depth } = top;
    if (typeof value === 'string') requireText(value);
    if (typeof value !== 'object' || value === null) continue;
    if (depth > maxDepth) throw invalid(`The JSON is nested deeper than ${maxDepth} levels.`, [], 'too_deep');
    if (Array.isArray(value)) for (const item of value) stack.push({ value: item, depth: depth + 1 });
    else {
      for (const [key, item] of Object.entries(value)) {
        requireText(key);
        // Prisma takes it for the prototype: it would be lost without a word.
        if (key === '__proto__' && !allowsProto)
          throw invalid('A key cannot be called __proto__ here. Give it another name.', [], 'reserved_key');
        stack.push({ value: item, depth: depth + 1 });
      }
    }
  }
}

function requireText(text: string): void {
  if (text.includes('\0')) {
    throw invalid('A text holds a NUL character (\\u0000), which cannot be kept. Remove it.', [], 'nul');
  }
  if (!text.isWellFormed()) {
    throw invalid('A text holds half a surrogate pair, which is no character. Remove it.', [], 'surrogate');
  }
}

/** JSON.parse rounds integers beyond 2^53 and takes 1e999 for infinity without a word. */
function requireExactNumbers(text: string): void {
  if (!/\d{16}|[eE]\+?\d{3}/.test(text)) return;
  const check = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== 'number') return value;
    const source = context?.source ?? '';
    const isRounded = /^-?\d+$/.test(source) && !Number.isSafeInteger(value);
    if (isRounded || !Number.isFinite(value)) {
      throw invalid(
        `The number ${source.slice(0, 40)} is too large to be kept exactly. Send it as text.`,
        [],
        'number_too_large',
      );
    }
    return value;
  };
  JSON.parse(text, check);
}
