import { z } from 'zod';
import { invalid } from '@/engine/errors';
import { AnyJson, Id, JsonObject, Label, Time } from '../fields';
import type { Paging, Part } from '../http/rest/paging';
import { partOf } from '../http/rest/paging';
import { download, list, one, remove, upload, type Route } from '../http/rest/route';
import { readAfter } from '../http/rest/rows';
import type { Actor } from '../identities/actor';
import { largestBytes } from './blobs';
import {
  ArtifactRef,
  ArtifactType,
  ContentType,
  RetentionPolicy,
  Scope,
  Visibility,
  WebAddress,
  type Artifact as StoredArtifact,
  type ArtifactVersion as StoredVersion,
} from './schema';
import * as service from './service';

const Version = z.object({
  id: Id,
  artifact: Id,
  version: z.number().int(),
  file_path: z.string().describe('The artifact, the version and the file: ref/v1/name'),
  file_name: z.string(),
  content_type: z.string(),
  size_bytes: z.number(),
  sha256: z.string(),
  execution: Id.nullable(),
  created: Time,
});
const Summary = z.object({
  id: Id,
  ref: z.string(),
  scope: Scope,
  owner: z.string(),
  type: ArtifactType,
  visibility: Visibility,
  retention_policy: RetentionPolicy,
  retention_limit: z.number().int(),
  name: z.string(),
  description: z.string(),
  content_type: z.string().nullable(),
  size_bytes: z.number().nullable().describe('Of the newest version'),
  url: z.string().nullable(),
  execution: Id.nullable(),
  created: Time,
  updated: Time,
});
const Artifact = Summary.extend({
  latest_version: Version.nullable(),
  data: z.array(AnyJson).nullable().describe('Progress: its newest 500 entries, oldest first'),
});
const Entry = z.object({ seq: z.number().int(), entry: AnyJson, execution: Id.nullable(), created: Time });

const Limit = z.number().int().min(1).max(10_000);
const CreateArtifact = z.object({
  ref: ArtifactRef,
  scope: Scope,
  owner: z.string().max(200).nullish().describe('A login, or the ref of a pack, an action or a sensor'),
  type: ArtifactType,
  name: Label.nullish().describe('Default: the ref'),
  description: z.string().max(2_000).nullish(),
  content_type: ContentType.nullish(),
  visibility: Visibility.nullish().describe('Default: private'),
  retention_policy: RetentionPolicy.nullish().describe('Default: versions'),
  retention_limit: Limit.nullish().describe('Default: 10 versions, or 30 of a time'),
  url: WebAddress.nullish().describe('Where a link leads'),
});
const UpdateArtifact = z.object({
  name: Label.nullish(),
  description: z.string().max(2_000).nullish(),
  visibility: Visibility.nullish(),
  retention_policy: RetentionPolicy.nullish(),
  retention_limit: Limit.nullish(),
  url: WebAddress.nullish(),
});

const ById = z.object({ id: z.coerce.number().pipe(Id) });
const ByRef = z.object({ ref: z.string().max(200) });
const WhichVersion = z.object({
  version: z.coerce
    .number()
    .int()
    .min(1)
    .max(2 ** 31)
    .optional(),
});
const read = { resource: 'artifacts', action: 'read' } as const;
const update = { resource: 'artifacts', action: 'update' } as const;

const toSummary = (artifact: StoredArtifact): z.infer<typeof Summary> => ({
  id: artifact.id,
  ref: artifact.ref,
  scope: artifact.scope,
  owner: artifact.owner,
  type: artifact.type,
  visibility: artifact.visibility,
  retention_policy: artifact.retentionPolicy,
  retention_limit: artifact.retentionLimit,
  name: artifact.name,
  description: artifact.description,
  content_type: artifact.latest?.contentType ?? artifact.contentType,
  size_bytes: artifact.latest?.sizeBytes ?? null,
  url: artifact.url,
  execution: artifact.executionId,
  created: artifact.created,
  updated: artifact.updated,
});

