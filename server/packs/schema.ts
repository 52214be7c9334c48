import { z } from 'zod';
import { Id, JsonObject, Label, PackRef, Text, Time } from '../fields';

const Words = z.array(z.string().min(1).max(200)).max(100);
/** What a pack says of itself beside its names. */
const details = {
  confSchema: JsonObject.optional(),
  config: JsonObject.optional(),
  meta: JsonObject.optional(),
  tags: Words.optional(),
  dependencies: Words.optional(),
  runtimeDeps: Words.optional(),
  visibility: z
    .enum(['tenant', 'private'])
    .optional()
    .describe('Who sees it: everybody of the tenant, or whoever made it (Default: tenant)'),
};
const Version = z.string().min(1).max(50);
export const CreatePack = z.strictObject({
  ref: PackRef,
  label: Label,
  description: Text.default(''),
  version: Version.default('0.1.0'),
  ...details,
});
/** What is left out stays as it is. */
export const UpdatePack = z.strictObject({
  label: Label.optional(),
  description: Text.optional(),
  version: Version.optional(),
  ...details,
});
export type UpdatePack = z.infer<typeof UpdatePack>;
export type CreatePack = z.infer<typeof CreatePack>;
export const PackSummary = z.object({
  id: Id,
  ref: z.string(),
  label: z.string(),
  description: z.string(),
  version: z.string(),
  isStandard: z.boolean(),
  visibility: z.enum(['tenant', 'private']),
  tags: z.array(z.string()),
  actions: z.number(),
  workflows: z.number(),
  triggers: z.number(),
  rules: z.number(),
  created: Time,
  updated: Time,
});
export type PackSummary = z.infer<typeof PackSummary>;

/** Where a pack's files came from: the name of an upload, a folder, or an address with its ref. */
export const PackOrigin = z.object({
  kind: z.enum(['upload', 'folder', 'git']),
  from: z.string(),
  ref: z.string().optional(),
});
export type PackOrigin = z.infer<typeof PackOrigin>;

const Component = z.object({ ref: z.string(), label: z.string(), isAdhoc: z.boolean() });
/** A pack with all that it holds. */
export const PackDetail = PackSummary.extend({
  confSchema: JsonObject,
  config: JsonObject,
  /** Of the schema, but never of the configuration: they belong into keys of the pack. */
  secretFields: z.array(z.string()),
  origin: PackOrigin.nullable(),
  /** As `file:line message`. */
  problems: z.array(z.string()),
  components: z.object({
    actions: z.array(Component.extend({ runtime: z.string() })),
    workflows: z.array(Component),
    triggers: z.array(Component),
    sensors: z.array(Component),
    rules: z.array(Component),
    queues: z.array(Component),
  }),
  mayInstall: z.boolean(),
  mayConfigure: z.boolean(),
});
export type PackDetail = z.infer<typeof PackDetail>;

export const PackFileEntry = z.object({ path: z.string(), sizeBytes: z.number() });
export type PackFileEntry = z.infer<typeof PackFileEntry>;
/** `text` is null for what is no text, or too large to be shown. */
export const PackFileText = PackFileEntry.extend({ text: z.string().nullable() });
export type PackFileText = z.infer<typeof PackFileText>;

/** What came of an install: the pack, and what was wrong in its files. */
export const Installed = z.object({ pack: PackSummary, problems: z.array(z.string()) });
export type Installed = z.infer<typeof Installed>;

export const RegisterFolder = z.strictObject({
  path: z.string().min(1).max(4096).regex(/^\//, 'must begin with /'),
  force: z.boolean().default(false),
});
export type RegisterFolder = z.infer<typeof RegisterFolder>;
export const RegisterGit = z.strictObject({
  url: z
    .string()
    .max(2000)
    .regex(
      /^(https:\/\/|ssh:\/\/|file:\/\/\/|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:(?!\/\/))[^\s]+$/,
      'must begin with https://, ssh://, file:/// or be user@host:path',
    ),
  ref: z
    .string()
    .max(200)
    .regex(/^([A-Za-z0-9][A-Za-z0-9._/-]*)?$/, 'must be a branch, a tag or a commit')
    .default(''),
  folder: z
    .string()
    .max(400)
    .regex(/^(?!.*\.\.)[^\0]*$/, 'must be a folder of the repository')
    .default(''),
  force: z.boolean().default(false),
});
export type RegisterGit = z.infer<typeof RegisterGit>;
