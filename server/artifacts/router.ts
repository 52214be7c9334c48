import { z } from 'zod';
import { Id } from '../fields';
import { needs, router } from '../trpc';
import {
  AddEntry,
  Artifact,
  ArtifactPage,
  ArtifactVersion,
  CreateArtifact,
  ListArtifacts,
  ProgressEntry,
  UpdateArtifact,
} from './schema';
import * as service from './service';

const ById = z.strictObject({ id: Id });

export const artifactsRouter = router({
  list: needs('artifacts', 'read')
    .input(ListArtifacts)
    .output(ArtifactPage)
    .query(({ ctx, input }) => service.listArtifacts(ctx.actor, input)),
  get: needs('artifacts', 'read')
    .input(ById)
    .output(Artifact)
    .query(({ ctx, input }) => service.getArtifact(ctx.actor, input)),
  versions: needs('artifacts', 'read')
    .input(ById.extend({ below: z.number().int().positive().nullish() }))
    .output(z.array(ArtifactVersion))
    .query(({ ctx, input: { below, id } }) => service.listVersions(ctx.actor, { id }, below ?? null)),
  entries: needs('artifacts', 'read')
    .input(ById)
    .output(z.array(ProgressEntry))
    .query(({ ctx, input }) => service.listEntries(ctx.actor, input)),
  create: needs('artifacts', 'create')
    .input(CreateArtifact)
    .output(Artifact)
    .mutation(({ ctx, input }) => service.createArtifact(ctx.actor, input)),
  update: needs('artifacts', 'update')
    .input(UpdateArtifact)
    .output(Artifact)
    .mutation(({ ctx, input }) => service.updateArtifact(ctx.actor, input)),
  addEntry: needs('artifacts', 'update')
    .input(AddEntry)
    .output(ProgressEntry)
    .mutation(({ ctx, input: { id, entry } }) => service.addEntry(ctx.actor, { id }, entry)),
  remove: needs('artifacts', 'delete')
    .input(ById)
    .output(z.null())
    .mutation(async ({ ctx, input }) => {
      await service.removeArtifact(ctx.actor, input.id);
      return null;
    }),
});
