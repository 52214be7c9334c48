import { z } from 'zod';
import { toFlatParameters } from '@/engine/definition/parameters';
import type { Problem } from '@/engine/definition/problem';
import { inConfiguration, type ConfigurationTx } from '../db';
import { Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';
import type { Prisma } from '../generated/prisma/client';
import { FilterText, Named, PatchText, patchedText } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import { may, requireRight, type Actor } from '../identities/actor';
import { targetOf, visibleTo } from '../packs/refs';
import { toDetail } from './check';
import { createPublished, updatePublished } from './put';
import { removeWorkflow } from './service';
import { getWorkflowRow } from './store';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  pack_ref: z.string(),
  label: z.string(),
  description: z.string(),
  version: z.string(),
  tags: z.array(z.string()),
  created: Time,
  updated: Time,
});
const Workflow = Summary.extend({
  pack: Id,
  action: Id.describe('The action that runs it, of the same ref'),
  definition: JsonObject.describe('The published revision; the draft, where nothing is published yet'),
  revision: z.number().int().nullable(),
  param_schema: JsonObject.describe('Flat: names with their schemas'),
  out_schema: JsonObject.nullable(),
  warnings: z.array(z.string()),
});

const Version = z.string().min(1).max(50);
const Tags = z.array(z.string().min(1).max(100)).max(50);
const CreateWorkflow = z.object({
  ref: Ref,
  pack_ref: PackRef,
  label: Label,
  description: Text.nullish(),
  version: Version,
  definition: JsonObject.describe('version?, vars?, tasks and output_map?'),
  param_schema: JsonObject.nullish().describe(
    'Flat, or JSON Schema; what the definition says itself goes first',
  ),
  out_schema: JsonObject.nullish(),
  tags: Tags.nullish(),
});
const UpdateWorkflow = z.object({
  label: Label.nullish(),
  description: PatchText,
  version: Version.nullish(),
  definition: JsonObject.nullish(),
  param_schema: JsonObject.nullish(),
  out_schema: JsonObject.nullish(),
  tags: Tags.nullish(),
});

const included = { action: true } as const;
type Told = Prisma.WorkflowGetPayload<{ include: typeof included }>;

function toSummary(row: Told): z.infer<typeof Summary> {
  const updated = Math.max(row.draftUpdated.getTime(), row.action.updated.getTime());
  return {
    id: Number(row.id),
    ref: row.ref,
    pack_ref: row.action.packRef,
    label: row.action.label,
    description: row.action.description,
    version: row.version,
    tags: row.tags,
    created: row.created.toISOString(),
    updated: new Date(updated).toISOString(),
  };
}

async function definitionOf(tx: ConfigurationTx, row: Told): Promise<JsonObject> {
  if (row.published === null) return row.draft as JsonObject;
  const revision = await tx.prisma.workflowRevision.findFirst({
    where: { workflowId: row.id, number: row.published },
    select: { definition: true },
  });
  return (revision?.definition ?? row.draft) as JsonObject;
}

async function getTold(
  actor: Actor,
  ref: string,
  problems: readonly Problem[] = [],
): Promise<z.infer<typeof Workflow>> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const { id } = await getWorkflowRow(tx, actor.tenantId, ref);
    const row = await tx.prisma.workflow.findUniqueOrThrow({ where: { id }, include: included });
    const { paramSchema, outSchema } = row.action;
    return {
      ...toSummary(row),
      pack: Number(row.packId),
      action: Number(row.actionId),
      definition: await definitionOf(tx, row),
      revision: row.published,
      param_schema: toFlatParameters(paramSchema as JsonObject),
      out_schema: outSchema === null ? null : toFlatParameters(outSchema as JsonObject),
      warnings: problems.map((problem) => {
        const { path, message } = toDetail(problem);
        return path === '' ? message : `${path}: ${message}`;
      }),
    };
  });
}

/** Workflows, below `/api/v1`. */
export const workflowRoutes: readonly Route[] = [
  list(
    {
      path: '/workflows',
      summary: 'Workflows by ref',
      access: { resource: 'actions', action: 'read' },
      query: z.object({
        pack_ref: FilterText,
        tags: FilterText.describe('Separated by commas; with any of them'),
        search: FilterText.describe('In ref, label and description'),
      }),
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      requireRight(actor, 'read', 'actions');
      const tags = (query.tags ?? '').split(',').filter((tag) => tag !== '');
      const rows = await inConfiguration(actor.tenantId, (tx) =>
        tx.prisma.workflow.findMany({
          where: {
            ...visibleTo(actor.tenantId),
            ...(tags.length > 0 && { tags: { hasSome: tags } }),
            ...(query.pack_ref !== undefined && { action: { packRef: query.pack_ref } }),
          },
          include: included,
          orderBy: { ref: 'asc' },
        }),
      );
      const sought = query.search?.toLowerCase() ?? '';
      const found = rows.filter(
        ({ ref, action }) =>
          may(actor, 'read', 'actions', { id: Number(action.id), ref, packRef: action.packRef }) &&
          `${ref}\n${action.label}\n${action.description}`.toLowerCase().includes(sought),
      );
      return partOf(found.map(toSummary), paging);
    },
  ),
  one(
    'post',
    {
      path: '/workflows',
      summary: 'A new workflow, published, with the action that runs it',
      access: { resource: 'actions', action: 'create' },
      body: CreateWorkflow,
      answer: Workflow,
      status: 201,
    },
    async ({ actor, body }) => {
      const problems = await createPublished(
        actor,
        { ref: body.ref, packRef: body.pack_ref },
        {
          label: body.label,
          description: body.description ?? '',
          version: body.version,
          tags: body.tags ?? [],
          definition: body.definition,
          paramSchema: body.param_schema ?? undefined,
          outSchema: body.out_schema ?? undefined,
        },
      );
      return getTold(actor, body.ref, problems);
    },
  ),
  one(
    'get',
    {
      path: '/workflows/{ref}',
      summary: 'A workflow as it is published',
      access: { resource: 'actions', action: 'read' },
      params: Named,
      answer: Workflow,
    },
    ({ actor, params }) => getTold(actor, params.ref),
  ),
  one(
    'put',
    {
      path: '/workflows/{ref}',
      summary: 'Changes what is given of a workflow, and publishes it',
      access: { resource: 'actions', action: 'update' },
      params: Named,
      body: UpdateWorkflow,
      answer: Workflow,
    },
    async ({ actor, params, body }) => {
      const problems = await updatePublished(actor, params.ref, {
        label: body.label ?? undefined,
        description: patchedText(body.description),
        version: body.version ?? undefined,
        tags: body.tags ?? undefined,
        definition: body.definition ?? undefined,
        paramSchema: body.param_schema ?? undefined,
        outSchema: body.out_schema ?? undefined,
      });
      return getTold(actor, params.ref, problems);
    },
  ),
  remove(
    {
      path: '/workflows/{ref}',
      summary: 'Removes a workflow that nothing names any more, with its action',
      access: { resource: 'actions', action: 'delete' },
      params: Named,
    },
    async ({ actor, params }) => {
      await removeWorkflow(actor, params.ref);
      return `The workflow ${params.ref} is removed.`;
    },
  ),
];
