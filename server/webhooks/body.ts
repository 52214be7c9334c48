import { invalid } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { decodeText, parseJson } from '../http/read-body';

/** What a webhook's body says: the event's payload, and headers that an envelope brought. */
export interface WebhookBody {
  payload: Json;
  headers: Record<string, Json>;
}

/** Events are kept with whatever names their senders gave. */
const anything = { allowsProto: true };
const envelopeKeys = new Set(['payload', 'headers', 'source_ip', 'user_agent']);

/**
 * Reads the body in the form that its sender speaks: our envelope `{payload, headers?, source_ip?, user_agent?}`,
 * other JSON, a form, or text. @throws DomainError invalid for an empty or malformed body
 */
export async function parseWebhookBody(bytes: Uint8Array, contentType: string): Promise<WebhookBody> {
  if (bytes.byteLength === 0) {
    throw invalid('The body is empty. Send JSON, a form or text.', [], 'empty_body');
  }
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (type === 'multipart/form-data') return raw(await parseMultipart(bytes, contentType));
  const text = decodeText(bytes);
  if (text.trim() === '') throw invalid('The body is empty. Send JSON, a form or text.', [], 'empty_body');
  if (type === 'application/json' || type.endsWith('+json')) return unwrap(parseJson(text, anything));
  // `curl -d '{…}'` calls its JSON a form; no form begins like that.
  const looksLikeJson = /^\s*[{[]/.test(text);
  if (type === 'application/x-www-form-urlencoded') {
    return looksLikeJson ? unwrap(parseJson(text, anything)) : raw(toFields(new URLSearchParams(text)));
  }
  if (type === '' && looksLikeJson) return unwrap(parseJson(text, anything));
  return raw(text);
}

function raw(payload: Json): WebhookBody {
  return { payload, headers: {} };
}

function unwrap(value: Json): WebhookBody {
  const isEnvelope =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.hasOwn(value, 'payload') &&
    Object.keys(value).every((key) => envelopeKeys.has(key));
  if (!isEnvelope) return raw(value);
  const { payload = null, headers, source_ip, user_agent } = value;
  const given = typeof headers === 'object' && headers !== null && !Array.isArray(headers) ? headers : {};
  return {
    payload,
    headers: {
      // What begins with a colon is what we say of an event ourselves.
      ...Object.fromEntries(
        Object.entries(given)
          .filter(([name]) => !name.startsWith(':'))
          .map(([name, item]) => [name.toLowerCase(), item]),
      ),
      ...(source_ip !== undefined && { source_ip }),
      ...(user_agent !== undefined && { 'user-agent': user_agent }),
    },
  };
}

/** A field that comes twice is a list. */
export function toFields(pairs: Iterable<[string, string]>): { [key: string]: Json } {
  const fields = new Map<string, Json>();
  for (const [name, value] of pairs) {
    const before = fields.get(name);
    fields.set(
      name,
      before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value],
    );
  }
  return Object.fromEntries(fields);
}

async function parseMultipart(bytes: Uint8Array, contentType: string): Promise<Json> {
  let form: FormData;
  try {
    form = await new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': contentType },
    }).formData();
  } catch {
    throw invalid('The multipart form is malformed.', [], 'malformed_body');
  }
  const pairs = [...form].map(([name, value]): [string, string] => {
    if (typeof value !== 'string') {
      throw invalid(`The field ${name} is a file; a webhook takes text fields only.`, [], 'file_refused');
    }
    return [name, value];
  });
  const fields = toFields(pairs);
  // The same promises as for JSON: no NUL, no broken characters.
  return parseJson(JSON.stringify(fields), anything);
}
