import { z } from 'zod';
import { Id, Ref } from '../fields';
import { IdText, Named } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, type Route } from '../http/rest/route';
import { getTold, TriggerAnswer } from '../triggers/rest';
import { Delivery, DeliveryDetails, SaveConfig, ToldConfig, verdicts } from './schema';
import { getConfig, getDelivery, listDeliveries, redeliver, saveConfig } from './service';
import { mostDeliveries } from './store';

const OneOf = Named.extend({ id: IdText });

/** What webhooks ask, and what became of calls to them, below `/api/v1`. */
export const webhookRoutes: readonly Route[] = [
  one(
    'get',
    {
      path: '/triggers/{ref}/webhooks/config',
      summary: 'What the webhook asks of its callers; its secret is never given back',
      access: { resource: 'triggers', action: 'update' },
      params: Named,
      answer: ToldConfig,
    },
    ({ actor, params }) => getConfig(actor, params.ref),
  ),
  one(
    'put',
    {
      path: '/triggers/{ref}/webhooks/config',
      summary: 'Changes what is given of it; null takes a part back to what it was at first',
      access: { resource: 'triggers', action: 'update' },
      params: Named,
      body: SaveConfig,
      answer: TriggerAnswer.extend({ webhook_config: ToldConfig }),
    },
    async ({ actor, params, body }) => {
      const webhook_config = await saveConfig(actor, params.ref, body);
      return { ...(await getTold(actor, params.ref)), webhook_config };
    },
  ),
  list(
    {
      path: '/triggers/{ref}/webhooks/deliveries',
      summary: 'Calls to the webhook, newest first: the last 1,000, of 7 days',
      access: { resource: 'triggers', action: 'update' },
      params: Named,
      query: z.object({ verdict: z.enum(verdicts).optional() }),
      item: Delivery,
    },
    async ({ actor, params, query, paging }) => {
      // Few enough to be read as a whole.
      const { items } = await listDeliveries(actor, {
        ref: params.ref,
        limit: mostDeliveries,
        ...(query.verdict && { verdict: query.verdict }),
      });
      return partOf(items, paging);
    },
  ),
  one(
    'get',
    {
      path: '/triggers/{ref}/webhooks/deliveries/{id}',
      summary: 'A call, with what was sent where it was refused: secrets masked',
      access: { resource: 'triggers', action: 'update' },
      params: OneOf,
      answer: DeliveryDetails,
    },
    ({ actor, params }) => getDelivery(actor, params.ref, params.id),
  ),
  one(
    'post',
    {
      path: '/triggers/{ref}/webhooks/deliveries/{id}/redeliver',
      summary: 'Makes the event of an accepted call once more',
      access: {
        resource: 'executions',
        action: 'execute',
        also: { resource: 'triggers', action: 'update' },
      },
      params: OneOf,
      answer: z.object({ event_id: Id, trigger_ref: Ref }),
      status: 201,
    },
    async ({ actor, params }) => {
      const { eventId } = await redeliver(actor, params.ref, params.id);
      return { event_id: eventId, trigger_ref: params.ref };
    },
  ),
];
