import { Hono } from 'hono';
import { notFound } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import type { HttpEnv } from '../http/bindings';
import { readBody } from '../http/read-body';
import { causeHeader } from './cause';
import { receiveWebhook } from './service';
import { parseWebhookBody, toFields } from './webhook-body';
import { findWebhookLimit } from './webhook-limit';

/** Never kept on an event. */
const secretHeaders = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-attune']);

/** `/api/v1/webhooks`: the receiver. The key in the address is what authorises. */
export const webhooksRest = new Hono<HttpEnv>();

webhooksRest.post('/:key', async (c) => {
  const key = c.req.param('key');
  const maxBytes = key.length <= 200 ? await findWebhookLimit(key) : null;
  // The key is a secret: the answer does not repeat it.
  if (maxBytes === null) throw notFound('webhook', 'with this key, or it is off');
  const bytes = await readBody(c.req.raw, maxBytes);
  const { payload, headers } = await parseWebhookBody(bytes, c.req.header('content-type') ?? '');
  const query = toFields(new URL(c.req.url).searchParams);

  const received = await receiveWebhook({
    key,
    payload,
    headers: {
      ...keptHeaders(c.req.raw.headers),
      // No header can be called that, so the two never meet.
      ...(Object.keys(query).length > 0 && { ':query': query }),
      ...headers,
    },
    address: c.get('address'),
    cause: c.req.header(causeHeader),
  });
  return c.json({
    data: {
      event_id: received.eventId,
      trigger_ref: received.triggerRef,
      received_at: received.receivedAt,
      message: 'Webhook received successfully',
    },
  });
});

function keptHeaders(headers: Headers): Record<string, Json> {
  return Object.fromEntries(
    [...headers].filter(([name]) => !secretHeaders.has(name)).map(([name, value]) => [name, value]),
  );
}
