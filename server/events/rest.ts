import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { inTenant } from '../db';
import { AnyJson, Id, JsonObject, Time } from '../fields';
import { FilterText, IdText, Numbered } from '../http/rest/fields';
import { list, one, type Route } from '../http/rest/route';
import { partOfRows } from '../http/rest/rows';
import { may, requireRight, type Actor } from '../identities/actor';
import {
  countToldEnforcements,
  countToldEvents,
  findToldEnforcement,
  findToldEvent,
  listToldEnforcements,
  listToldEvents,
  type ToldEnforcement,
  type ToldEvent,
} from './rest-store';
import { replayEvent } from './service';

const EventSummary = z.object({
  id: Id,
  trigger: Id.nullable(),
  trigger_ref: z.string(),
  rule: Id.nullable().describe('The one rule that it is for, such as a timer’s; null for all on its trigger'),
  rule_ref: z.string().nullable(),
  source: Id.nullable().describe('The sensor that saw it'),
  source_ref: z.string().nullable(),
  source_kind: z.string().describe('webhook, timer, sensor, manual or alert'),
  has_payload: z.boolean(),
  replay_of: Id.nullable().describe('The event that somebody had happen again'),
  created: Time,
});
const Event = EventSummary.extend({
  payload: AnyJson,
  config: JsonObject.nullable().describe('The headers and the query that it came with'),
  execution: Id.nullable().describe('What brought it about, where an execution did'),
});

const EnforcementStatus = z.enum(['created', 'processed', 'disabled']);
const EnforcementSummary = z.object({
  id: Id,
  rule: Id,
  rule_ref: z.string(),
  trigger_ref: z.string(),
  event: Id,
  status: EnforcementStatus,
  condition: z.enum(['all', 'any']),
  execution: Id.nullable().describe('What came of it'),
  error: z.string().nullable().describe('Why nothing came of it'),
  created: Time,
});
const Enforcement = EnforcementSummary.extend({
  conditions: JsonObject.describe('The criteria of the rule as they are now'),
  config: JsonObject.describe('The parameters that the rule gave; what is secret is masked'),
  payload: JsonObject.describe('That of the event; as value where it is no object'),
  resolved_at: Time.nullable(),
});

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function toEventSummary(row: ToldEvent): z.infer<typeof EventSummary> {
  return {
    id: row.id,
    trigger: row.triggerId,
    trigger_ref: row.triggerRef,
    rule: row.ruleId,
    rule_ref: row.ruleRef,
    source: row.sensorId,
    source_ref: row.source === 'timer' ? 'core.timer_sensor' : row.sensorRef,
    source_kind: row.source,
    has_payload: row.hasPayload,
    replay_of: row.replayOf,
    created: row.created.toISOString(),
  };
}

function toEnforcementSummary(row: ToldEnforcement): z.infer<typeof EnforcementSummary> {
  return {
    id: row.id,
    rule: row.ruleId,
    rule_ref: row.ruleRef,
    trigger_ref: row.triggerRef,
    event: row.eventId,
    status: row.status,
    condition: row.condition,
    execution: row.executionId,
    error: row.error,
    created: row.created.toISOString(),
  };
}

async function getTold(actor: Actor, id: number): Promise<z.infer<typeof Event>> {
  const row = await inTenant(actor.tenantId, (tx) => findToldEvent(tx, actor.tenantId, id));
  if (!row || !may(actor, 'read', 'events', { id, ref: row.triggerRef })) throw notFound('event', id);
  const hasHeaders = Object.keys(row.headers).length > 0;
  return {
    ...toEventSummary(row),
    payload: row.payload,
    config: hasHeaders ? { headers: row.headers } : null,
    execution: row.executionId,
  };
}

/** What happened and what rules made of it, below `/api/v1`. */
export const eventRoutes: readonly Route[] = [
  list(
    {
      path: '/events',
      summary: 'Events, newest first',
      access: { resource: 'events', action: 'read' },
      query: z.object({
        trigger: IdText.optional(),
        trigger_ref: FilterText,
        rule_ref: FilterText,
        source: FilterText.describe('webhook, timer, sensor, manual or alert'),
      }),
      item: EventSummary,
    },
    async ({ actor, query, paging }) => {
      requireRight(actor, 'read', 'events');
      const filter = {
        triggerId: query.trigger ?? null,
        triggerRef: query.trigger_ref ?? null,
        ruleRef: query.rule_ref ?? null,
        source: query.source ?? null,
      };
      const part = await partOfRows(actor, paging, {
        list: (tx, slice) => listToldEvents(tx, actor.tenantId, filter, slice),
        count: (tx) => countToldEvents(tx, actor.tenantId, filter),
        isReadable: ({ id, triggerRef }) => may(actor, 'read', 'events', { id, ref: triggerRef }),
      });
      return { ...part, items: part.items.map(toEventSummary) };
    },
  ),
  one(
    'get',
    {
      path: '/events/{id}',
      summary: 'An event with its payload',
      access: { resource: 'events', action: 'read' },
      params: Numbered,
      answer: Event,
    },
    ({ actor, params: { id } }) => getTold(actor, id),
  ),
  one(
    'post',
    {
      path: '/events/{id}/replay',
      summary: 'The same event once more, for the rules as they are now',
      access: { resource: 'events', action: 'create' },
      params: Numbered,
      answer: Event,
      status: 201,
    },
    async ({ actor, params: { id } }) => getTold(actor, await replayEvent(actor, id)),
  ),
  list(
    {
      path: '/enforcements',
      summary: 'Enforcements, newest first',
      access: { resource: 'enforcements', action: 'read' },
      query: z.object({
        rule: IdText.optional(),
        rule_ref: FilterText,
        event: IdText.optional(),
        status: EnforcementStatus.optional(),
        trigger_ref: FilterText,
      }),
      item: EnforcementSummary,
    },
    async ({ actor, query, paging }) => {
      requireRight(actor, 'read', 'enforcements');
      const filter = {
        ruleId: query.rule ?? null,
        ruleRef: query.rule_ref ?? null,
        eventId: query.event ?? null,
        status: query.status ?? null,
        triggerRef: query.trigger_ref ?? null,
      };
      const part = await partOfRows(actor, paging, {
        list: (tx, slice) => listToldEnforcements(tx, actor.tenantId, filter, slice),
        count: (tx) => countToldEnforcements(tx, actor.tenantId, filter),
        isReadable: ({ id, ruleRef }) => may(actor, 'read', 'enforcements', { id, ref: ruleRef }),
      });
      return { ...part, items: part.items.map(toEnforcementSummary) };
    },
  ),
  one(
    'get',
    {
      path: '/enforcements/{id}',
      summary: 'An enforcement with what it gave to its execution',
      access: { resource: 'enforcements', action: 'read' },
      params: Numbered,
      answer: Enforcement,
    },
    async ({ actor, params: { id } }) => {
      const row = await inTenant(actor.tenantId, (tx) => findToldEnforcement(tx, actor.tenantId, id));
      if (!row || !may(actor, 'read', 'enforcements', { id, ref: row.ruleRef }))
        throw notFound('enforcement', id);
      const { conditions, payload } = row;
      return {
        ...toEnforcementSummary(row),
        conditions: Array.isArray(conditions) ? { all: conditions } : isObject(conditions) ? conditions : {},
        config: row.config,
        payload: isObject(payload) ? payload : { value: payload },
        resolved_at: row.resolvedAt?.toISOString() ?? null,
      };
    },
  ),
];
