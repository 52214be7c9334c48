import { invalid, notFound } from '@/engine/errors';
import { inConfiguration, type ConfigurationTx } from '../db';
import type { JsonObject } from '../fields';
import type { WorkQueue as QueueModel } from '../generated/prisma/client';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { tellChange } from '../packs/changes';
import { refusingDoubles } from '../packs/doubles';
import { requireRefInPack, targetOf, visibleTo } from '../packs/refs';
import { getPackToAddTo, toData } from '../packs/store';
import { checkQueue, type QueueDraft } from './check';
import {
  itemStatuses,
  pendingStatuses,
  toTuning,
  type CreateQueue,
  type Dispatch,
  type ItemStatus,
  type NewQueue,
  type Queue,
  type QueueSummary,
  type UpdateQueue,
  CreateQueue as CreateQueueSchema,
} from './schema';

/** Every queue that the actor may read, by ref; of a pack where one is named. */
export async function listQueues(actor: Actor, packRef: string | null = null): Promise<QueueSummary[]> {
  requireRight(actor, 'read', 'queues');
  return inConfiguration(actor.tenantId, async (tx) => {
    const rows = await tx.prisma.workQueue.findMany({
      where: { tenantId: actor.tenantId, ...(packRef === null ? {} : { packRef }) },
      orderBy: { ref: 'asc' },
    });
    const readable = rows.filter((row) => may(actor, 'read', 'queues', toTarget(row)));
    const ids = readable.map(({ id }) => id);
    const counts = await countItems(tx, actor.tenantId, ids, [...pendingStatuses, 'leased']);
    return readable.map((row) => toSummary(row, counts.get(Number(row.id))));
  });
}

/** One queue with how it stands. @throws DomainError not_found */
export async function getQueue(actor: Actor, ref: string): Promise<Queue> {
  requireRight(actor, 'read', 'queues', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) =>
    toQueue(tx, actor, await getQueueModel(tx, actor.tenantId, ref)),
  );
}

/** The new queue. @throws DomainError queue_exists, pack_not_found, or invalid_queue with one detail per field */
export async function createQueue(actor: Actor, input: CreateQueue): Promise<Queue> {
  const queue = CreateQueueSchema.parse(input);
  requireRight(actor, 'create', 'queues', targetOf(queue.ref));
  return refusingDoubles('queue', queue.ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      await requireFit(tx, actor, queue.ref, queue);
      const pack = await packColumns(tx, actor, queue.ref, queue.packRef);
      const row = await tx.prisma.workQueue.create({
        data: {
          ...columnsOf(queue),
          ...{ ref: queue.ref, tenantId: actor.tenantId, isAdhoc: true, createdBy: authorOf(actor), ...pack },
        },
      });
      await tellChange(tx, actor, 'work_queue', row, 'created', { enabled: row.enabled });
      return toQueue(tx, actor, row);
    }),
  );
}

/** The queue as it is from now on; what is out stays out. @throws DomainError not_found, invalid_queue */
export async function updateQueue(actor: Actor, input: UpdateQueue): Promise<Queue> {
  const { ref, packRef, ...given } = input;
  requireRight(actor, 'update', 'queues', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getQueueModel(tx, actor.tenantId, ref);
    await requireFit(tx, actor, ref, {
      dispatchActionRef: given.dispatchActionRef ?? row.dispatchActionRef,
      itemSchema: given.itemSchema ?? (row.itemSchema as JsonObject),
      actionParams: given.actionParams ?? (row.actionParams as JsonObject),
    });
    const pack = packRef === undefined ? {} : await packColumns(tx, actor, ref, packRef);
    const saved = await tx.prisma.workQueue.update({
      where: { id: row.id },
      data: { ...toData(given), ...pack, updated: new Date() },
    });
    await tellChange(tx, actor, 'work_queue', saved, 'updated', { enabled: saved.enabled });
    return toQueue(tx, actor, saved);
  });
}

/** Removes a queue with its items; executions that have some run on. @throws DomainError not_found */
export async function removeQueue(actor: Actor, ref: string): Promise<null> {
  requireRight(actor, 'delete', 'queues', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getQueueModel(tx, actor.tenantId, ref);
    await tx.prisma.workQueue.delete({ where: { id: row.id } });
    await tellChange(tx, actor, 'work_queue', row, 'deleted');
    return null;
  });
}

/** What a queue's columns are, beside whose it is. */
function columnsOf(queue: Omit<NewQueue, 'ref' | 'packRef'> & { ref?: string; packRef?: string | null }) {
  const { ref: _, packRef: __, ...columns } = queue;
  return columns;
}

async function packColumns(
  tx: ConfigurationTx,
  actor: Actor,
  ref: string,
  packRef: string | null,
): Promise<{ packId: bigint | null; packRef: string | null }> {
  if (packRef === null) return { packId: null, packRef: null };
  const pack = await getPackToAddTo(tx, actor, packRef);
  requireRefInPack(ref, packRef);
  return { packId: pack.id, packRef: pack.ref };
}

