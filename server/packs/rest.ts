import { z } from 'zod';
import { forbidden, invalid } from '@/engine/errors';
import { Id, JsonObject, Label, PackRef, Text, Time } from '../fields';
import type { Pack as PackRow } from '../generated/prisma/client';
import { Named, PatchText, patchedText } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { download, list, one, remove, upload, type Route } from '../http/rest/route';
import type { Actor } from '../identities/actor';
import { archiveLimits } from './archive';
import { exportPack } from './export';
import { registerFolder, uploadPack } from './install';
import { RegisterFolder, type Installed, type PackSummary as StoredSummary } from './schema';
import { syncWorkflows, validateWorkflows } from './sync';
import { createPack, getPackRow, listPacks, removePack, updatePack } from './service';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  label: z.string(),
  description: z.string(),
  version: z.string(),
  is_standard: z.boolean(),
  tags: z.array(z.string()),
  created: Time,
  updated: Time,
});
const Pack = Summary.extend({
  conf_schema: JsonObject,
  config: JsonObject.describe('Without what its schema calls secret'),
  meta: JsonObject,
  dependencies: z.array(z.string()),
  runtime_deps: z.array(z.string()),
  visibility: z.string(),
});
const PackInstall = z.object({
  pack: Pack,
  tests_skipped: z.boolean(),
  test_result: z.null(),
  problems: z.array(z.string()).describe('What is wrong in its files, as file:line message'),
});

const Words = z.array(z.string().min(1).max(200)).max(100).nullish();
const details = {
  visibility: z
    .enum(['tenant', 'private'])
    .nullish()
    .describe('private: seen by whoever made it, and by who is given it by name'),
  conf_schema: JsonObject.nullish(),
  config: JsonObject.nullish(),
  meta: JsonObject.nullish(),
  tags: Words,
  dependencies: Words,
  runtime_deps: Words,
  is_standard: z.boolean().nullish(),
};
const CreatePack = z.object({
  ref: PackRef,
  label: Label,
  version: z.string().min(1).max(50),
  description: Text.nullish(),
  ...details,
});
const UpdatePack = z.object({
  label: Label.nullish(),
  version: z.string().min(1).max(50).nullish(),
  description: PatchText,
  ...details,
});

function toSummary(pack: StoredSummary): z.infer<typeof Summary> {
  const { id, ref, label, description, version, isStandard, tags, created, updated } = pack;
  return { id, ref, label, description, version, is_standard: isStandard, tags, created, updated };
}

function toPack(row: PackRow): z.infer<typeof Pack> {
  return {
    id: Number(row.id),
    ref: row.ref,
    label: row.label,
    description: row.description,
    version: row.version,
    is_standard: row.isStandard,
    tags: row.tags,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    conf_schema: row.confSchema as JsonObject,
    config: row.config as JsonObject,
    meta: row.meta as JsonObject,
    dependencies: row.dependencies,
    runtime_deps: row.runtimeDeps,
    visibility: row.visibility,
  };
}

const getTold = async (actor: Actor, ref: string) => toPack(await getPackRow(actor, ref));

/** Null is as good as left out. */
function toDetails(body: { [Key in keyof typeof details]?: z.output<(typeof details)[Key]> }) {
  if (body.is_standard) throw forbidden('Standard packs come with the studio; nobody makes one by the API.');
  return {
    ...(body.visibility && { visibility: body.visibility }),
    ...(body.conf_schema && { confSchema: body.conf_schema }),
    ...(body.config && { config: body.config }),
    ...(body.meta && { meta: body.meta }),
    ...(body.tags && { tags: body.tags }),
    ...(body.dependencies && { dependencies: body.dependencies }),
    ...(body.runtime_deps && { runtimeDeps: body.runtime_deps }),
  };
}

async function toInstall(actor: Actor, { pack, problems }: Installed): Promise<z.infer<typeof PackInstall>> {
  return { pack: await getTold(actor, pack.ref), tests_skipped: true, test_result: null, problems };
}

