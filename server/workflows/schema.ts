import { z } from 'zod';
import type { Definition } from '@/engine/definition/schema';
import type { Problem } from '@/engine/definition/problem';
import { AnyJson, Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';

const TaskNames = z.array(z.string().max(200)).max(10_000).optional();

/** How a workflow is shown and written: kept apart from what it does, so a change of it is no change of the definition. */
export const Layout = z.object({
  positions: z.record(z.string().max(200), z.object({ x: z.number(), y: z.number() })).default({}),
  groups: z
    .array(
      z.object({
        id: z.string().max(40),
        title: z.string().max(200),
        tasks: z.array(z.string().max(200)).max(10_000),
        collapsed: z.boolean(),
      }),
    )
    .max(500)
    .optional()
    .describe('Frames around tasks; collapsed, each stands for its tasks'),
  notes: z
    .array(
      z.object({
        id: z.string().max(40),
        x: z.number(),
        y: z.number(),
        width: z.number().min(1).max(10_000),
        height: z.number().min(1).max(10_000),
        text: z.string().max(10_000).describe('Markdown'),
      }),
    )
    .max(500)
    .optional()
    .describe('Notes on the canvas'),
  disabled: TaskNames.describe('Tasks that runs of the draft leave out'),
  breakpoints: TaskNames.describe('Tasks before which runs of the draft pause'),
  text: z
    .string()
    .max(1_000_000)
    .optional()
    .describe(
      'The YAML as somebody wrote it, with comments; absent where printing the definition gives the same',
    ),
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
