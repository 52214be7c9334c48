import { mayUseArtifact, toArtifactFacts } from '../artifacts/rights';
import { inTenant } from '../db';
import type { EntityType, FeedRow } from '../feed/store';
import { may, type Actor } from '../identities/actor';
import type { Resource } from '../identities/schema';
import { readerOf } from '../inquiries/service';
import { findHidden } from '../inquiries/store';
import { mayUseKey, toKeyFacts } from '../keys/rights';
import { isOfTenant } from './hub';
import { requestersOf, type Requester } from './requesters';

/** Under which right each kind of row is read. */
const resourceOf: Record<EntityType, Resource> = {
  execution: 'executions',
  inquiry: 'inquiries',
  event: 'events',
  enforcement: 'enforcements',
  rule: 'rules',
  action: 'actions',
  workflow: 'actions',
  trigger: 'triggers',
  sensor: 'triggers',
  pack: 'packs',
  identity: 'identities',
  worker: 'workers',
  key: 'keys',
  artifact: 'artifacts',
  work_queue: 'queues',
  work_queue_item: 'queues',
};

/** By what its row in the feed names a thing, as its own service does when it asks for the right. */
const refOf: Partial<Record<EntityType, string>> = {
  execution: 'actionRef',
  event: 'triggerRef',
  enforcement: 'ruleRef',
};

export function packOf(ref: string): string {
  return ref.split('.', 1)[0] ?? ref;
}

/** Whether the actor's right to executions depends on who asked for them, which not every row of the feed says. */
function asksForRequester(actor: Actor): boolean {
  return actor.grants.some(
    ({ resource, constraints }) =>
      resource === 'executions' && (constraints?.owner_types ?? constraints?.owner_refs) !== undefined,
  );
}

/** The rows that the actor may read at this moment. */
export async function toReadable(actor: Actor, rows: readonly FeedRow[]): Promise<FeedRow[]> {
  const own = rows.filter((row) => isOfTenant(row, actor.tenantId));
  const requesters = asksForRequester(actor) ? await requestersOf(actor.tenantId, own) : null;
  const readable = own.filter((row) => mayRead(actor, row, requesters?.get(row.entityId) ?? null));
  return withoutHiddenInquiries(actor, readable);
}

/** What is asked in somebody else's private pack is nobody's to hear of but those who are asked. */
async function withoutHiddenInquiries(actor: Actor, rows: FeedRow[]): Promise<FeedRow[]> {
  const asked = rows.filter(({ entityType }) => entityType === 'inquiry');
  if (asked.length === 0 || (actor.hiddenPacks ?? []).length === 0) return rows;
  const ids = asked.map(({ entityId }) => entityId);
  const hidden = await inTenant(actor.tenantId, (tx) => findHidden(tx, actor.tenantId, ids, readerOf(actor)));
  return rows.filter(({ entityType, entityId }) => entityType !== 'inquiry' || !hidden.has(entityId));
}

function mayRead(actor: Actor, row: FeedRow, requester: Requester | null): boolean {
  const { entityType, entityId, payload } = row;
  if (entityType === 'artifact') return mayUseArtifact(actor, 'read', toArtifactFacts(entityId, payload));
  if (entityType === 'key') return mayUseKey(actor, 'read', toKeyFacts(entityId, payload));
  const ref = payload[refOf[entityType] ?? 'ref'];
  const named = typeof ref === 'string' ? { ref, packRef: packOf(ref) } : {};
  const isAsked = entityType === 'execution' && requester !== null;
  const owner = isAsked ? { ownerType: 'identity', ownerRef: requester.login } : {};
  return may(actor, 'read', resourceOf[entityType], { id: entityId, ...named, ...owner });
}