async function* inOne(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

/** Packs, below `/api/v1`. */
export const packRoutes: readonly Route[] = [
  list(
    {
      path: '/packs',
      summary: 'Packs: the standard ones, then the newest first',
      access: { resource: 'packs', action: 'read' },
      item: Summary,
    },
    async ({ actor, paging }) => partOf((await listPacks(actor)).map(toSummary), paging),
  ),
  one(
    'post',
    {
      path: '/packs',
      summary: 'A new, empty pack',
      access: { resource: 'packs', action: 'create' },
      body: CreatePack,
      answer: Pack,
      status: 201,
    },
    async ({ actor, body }) => {
      const { ref, label, version, description } = body;
      await createPack(actor, {
        ref,
        label,
        version,
        description: description ?? '',
        visibility: 'private',
        ...toDetails(body),
      });
      return getTold(actor, ref);
    },
  ),
  upload(
    {
      path: '/packs/upload',
      summary: 'Installs a pack from a tar.gz with pack.yaml at its root: the file field pack',
      access: { resource: 'packs', action: 'install' },
      answer: PackInstall,
      form: {
        file: 'pack',
        fields: z.object({ force: z.string().optional(), skip_tests: z.string().optional() }),
      },
      status: 201,
      maxBodyBytes: archiveLimits.packedBytes + 64 * 1024,
    },
    async ({ actor, upload: { bytes, type } }) => {
      const form = await new Response(Buffer.from(bytes), { headers: { 'content-type': type } })
        .formData()
        .catch(() => null);
      const file = form?.get('pack');
      if (!(file instanceof File))
        throw invalid('The file field pack is missing.', [{ path: 'pack', message: 'is missing' }]);
      const isForced = ['true', '1'].includes(String(form?.get('force') ?? ''));
      const content = new Uint8Array(await file.arrayBuffer());
      return toInstall(actor, await uploadPack(actor, content, file.name, isForced));
    },
  ),
  one(
    'post',
    {
      path: '/packs/register',
      summary: 'Installs a pack from a folder of the server',
      access: { resource: 'packs', action: 'install' },
      body: z.object({
        path: RegisterFolder.shape.path,
        force: z.boolean().nullish(),
        skip_tests: z.boolean().nullish(),
      }),
      answer: PackInstall,
      status: 201,
    },
    async ({ actor, body }) =>
      toInstall(actor, await registerFolder(actor, { path: body.path, force: body.force ?? false })),
  ),
  one(
    'get',
    {
      path: '/packs/{ref}',
      summary: 'A pack',
      access: { resource: 'packs', action: 'read' },
      params: Named,
      answer: Pack,
    },
    ({ actor, params }) => getTold(actor, params.ref),
  ),
  download(
    {
      path: '/packs/{ref}/export',
      summary: 'A pack as an archive (tar.gz) that can be uploaded elsewhere; secrets do not come along',
      access: { resource: 'packs', action: 'read', also: { resource: 'queues', action: 'read' } },
      params: Named,
    },
    async ({ actor, params }) => {
      const { fileName, content, leftOut } = await exportPack(actor, params.ref);
      const sizeBytes = content.length;
      return { fileName, contentType: 'application/gzip', sizeBytes, content: inOne(content), leftOut };
    },
  ),
  one(
    'put',
    {
      path: '/packs/{ref}',
      summary: 'Changes what is given of a pack',
      access: { resource: 'packs', action: 'update' },
      params: Named,
      body: UpdatePack,
      answer: Pack,
    },
    async ({ actor, params, body }) => {
      const { label, version, description } = body;
      const text = patchedText(description);
      await updatePack(actor, params.ref, {
        ...(label && { label }),
        ...(version && { version }),
        ...(text !== undefined && { description: text }),
        ...toDetails(body),
      });
      return getTold(actor, params.ref);
    },
  ),
  one(
    'post',
    {
      path: '/packs/{ref}/workflows/sync',
      summary: 'Publishes the workflows of a pack’s files as they say',
      access: { resource: 'packs', action: 'install' },
      params: Named,
      answer: z.object({
        pack_ref: z.string(),
        loaded_count: z.number().int(),
        registered_count: z.number().int(),
        workflows: z.array(
          z.object({
            ref_name: z.string(),
            created: z.boolean(),
            workflow_def_id: Id,
            warnings: z.array(z.string()),
          }),
        ),
        errors: z.array(z.string()),
      }),
    },
    async ({ actor, params }) => {
      const { loaded, registered, errors } = await syncWorkflows(actor, params.ref);
      return {
        pack_ref: params.ref,
        loaded_count: loaded,
        registered_count: registered.length,
        workflows: registered.map(({ ref, id, isNew }) => ({
          ref_name: ref,
          created: isNew,
          workflow_def_id: id,
          warnings: [],
        })),
        errors,
      };
    },
  ),
  one(
    'post',
    {
      path: '/packs/{ref}/workflows/validate',
      summary: 'Looks for problems in the workflows of a pack’s files, and changes nothing',
      access: { resource: 'packs', action: 'read' },
      params: Named,
      answer: z.object({
        pack_ref: z.string(),
        validated_count: z.number().int(),
        error_count: z.number().int(),
        errors: z.record(z.string(), z.array(z.string())).describe('By the workflow’s ref, or its file'),
      }),
    },
    async ({ actor, params }) => {
      const { validated, errors } = await validateWorkflows(actor, params.ref);
      const count = [...errors.values()].reduce((sum, { length }) => sum + length, 0);
      return {
        pack_ref: params.ref,
        validated_count: validated,
        error_count: count,
        errors: Object.fromEntries(errors),
      };
    },
  ),
  remove(
    {
      path: '/packs/{ref}',
      summary: 'Removes a pack with all that it holds, unless other packs use it',
      access: { resource: 'packs', action: 'delete' },
      params: Named,
    },
    async ({ actor, params }) => {
      await removePack(actor, params.ref);
      return `The pack ${params.ref} is removed.`;
    },
  ),
];
