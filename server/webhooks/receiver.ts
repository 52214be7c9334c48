import { Hono } from 'hono';
import { causeHeader } from '../events/cause';
import type { HttpEnv } from '../http/bindings';
import { awaitOutcome } from './outcome';
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
  const data = {
    event_id: received.eventId,
    trigger_ref: received.triggerRef,
    received_at: received.receivedAt,
    message: 'Webhook received successfully',
  };
  if (received.patienceSeconds === null) return c.json({ data });
  const outcome = await awaitOutcome(received, received.patienceSeconds, c.req.raw.signal);
  // 202: accepted, and what comes of it is still to come.
  const isComplete = outcome.outcome === 'ended' || outcome.outcome === 'none';
  return c.json({ data: { ...data, ...outcome } }, isComplete ? 200 : 202);
});