async function requireFit(tx: ConfigurationTx, actor: Actor, ref: string, draft: QueueDraft): Promise<void> {
  const details = await checkQueue(tx, actor.tenantId, draft, actor.hiddenPacks);
  const [first] = details;
  if (!first) return;
  throw invalid(`The queue ${ref} does not fit: ${first.path} ${first.message}`, details, 'invalid_queue');
}

async function getQueueModel(tx: ConfigurationTx, tenantId: number, ref: string): Promise<QueueModel> {
  const row = await tx.prisma.workQueue.findUnique({ where: { tenantId_ref: { tenantId, ref } } });
  if (!row) throw notFound('queue', ref);
  return row;
}

const toTarget = ({ id, ref }: QueueModel) => ({ id: Number(id), ...targetOf(ref) });

/** Further than this nobody counts: a queue may hold millions. */
const mostCounted = 10_000;

type Counts = Partial<Record<ItemStatus, number>>;

/** How many items of each status each queue has, up to 10,000 of each. */
async function countItems(
  tx: ConfigurationTx,
  tenantId: number,
  ids: readonly bigint[],
  statuses: readonly ItemStatus[],
): Promise<Map<number, Counts>> {
  const rows = await tx.query<{ id: bigint; status: ItemStatus; count: number }>(
    `SELECT q.id, s.status, c.count FROM unnest($2::bigint[]) AS q(id) CROSS JOIN unnest($3::text[]) AS s(status)
     CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM (
       SELECT 1 FROM work_queue_item i WHERE i.tenant_id = $1::bigint AND i.queue_id = q.id AND i.status = s.status LIMIT $4::int) AS counted) c
     WHERE c.count > 0`,
    [tenantId, ids, statuses, mostCounted],
  );
  const found = new Map<number, Counts>();
  for (const { id, status, count } of rows) {
    const counts = found.get(Number(id)) ?? {};
    counts[status] = count;
    found.set(Number(id), counts);
  }
  return found;
}

function toSummary(row: QueueModel, counts: Counts = {}): QueueSummary {
  return {
    id: Number(row.id),
    ref: row.ref,
    packRef: row.packRef,
    label: row.label,
    description: row.description,
    dispatchActionRef: row.dispatchActionRef,
    enabled: row.enabled,
    acceptingNewItems: row.acceptingNewItems,
    isAdhoc: row.isAdhoc,
    pending: (counts.queued ?? 0) + (counts.retry ?? 0),
    leased: counts.leased ?? 0,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

async function toQueue(tx: ConfigurationTx, actor: Actor, row: QueueModel): Promise<Queue> {
  const counted = await countItems(tx, Number(row.tenantId), [row.id], itemStatuses);
  const counts = counted.get(Number(row.id)) ?? {};
  const target = toTarget(row);
  return {
    ...toSummary(row, counts),
    allowPendingUpdate: row.allowPendingUpdate,
    updateStrategy: row.updateStrategy as Queue['updateStrategy'],
    batchMode: row.batchMode as Queue['batchMode'],
    defaultPriority: row.defaultPriority,
    itemSchema: row.itemSchema as JsonObject,
    actionParams: row.actionParams as JsonObject,
    config: row.config as JsonObject,
    packId: row.packId === null ? null : Number(row.packId),
    dispatchActionId: await findActionId(tx, row),
    tuning: toTuning(row.config as JsonObject),
    counts,
    dispatches: await listDispatches(tx, row),
    mayEdit: may(actor, 'update', 'queues', target),
    mayDelete: may(actor, 'delete', 'queues', target),
    mayEnqueue: may(actor, 'execute', 'queues', target),
  };
}

async function findActionId(tx: ConfigurationTx, row: QueueModel): Promise<number | null> {
  const action = await tx.prisma.action.findFirst({
    where: { ref: row.dispatchActionRef, ...visibleTo(Number(row.tenantId)) },
    orderBy: { tenantId: 'desc' },
    select: { id: true },
  });
  return action && Number(action.id);
}

async function listDispatches(tx: ConfigurationTx, row: QueueModel): Promise<Dispatch[]> {
  const rows = await tx.query<{
    id: bigint;
    executionId: bigint;
    itemCount: number;
    state: string;
    created: Date;
    endedAt: Date | null;
  }>(
    `SELECT d.id, d.execution_id AS "executionId", d.item_count AS "itemCount", COALESCE(d.outcome, e.state, 'gone') AS state, d.created,
       d.ended_at AS "endedAt"
     FROM work_queue_dispatch d
     LEFT JOIN execution e ON e.tenant_id = d.tenant_id AND e.root_id = d.execution_id AND e.id = d.execution_id
     WHERE d.tenant_id = $1::bigint AND d.queue_id = $2::bigint ORDER BY d.id DESC LIMIT 20`,
    [row.tenantId, row.id],
  );
  return rows.map((dispatch) => ({
    id: Number(dispatch.id),
    executionId: Number(dispatch.executionId),
    itemCount: dispatch.itemCount,
    state: dispatch.state,
    created: new Date(dispatch.created).toISOString(),
    endedAt: dispatch.endedAt === null ? null : new Date(dispatch.endedAt).toISOString(),
  }));
}