const toVersion = (artifact: { id: number; ref: string }, made: StoredVersion): z.infer<typeof Version> => ({
  id: made.id,
  artifact: artifact.id,
  version: made.number,
  file_path: `${artifact.ref}/v${made.number}/${made.fileName}`,
  file_name: made.fileName,
  content_type: made.contentType,
  size_bytes: made.sizeBytes,
  sha256: made.sha256,
  execution: made.executionId,
  created: made.created,
});

async function toArtifact(actor: Actor, artifact: StoredArtifact): Promise<z.infer<typeof Artifact>> {
  const isProgress = artifact.type === 'progress';
  const entries = isProgress ? await service.listEntries(actor, { id: artifact.id }) : [];
  return {
    ...toSummary(artifact),
    latest_version: artifact.latest && toVersion(artifact, artifact.latest),
    data: isProgress ? entries.map(({ entry }) => entry).reverse() : null,
  };
}

const mostOfABatch = 200;

/** Newest first. How many there are in all is not counted: nobody pages to the end of them. */
async function listPart(
  actor: Actor,
  executionId: number | null,
  paging: Paging,
): Promise<Part<StoredArtifact>> {
  const items: StoredArtifact[] = [];
  let cursor = readAfter(paging.after);
  let passed = 0;
  const skipped = paging.after === null ? paging.offset : 0;
  for (;;) {
    const page = await service.listArtifacts(actor, { executionId, cursor, limit: mostOfABatch });
    for (const item of page.items) {
      if ((passed += 1) <= skipped) continue;
      if (items.length === paging.size)
        return { items, total: null, hasMore: true, next: String(items.at(-1)?.id) };
      items.push(item);
    }
    if (page.next === null) {
      const total = paging.after === null ? passed : null;
      return { items, total, hasMore: false, next: null };
    }
    cursor = page.next;
  }
}

const originOf = (actor: Actor) => ({ executionId: actor.execution?.id ?? null });

/** What an execution makes without saying whose it is belongs to its pack, or to itself. */
function toOwner(actor: Actor, scope: Scope, owner: string | null | undefined): string {
  if (owner) return owner;
  if (scope === 'pack') return actor.execution?.packRef ?? '';
  return scope === 'action' ? (actor.execution?.actionRef ?? '') : '';
}

async function readForm({ bytes, type }: { bytes: Uint8Array; type: string }) {
  const form = await new Response(Buffer.from(bytes), { headers: { 'content-type': type } })
    .formData()
    .catch(() => null);
  const file = form?.get('file');
  if (!(file instanceof File))
    throw invalid('The file field file is missing.', [{ path: 'file', message: 'is missing' }]);
  const declared = form?.get('content_type');
  const content = new Uint8Array(await file.arrayBuffer());
  return {
    fileName: file.name,
    contentType: typeof declared === 'string' && declared !== '' ? declared : file.type,
    content: (async function* () {
      yield await Promise.resolve(content);
    })(),
  };
}

