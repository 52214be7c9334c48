import { z } from 'zod';
import { Environment } from '../environments/schema';
import { listEnvironments, rebuildEnvironment } from '../environments/service';
import { Id, JsonObject, PackRef } from '../fields';
import { needs, router } from '../trpc';
import { listPackFiles, readPackFile } from './files';
import { registerFolder, registerGit } from './install';
import {
  CreatePack,
  Installed,
  PackDetail,
  PackFileEntry,
  PackFileText,
  PackSummary,
  RegisterFolder,
  RegisterGit,
} from './schema';
import * as service from './service';

const OnePack = z.strictObject({ ref: PackRef });

export const packsRouter = router({
  list: needs('packs', 'read')
    .output(z.array(PackSummary))
    .query(({ ctx }) => service.listPacks(ctx.actor)),
  get: needs('packs', 'read')
    .input(OnePack)
    .output(PackDetail)
    .query(({ ctx, input }) => service.getPackDetail(ctx.actor, input.ref)),
  files: needs('packs', 'read')
    .input(OnePack)
    .output(z.array(PackFileEntry))
    .query(({ ctx, input }) => listPackFiles(ctx.actor, input.ref)),
  file: needs('packs', 'read')
    .input(OnePack.extend({ path: z.string().min(1).max(400) }))
    .output(PackFileText)
    .query(({ ctx, input }) => readPackFile(ctx.actor, input.ref, input.path)),
  environments: needs('packs', 'read')
    .input(OnePack)
    .output(z.array(Environment))
    .query(({ ctx, input }) => listEnvironments(ctx.actor, input.ref)),
  rebuildEnvironment: needs('packs', 'configure')
    .input(OnePack.extend({ id: Id }))
    .mutation(({ ctx, input }) => rebuildEnvironment(ctx.actor, input.ref, input.id)),
  create: needs('packs', 'create')
    .input(CreatePack)
    .output(PackSummary)
    .mutation(({ ctx, input }) => service.createPack(ctx.actor, input)),
  configure: needs('packs', 'configure')
    .input(OnePack.extend({ config: JsonObject }))
    .output(JsonObject)
    .mutation(({ ctx, input }) => service.configurePack(ctx.actor, input.ref, input.config)),
  registerFolder: needs('packs', 'install')
    .input(RegisterFolder)
    .output(Installed)
    .mutation(({ ctx, input }) => registerFolder(ctx.actor, input)),
  registerGit: needs('packs', 'install')
    .input(RegisterGit)
    .output(Installed)
    .mutation(({ ctx, input }) => registerGit(ctx.actor, input)),
});
