import { z } from 'zod';
import { needs, router } from '../trpc';
import { CreateKey, Key, KeyName, KeyPage, ListKeys, RevealedKey, UpdateKey } from './schema';
import * as service from './service';

export const keysRouter = router({
  list: needs('keys', 'read')
    .input(ListKeys)
    .output(KeyPage)
    .query(({ ctx, input }) => service.listKeys(ctx.actor, input)),
  get: needs('keys', 'read')
    .input(KeyName)
    .output(Key)
    .query(({ ctx, input }) => service.getKey(ctx.actor, input)),
  /** A mutation, because it leaves a trace. */
  reveal: needs('keys', 'decrypt')
    .input(KeyName)
    .output(RevealedKey)
    .mutation(({ ctx, input }) => service.revealKey(ctx.actor, input)),
  create: needs('keys', 'create')
    .input(CreateKey)
    .output(Key)
    .mutation(({ ctx, input }) => service.createKey(ctx.actor, input)),
  update: needs('keys', 'update')
    .input(UpdateKey)
    .output(Key)
    .mutation(({ ctx, input }) => service.updateKey(ctx.actor, input)),
  remove: needs('keys', 'delete')
    .input(KeyName)
    .output(z.null())
    .mutation(({ ctx, input }) => service.removeKey(ctx.actor, input)),
});
