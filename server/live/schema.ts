import { z } from 'zod';
import { JsonObject, Time } from '../fields';
import { entityTypes } from '../feed/store';

/**
 * One change as the browser sees it. Payloads: `execution` carries a whole ExecutionSummary (kind `created` or
 * `state`); `inquiry` {status, executionId, rootId}; the others {ref} or {id} and what changed.
 */
export const LiveChange = z.object({
  entityType: z.enum(entityTypes),
  entityId: z.number(),
  kind: z.string(),
  rootId: z.number(),
  seq: z.number(),
  payload: JsonObject,
  created: Time,
});
export type LiveChange = z.infer<typeof LiveChange>;
