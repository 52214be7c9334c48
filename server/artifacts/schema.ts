import { z } from 'zod';
import { AnyJson, Id, JsonObject, Label, PageInput, Time, pageOf } from '../fields';

export const artifactTypes = [
  'file_binary',
  'file_datatable',
  'file_image',
  'file_text',
  'other',
  'progress',
  'url',
] as const;
export const ArtifactType = z.enum(artifactTypes);
export type ArtifactType = z.infer<typeof ArtifactType>;

export const scopes = ['system', 'identity', 'pack', 'action', 'sensor'] as const;
export const Scope = z.enum(scopes);
export type Scope = z.infer<typeof Scope>;

export const Visibility = z.enum(['public', 'private']);
export type Visibility = z.infer<typeof Visibility>;
export const RetentionPolicy = z.enum(['versions', 'days', 'hours', 'minutes']);
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;
const RetentionLimit = z.number().int().min(1).max(10_000);

/** A free name, dots optional. */
export const ArtifactRef = z
  .string()
  .min(1, 'must not be empty')
  .max(200)
  .regex(/^[A-Za-z0-9_.-]+$/, 'letters, digits, _, - and dots only');
export const ContentType = z
  .string()
  .max(200)
  .regex(
    /^[\w.+-]+\/[\w.+-]+(\s*;\s*[\w-]+=("[^"\\\r\n]*"|[\w.+-]+))*$/,
    'must be a media type, such as text/csv',
  );
export const WebAddress = z
  .string()
  .max(4_000)
  .regex(/^https?:\/\/[^\s\p{C}]+$/u, 'must begin with http:// or https://');

export const CreateArtifact = z.strictObject({
  ref: ArtifactRef.describe('Its name, once per tenant'),
  scope: Scope.describe('Whose it is; with the visibility it decides who sees it'),
  owner: z.string().max(200).default('').describe('A login, or the ref of a pack, action or sensor'),
  type: ArtifactType,
  name: Label.describe('What people read'),
  description: z.string().max(2_000).default(''),
  contentType: ContentType.nullish(),
  visibility: Visibility.default('private').describe(
    'public: everybody of the tenant; private: who may read artifacts of its owner (Default: private)',
  ),
  retentionPolicy: RetentionPolicy.default('versions').describe('What is counted (Default: versions)'),
  retentionLimit: RetentionLimit.optional().describe(
    'How many are kept (Default: 10 versions, or 30 of a time)',
  ),
  url: WebAddress.optional().describe('Where a link leads; for the type url, and only for it'),
});
export type CreateArtifact = z.input<typeof CreateArtifact>;

/** What is left out stays as it is. */
export const UpdateArtifact = z.strictObject({
  id: Id,
  name: Label.optional(),
  description: z.string().max(2_000).optional(),
  visibility: Visibility.optional(),
  retentionPolicy: RetentionPolicy.optional(),
  retentionLimit: RetentionLimit.optional(),
  url: WebAddress.optional(),
});
export type UpdateArtifact = z.infer<typeof UpdateArtifact>;

export const ArtifactVersion = z.object({
  id: Id,
  number: z.number().int(),
  fileName: z.string(),
  contentType: z.string(),
  sizeBytes: z.number(),
  sha256: z.string(),
  executionId: Id.nullable(),
  created: Time,
});
export type ArtifactVersion = z.infer<typeof ArtifactVersion>;

export const Artifact = z.object({
  id: Id,
  ref: z.string(),
  scope: Scope,
  owner: z.string(),
  type: ArtifactType,
  name: z.string(),
  description: z.string(),
  contentType: z.string().nullable(),
  visibility: Visibility,
  retentionPolicy: RetentionPolicy,
  retentionLimit: z.number().int(),
  url: z.string().nullable(),
  executionId: Id.nullable(),
  /** The newest file; none for progress and links. */
  latest: ArtifactVersion.nullable(),
  entryCount: z.number(),
  createdBy: z.string().nullable(),
  created: Time,
  updated: Time,
  mayUpdate: z.boolean(),
  mayDelete: z.boolean(),
});
export type Artifact = z.infer<typeof Artifact>;
export const ArtifactPage = pageOf(Artifact);
export type ArtifactPage = z.infer<typeof ArtifactPage>;

/** Not strict: a list that is loaded page by page says in which direction, too. */
export const ListArtifacts = PageInput.extend({
  search: z.string().trim().max(200).default(''),
  type: ArtifactType.nullish(),
  /** Made by it, or with a version made by it. */
  executionId: Id.nullish(),
  /** Made in the tree of this root. */
  rootId: Id.nullish(),
});
export type ListArtifacts = z.input<typeof ListArtifacts>;

export const ProgressEntry = z.object({
  seq: z.number().int(),
  entry: AnyJson,
  executionId: Id.nullable(),
  created: Time,
});
export type ProgressEntry = z.infer<typeof ProgressEntry>;
export const AddEntry = z.strictObject({ id: Id, entry: JsonObject });
