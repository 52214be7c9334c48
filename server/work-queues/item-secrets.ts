import { toJsonSchema } from '@/engine/definition/parameters';
import { invalid } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { checkAgainst } from '@/engine/json-schema';
import { hideParameters, openParameters, resealParameters } from '../executions/secret-parameters';
import type { JsonObject } from '../fields';
import type { Sealing } from '../sealing/seal';

/** Payloads at rest: what the queue's schema calls secret is masked and sealed, like the parameters of executions. */

const mostBytes = 1_000_000;

export interface StoredPayload {
  payload: Json;
  sealed: Buffer | null;
}

/** A sealed value opens only for items of the same queue. */
const receiverOf = (tenantId: number, queueId: number) => ({ tenantId, actionRef: `work_queue:${queueId}` });

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A payload as it may be stored, and how many bytes it has with its metadata. Of `before` masks keep their secrets.
 * @throws DomainError invalid_payload with a place for each problem; too_large
 */
export function toStoredPayload(
  { tenantId, queueId, itemSchema }: { tenantId: number; queueId: number; itemSchema: JsonObject },
  payload: Json,
  metadata: JsonObject,
  before: StoredPayload | null,
): StoredPayload & { sizeBytes: number } {
  const sizeBytes = Buffer.byteLength(JSON.stringify(payload)) + Buffer.byteLength(JSON.stringify(metadata));
  if (sizeBytes > mostBytes)
    throw invalid(
      `Payload and metadata have ${sizeBytes} bytes together; an item takes ${mostBytes}. Store the rest as an artifact or a key and name it here.`,
      [{ path: 'payload', message: 'is too large' }],
      'invalid_payload',
    );
  const hasSchema = Object.keys(itemSchema).length > 0;
  if (!hasSchema && !before?.sealed) return { payload, sealed: null, sizeBytes };
  const schema = hasSchema ? toJsonSchema(itemSchema) : {};
  if (!isObject(payload)) {
    if (hasSchema) refuse([{ path: '', message: 'must be an object' }]);
    return { payload, sealed: null, sizeBytes };
  }
  const from =
    before?.sealed && isObject(before.payload) ? { parameters: before.payload, sealed: before.sealed } : null;
  const hidden = hideParameters(receiverOf(tenantId, queueId), schema, payload, { from });
  if (hidden.problem !== null) refuse([{ path: '', message: hidden.problem }]);
  refuse(checkAgainst(schema, payload).filter(({ path }) => !hidden.isKept(path)));
  return { payload: hidden.parameters, sealed: hidden.sealed, sizeBytes };
}

function refuse(details: readonly { path: string; message: string }[]): void {
  const [first] = details;
  if (!first) return;
  const placed = details.map(({ path, message }) => ({
    path: path ? `payload.${path}` : 'payload',
    message,
  }));
  throw invalid(
    `The payload does not fit the queue’s schema: ${placed[0]?.path} ${first.message}.`,
    placed,
    'invalid_payload',
  );
}

/** A payload with its secrets in place, the names that hold one, and their texts. Only a worker and a merge ask for this. @throws SealBroken */
export function openPayload(
  place: { tenantId: number; queueId: number },
  { payload, sealed }: StoredPayload,
): { payload: Json; secretNames: string[]; secretTexts: string[] } {
  if (sealed === null || !isObject(payload)) return { payload, secretNames: [], secretTexts: [] };
  const opened = openParameters({
    ...receiverOf(place.tenantId, place.queueId),
    ...{ parameters: payload, sealed },
  });
  return { payload: opened.parameters, secretNames: opened.secretNames, secretTexts: opened.secretTexts };
}

/** What is sealed of an item, with the newest key; null where it is already. @throws SealBroken */
export function resealPayload(
  sealing: Sealing,
  place: { tenantId: number; queueId: number },
  sealed: Buffer,
): Buffer | null {
  return resealParameters(sealing, receiverOf(place.tenantId, place.queueId), sealed);
}
