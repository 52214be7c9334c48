import { z } from 'zod';
import type { Definition } from '@/engine/definition/schema';
import type { Problem } from '@/engine/definition/problem';
import { AnyJson, Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';

/** Where the tasks stand on the canvas: kept apart from what they do. */
export const Layout = z.object({
  positions: z.record(z.string().max(200), z.object({ x: z.number(), y: z.number() })).default({}),
});
export type Layout = z.infer<typeof Layout>;

export const CreateWorkflow = z.strictObject({
  packRef: PackRef,
  ref: Ref,
  label: Label,
  description: Text.default(''),
});
export type CreateWorkflow = z.infer<typeof CreateWorkflow>;
export const SaveDraft = z.strictObject({
  ref: Ref,
  draftVersion: z
    .number()
    .int()
    .positive()
    .describe('The version that was edited; another means that somebody else saved'),
  definition: AnyJson,
  layout: Layout,
});
export type SaveDraft = z.infer<typeof SaveDraft>;
export const Publish = z.strictObject({
  ref: Ref,
  draftVersion: z.number().int().positive(),
  name: z.string().trim().max(100).optional().describe('What people call the revision'),
  note: z.string().max(1000).default(''),
});
export type Publish = z.infer<typeof Publish>;

export const NameRevision = z.strictObject({
  ref: Ref,
  number: z.number().int().positive(),
  name: z.string().trim().max(100),
});
export type NameRevision = z.infer<typeof NameRevision>;

export const WorkflowProblem = z.custom<Problem>();
export const WorkflowSummary = z.object({
  id: Id,
  ref: z.string(),
  packRef: z.string(),
  label: z.string(),
  description: z.string(),
  tasks: z.number(),
  published: z.number().nullable(),
  hasChanges: z.boolean(),
  updated: Time,
});
export type WorkflowSummary = z.infer<typeof WorkflowSummary>;
export const Workflow = WorkflowSummary.extend({
  definition: z.custom<Definition>(),
  layout: Layout,
  draftVersion: z.number(),
  draftUpdatedBy: z.string().nullable(),
  draftUpdated: Time,
  pins: JsonObject.describe('Outputs that runs of the draft hold, by task'),
  problems: z.array(WorkflowProblem),
  mayEdit: z.boolean(),
});
export type Workflow = z.infer<typeof Workflow>;
export const SavedDraft = z.object({
  draftVersion: z.number(),
  hasChanges: z.boolean(),
  problems: z.array(WorkflowProblem),
});
export type SavedDraft = z.infer<typeof SavedDraft>;
export const RevisionSummary = z.object({
  number: z.number(),
  name: z.string(),
  note: z.string(),
  createdBy: z.string().nullable(),
  created: Time,
  isPublished: z.boolean(),
});
export type RevisionSummary = z.infer<typeof RevisionSummary>;
export const Revision = RevisionSummary.extend({ definition: z.custom<Definition>(), layout: Layout });
export type Revision = z.infer<typeof Revision>;
