import { z } from 'zod';
import { Id, Ref } from '../fields';
import { needs, router } from '../trpc';
import * as items from './items';
import {
  ChangeItem,
  CreateQueue,
  EnqueueItem,
  ItemPage,
  ListItems,
  Queue,
  QueueItem,
  QueueSummary,
  UpdateQueue,
} from './schema';
import * as service from './service';

const ByRef = z.strictObject({ ref: Ref });

export const workQueuesRouter = router({
  list: needs('queues', 'read')
    .output(z.array(QueueSummary))
    .query(({ ctx }) => service.listQueues(ctx.actor)),
  get: needs('queues', 'read')
    .input(ByRef)
    .output(Queue)
    .query(({ ctx, input }) => service.getQueue(ctx.actor, input.ref)),
  create: needs('queues', 'create')
    .input(CreateQueue)
    .output(Queue)
    .mutation(({ ctx, input }) => service.createQueue(ctx.actor, input)),
  update: needs('queues', 'update')
    .input(UpdateQueue)
    .output(Queue)
    .mutation(({ ctx, input }) => service.updateQueue(ctx.actor, input)),
  remove: needs('queues', 'delete')
    .input(ByRef)
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeQueue(ctx.actor, input.ref)),
  items: needs('queues', 'read')
    .input(ListItems)
    .output(ItemPage)
    .query(({ ctx, input }) => items.listItems(ctx.actor, input)),
  enqueue: needs('queues', 'execute')
    .input(EnqueueItem)
    .output(z.object({ item: QueueItem, isMerged: z.boolean() }))
    .mutation(({ ctx, input }) => items.enqueueItem(ctx.actor, input)),
  changeItem: needs('queues', 'execute')
    .input(ChangeItem)
    .output(QueueItem)
    .mutation(({ ctx, input }) => items.changeItem(ctx.actor, input)),
  cancelItem: needs('queues', 'execute')
    .input(z.strictObject({ queueRef: Ref, id: Id }))
    .output(QueueItem)
    .mutation(({ ctx, input }) => items.cancelItem(ctx.actor, input.queueRef, input.id)),
});
