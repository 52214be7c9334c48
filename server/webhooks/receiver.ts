import { Hono } from 'hono';
import { causeHeader } from '../events/cause';
import type { HttpEnv } from '../http/bindings';
import { receiveWebhook } from './receive';

/** `/api/v1/webhooks`: the receiver. The key in the address is what authorises. */
export const webhookReceiver = new Hono<HttpEnv>();

webhookReceiver.post('/:key', async (c) => {
  const received = await receiveWebhook({
    key: c.req.param('key'),
    request: c.req.raw,
    address: c.get('address'),
    cause: c.req.header(causeHeader),
  });
  if (received.kind === 'challenge') return c.json({ challenge: received.challenge });
  return c.json({
    data: {
      event_id: received.eventId,
      trigger_ref: received.triggerRef,
      received_at: received.receivedAt,
      message: 'Webhook received successfully',
    },
  });
});