/** Artifacts, below `/api/v1`. */
export const artifactRoutes: readonly Route[] = [
  list(
    {
      path: '/artifacts',
      summary: 'Artifacts, newest first',
      access: read,
      query: z.object({ execution: z.coerce.number().pipe(Id).optional() }),
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      const part = await listPart(actor, query.execution ?? null, paging);
      return { ...part, items: part.items.map(toSummary) };
    },
  ),
  one(
    'post',
    {
      path: '/artifacts',
      summary: 'A new artifact, without content',
      access: { resource: 'artifacts', action: 'create' },
      body: CreateArtifact,
      answer: Artifact,
      status: 201,
    },
    async ({ actor, body }) => {
      const made = {
        ...{ ref: body.ref, scope: body.scope, type: body.type, name: body.name ?? body.ref },
        owner: toOwner(actor, body.scope, body.owner),
        description: body.description ?? '',
        contentType: body.content_type,
        ...(body.visibility && { visibility: body.visibility }),
        ...(body.retention_policy && { retentionPolicy: body.retention_policy }),
        ...(body.retention_limit && { retentionLimit: body.retention_limit }),
        ...(body.url && { url: body.url }),
      };
      return toArtifact(actor, await service.createArtifact(actor, made, originOf(actor)));
    },
  ),
  one(
    'get',
    {
      path: '/artifacts/ref/{ref}',
      summary: 'An artifact by its ref',
      access: read,
      params: ByRef,
      answer: Artifact,
    },
    async ({ actor, params }) => toArtifact(actor, await service.getArtifact(actor, params)),
  ),
  one(
    'get',
    { path: '/artifacts/{id}', summary: 'An artifact', access: read, params: ById, answer: Artifact },
    async ({ actor, params }) => toArtifact(actor, await service.getArtifact(actor, params)),
  ),
  one(
    'put',
    {
      path: '/artifacts/{id}',
      summary: 'Changes what is given of an artifact',
      access: update,
      params: ById,
      body: UpdateArtifact,
      answer: Artifact,
    },
    async ({ actor, params, body }) => {
      const change = {
        ...(body.name && { name: body.name }),
        ...(typeof body.description === 'string' && { description: body.description }),
        ...(body.visibility && { visibility: body.visibility }),
        ...(body.retention_policy && { retentionPolicy: body.retention_policy }),
        ...(body.retention_limit && { retentionLimit: body.retention_limit }),
        ...(body.url && { url: body.url }),
      };
      return toArtifact(actor, await service.updateArtifact(actor, { ...params, ...change }));
    },
  ),
  remove(
    {
      path: '/artifacts/{id}',
      summary: 'Removes an artifact with all its versions',
      access: { resource: 'artifacts', action: 'delete' },
      params: ById,
    },
    async ({ actor, params }) => {
      await service.removeArtifact(actor, params.id);
      return `The artifact ${params.id} is removed.`;
    },
  ),
  list(
    {
      path: '/artifacts/{id}/versions',
      summary: 'Its versions, newest first',
      access: read,
      params: ById,
      item: Version,
    },
    async ({ actor, params, paging }) => {
      const artifact = await service.getArtifact(actor, params);
      const versions = await service.listVersions(actor, params);
      return partOf(
        versions.map((version) => toVersion(artifact, version)),
        paging,
      );
    },
  ),
  download(
    {
      path: '/artifacts/{id}/download',
      summary: 'The file of a version (Default: the newest)',
      access: read,
      params: ById,
      query: WhichVersion,
    },
    async ({ actor, params, query }) => {
      const { version, content } = await service.openVersion(actor, params, query.version ?? null);
      const { fileName, contentType, sizeBytes } = version;
      return { fileName, contentType, sizeBytes, content };
    },
  ),
  upload(
    {
      path: '/artifacts/ref/{ref}/versions/file',
      summary:
        'A file as the newest version: a form with the file field file, and content_type where it is not the file’s',
      access: update,
      params: ByRef,
      answer: Version,
      form: { file: 'file', fields: z.object({ content_type: z.string().optional() }) },
      status: 201,
      maxBodyBytes: largestBytes() + 64 * 1024,
    },
    async ({ actor, params, upload: form }) => {
      const artifact = await service.getArtifact(actor, params);
      const made = await service.addVersion(actor, params, await readForm(form), originOf(actor));
      return toVersion(artifact, made);
    },
  ),
  one(
    'post',
    {
      path: '/artifacts/{id}/progress',
      summary: 'A line of progress',
      access: update,
      params: ById,
      body: z.object({ entry: JsonObject }),
      answer: Entry,
      status: 201,
    },
    async ({ actor, params, body }) => {
      const { executionId, ...made } = await service.addEntry(actor, params, body.entry, originOf(actor));
      return { ...made, execution: executionId };
    },
  ),
];
