import { z } from 'zod';
import { Ref } from '../fields';
import { needs, router } from '../trpc';
import { Action, ActionSummary, CatalogEntry, CreateAction, UpdateAction } from './schema';
import * as service from './service';

export const actionsRouter = router({
  /** All actions but workflows, by ref. */
  list: needs('actions', 'read')
    .output(z.array(ActionSummary))
    .query(({ ctx }) => service.listActions(ctx.actor)),
  /** Every action with its schemas, workflows too: the canvas' palette and checker. */
  catalog: needs('actions', 'read')
    .output(z.array(CatalogEntry))
    .query(({ ctx }) => service.listCatalog(ctx.actor)),
  get: needs('actions', 'read')
    .input(z.strictObject({ ref: Ref }))
    .output(Action)
    .query(({ ctx, input }) => service.getAction(ctx.actor, input.ref)),
  create: needs('actions', 'create')
    .input(CreateAction)
    .output(Action)
    .mutation(({ ctx, input }) => service.createAction(ctx.actor, input)),
  /** Conflict when `revision` is not the newest. */
  update: needs('actions', 'update')
    .input(UpdateAction)
    .output(Action)
    .mutation(({ ctx, input }) => service.updateAction(ctx.actor, input)),
  remove: needs('actions', 'delete')
    .input(z.strictObject({ ref: Ref }))
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeAction(ctx.actor, input.ref)),
});
