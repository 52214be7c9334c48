import type { ConfigurationTx } from '../db';
import { checkQueue } from '../work-queues/check';
import { writtenAs } from './component';
import type { PackQueue } from './read-pack';
import { toProblem } from './yaml-file';

const fileKeys: Record<string, string> = {
  dispatchActionRef: 'dispatch_action_ref',
  itemSchema: 'item_schema',
  actionParams: 'action_params',
};

/** Saves a work queue as its file says it, with its items as they are; one that does not fit is told and left as it was. */
export async function saveFileQueue(
  tx: ConfigurationTx,
  place: { tenantId: number; packId: bigint; packRef: string },
  { file, ref, ...queue }: PackQueue,
  problems: string[],
): Promise<void> {
  const draft = {
    dispatchActionRef: queue.dispatch_action_ref,
    itemSchema: queue.item_schema,
    actionParams: queue.action_params,
  };
  const details = await checkQueue(tx, place.tenantId, draft);
  for (const { path, message } of details) {
    const [first = '', ...rest] = path.split('.');
    const keys = [fileKeys[first] ?? first, ...rest];
    const written = writtenAs(file.value as object, keys);
    problems.push(toProblem(file, written, `${keys.join('.')}: ${message}`));
  }
  if (details.length > 0) return;
  const columns = {
    ...draft,
    label: queue.label ?? ref,
    description: queue.description,
    allowPendingUpdate: queue.allow_pending_update,
    updateStrategy: queue.update_strategy,
    batchMode: queue.batch_mode,
    defaultPriority: queue.default_priority,
    config: queue.config,
  };
  // Whether it is on is people's decision once it is there, as for rules.
  const { tenantId } = place;
  await tx.prisma.workQueue.upsert({
    where: { tenantId_ref: { tenantId, ref } },
    create: {
      ...{ ...place, ref, enabled: queue.enabled, acceptingNewItems: queue.accepting_new_items },
      ...columns,
    },
    update: { ...columns, updated: new Date() },
  });
}
