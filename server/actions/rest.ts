import { z } from 'zod';
import { toFlatParameters, toJsonSchema } from '@/engine/definition/parameters';
import { invalid } from '@/engine/errors';
import { inConfiguration, type ConfigurationTx } from '../db';
import { Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';
import type { Action as ActionRow } from '../generated/prisma/client';
import { FilterText, Named, PatchText, patchedText } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import { may, requireRight, type Actor } from '../identities/actor';
import { PermissionSetRefs } from '../identities/schema';
import { toRuntime } from '../packs/component';
import { targetOf, visibleTo } from '../packs/refs';
import { allRuntimes, findRuntime } from '../runtimes/runtimes';
import { toDeclaration } from './declaration';
import { RequiredRuntimes } from './required-runtimes';
import { OutputFormat, ParameterDelivery, ParameterFormat } from './schema';
import { createFromSpec, removeAction, updateFromSpec } from './service';
import { getActionRow, type ActionSpec } from './store';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  pack_ref: z.string(),
  label: z.string(),
  description: z.string(),
  entrypoint: z.string().describe('A file of the pack, an address, or the code itself'),
  runtime: Id.nullable(),
  runtime_ref: z.string().nullable().describe('Null for a workflow'),
  runtime_version_constraint: z.string().nullable(),
  required_worker_runtimes: z.record(z.string(), z.string()),
  workflow_def: Id.nullable(),
  accesses_mcp: z.literal(false),
  created: Time,
  updated: Time,
});
const Action = Summary.extend({
  pack: Id,
  param_schema: JsonObject.describe('Flat: names with their schemas'),
  out_schema: JsonObject.nullable(),
  default_execution_permission_set_refs: z.array(z.string()),
  parameter_delivery: z.string(),
  parameter_format: z.string(),
  output_format: z.string(),
  timeout_seconds: z.number().int(),
  is_adhoc: z.boolean(),
});

const given = {
  param_schema: JsonObject.nullish().describe('Flat, or JSON Schema'),
  out_schema: JsonObject.nullish(),
  runtime: Id.nullish(),
  runtime_ref: z
    .string()
    .max(200)
    .nullish()
    .describe('core.shell, core.python, … (Default: by the entrypoint’s ending, else core.shell)'),
  required_worker_runtimes: RequiredRuntimes.nullish(),
  default_execution_permission_set_refs: PermissionSetRefs.nullish(),
  parameter_delivery: ParameterDelivery.nullish(),
  parameter_format: ParameterFormat.nullish(),
  output_format: OutputFormat.nullish(),
  timeout_seconds: z.number().int().min(1).max(86_400).nullish(),
};
const Entrypoint = z.string().max(500_000);
const Constraint = z.string().max(100);
const CreateAction = z.object({
  ref: Ref,
  pack_ref: PackRef,
  label: Label,
  description: Text.nullish(),
  entrypoint: Entrypoint,
  runtime_version_constraint: Constraint.nullish(),
  ...given,
});
const UpdateAction = z.object({
  label: Label.nullish(),
  description: PatchText,
  entrypoint: Entrypoint.nullish(),
  runtime_version_constraint: PatchText,
  ...given,
});
type Given = z.infer<typeof UpdateAction>;

type Told = ActionRow & { workflow: { id: bigint } | null };
const withWorkflow = { workflow: { select: { id: true } } } as const;

function toSummary(row: Told): z.infer<typeof Summary> {
  const facts = findRuntime(row.runtime);
  const required = row.requiredRuntimes as RequiredRuntimes;
  return {
    id: Number(row.id),
    ref: row.ref,
    pack_ref: row.packRef,
    label: row.label,
    description: row.description,
    entrypoint: row.entrypoint === '' ? (row.code ?? '') : row.entrypoint,
    runtime: facts?.id ?? null,
    runtime_ref: row.runtimeRef ?? facts?.ref ?? null,
    runtime_version_constraint: required[row.runtime] ?? null,
    required_worker_runtimes: required,
    workflow_def: row.workflow === null ? null : Number(row.workflow.id),
    accesses_mcp: false,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
  };
}

function toAction(row: Told): z.infer<typeof Action> {
  return {
    ...toSummary(row),
    pack: Number(row.packId),
    param_schema: toFlatParameters(row.paramSchema as JsonObject),
    out_schema: row.outSchema === null ? null : toFlatParameters(row.outSchema as JsonObject),
    default_execution_permission_set_refs: row.defaultPermissionSetRefs,
    parameter_delivery: row.parameterDelivery,
    parameter_format: row.parameterFormat,
    output_format: row.outputFormat,
    timeout_seconds: row.timeoutSeconds,
    is_adhoc: row.isAdhoc,
  };
}

async function getTold(actor: Actor, ref: string): Promise<z.infer<typeof Action>> {
  requireRight(actor, 'read', 'actions', targetOf(ref));
  return inConfiguration(actor.tenantId, async (tx) => {
    const { id } = await getActionRow(tx, actor.tenantId, ref);
    return toAction(await tx.prisma.action.findUniqueOrThrow({ where: { id }, include: withWorkflow }));
  });
}

async function listTold(tx: ConfigurationTx, actor: Actor, packRef: string | undefined): Promise<Told[]> {
  const rows = await tx.prisma.action.findMany({
    where: { ...visibleTo(actor.tenantId), ...(packRef !== undefined && { packRef }) },
    orderBy: { ref: 'asc' },
    include: withWorkflow,
  });
  return rows.filter((row) =>
    may(actor, 'read', 'actions', { id: Number(row.id), ref: row.ref, packRef: row.packRef }),
  );
}

type Source = Pick<ActionSpec, 'runtime' | 'runtimeRef' | 'entrypoint' | 'code'>;

/** A path, as against a line of a script. */
const looksLikeFile = (entrypoint: string) => /^[\w./-]+\.[A-Za-z]+$/.test(entrypoint);

/**
 * What runs an entrypoint. Whether its file and its runtime are there is found out when it is carried out: packs are loaded
 * in any order.
 */
function toSource(entrypoint: string, runtimeRef: string | null): Source {
  const runtime = toRuntime({ entrypoint, ...(runtimeRef !== null && { runner_type: runtimeRef }) });
  if (runtime === null || runtime === 'native' || runtime === 'workflow')
    return { runtime: 'unknown', runtimeRef, entrypoint, code: null };
  const source = { runtime, runtimeRef: null };
  if (runtime === 'container')
    return { ...source, entrypoint: '', code: toDeclaration({ image: entrypoint }) };
  const isInline =
    runtime === 'http' ? false : runtime === 'shell' ? !looksLikeFile(entrypoint) : entrypoint.includes('\n');
  return isInline ? { ...source, entrypoint: '', code: entrypoint } : { ...source, entrypoint, code: null };
}

function runtimeRefOf({ runtime, runtime_ref: ref }: Given): string | null {
  if (ref !== undefined && ref !== null) return ref;
  if (runtime === undefined || runtime === null) return null;
  const facts = allRuntimes.find(({ id }) => id === runtime);
  if (facts) return facts.ref;
  throw invalid('The body does not fit: runtime: there is no runtime of this id.', [
    { path: 'runtime', message: 'there is no runtime of this id; GET /api/v1/runtimes lists them' },
  ]);
}

/** What a body says, over what there is; null leaves a field as it is. */
function toSpec(body: Given, kept: ActionSpec): ActionSpec {
  const runtimeRef = runtimeRefOf(body);
  const hasSource = runtimeRef !== null || (body.entrypoint !== undefined && body.entrypoint !== null);
  const entrypoint = body.entrypoint ?? (kept.entrypoint === '' ? (kept.code ?? '') : kept.entrypoint);
  const source = hasSource ? toSource(entrypoint, runtimeRef ?? keptRuntimeRef(kept)) : kept;
  return {
    ...kept,
    runtime: source.runtime,
    runtimeRef: source.runtimeRef,
    entrypoint: source.entrypoint,
    code: source.code,
    label: body.label ?? kept.label,
    description: patchedText(body.description) ?? kept.description,
    paramSchema: body.param_schema ? toJsonSchema(body.param_schema) : kept.paramSchema,
    outSchema: body.out_schema ? toJsonSchema(body.out_schema) : kept.outSchema,
    outputFormat: body.output_format ?? kept.outputFormat,
    parameterDelivery: body.parameter_delivery ?? kept.parameterDelivery,
    parameterFormat: body.parameter_format ?? kept.parameterFormat,
    timeoutSeconds: body.timeout_seconds ?? kept.timeoutSeconds,
    requiredRuntimes: toRequired(body, source.runtime, kept.requiredRuntimes),
    defaultPermissionSetRefs: [
      ...new Set(body.default_execution_permission_set_refs ?? kept.defaultPermissionSetRefs),
    ],
  };
}

/** What it is run by now. */
function keptRuntimeRef({ runtime, runtimeRef }: ActionSpec): string | null {
  return runtimeRef ?? findRuntime(runtime)?.ref ?? null;
}

function toRequired(
  { required_worker_runtimes: given, runtime_version_constraint: patch }: Given,
  runtime: string,
  kept: RequiredRuntimes,
): RequiredRuntimes {
  const required = given ?? kept;
  const constraint = patchedText(patch);
  if (constraint === undefined) return required;
  const others = Object.fromEntries(Object.entries(required).filter(([name]) => name !== runtime));
  if (constraint === '') return others;
  const read = RequiredRuntimes.safeParse({ ...others, [runtime]: constraint });
  if (read.success) return read.data;
  const message = read.error.issues[0]?.message ?? '';
  throw invalid(`The body does not fit: runtime_version_constraint: ${message}.`, [
    { path: 'runtime_version_constraint', message },
  ]);
}

const nothing: ActionSpec = {
  label: '',
  description: '',
  runtime: 'shell',
  runtimeRef: null,
  entrypoint: '',
  code: null,
  paramSchema: toJsonSchema({}),
  outSchema: null,
  outputFormat: 'text',
  parameterDelivery: 'stdin',
  parameterFormat: 'json',
  timeoutSeconds: 300,
  idempotent: false,
  concurrency: null,
  limits: {},
  requiredRuntimes: {},
  defaultPermissionSetRefs: [],
};

/** Actions, below `/api/v1`. */
export const actionRoutes: readonly Route[] = [
  list(
    {
      path: '/actions',
      summary: 'Actions by ref, workflows’ own among them',
      access: { resource: 'actions', action: 'read' },
      query: z.object({ pack_ref: FilterText, search: FilterText }),
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      const rows = await inConfiguration(actor.tenantId, (tx) => listTold(tx, actor, query.pack_ref));
      const sought = query.search?.toLowerCase() ?? '';
      const found = rows.filter(({ ref, label }) => `${ref} ${label}`.toLowerCase().includes(sought));
      return partOf(found.map(toSummary), paging);
    },
  ),
  one(
    'post',
    {
      path: '/actions',
      summary: 'A new action',
      access: { resource: 'actions', action: 'create' },
      body: CreateAction,
      answer: Action,
      status: 201,
    },
    async ({ actor, body }) => {
      const source = toSource(body.entrypoint, runtimeRefOf(body));
      await createFromSpec(
        actor,
        { ref: body.ref, packRef: body.pack_ref },
        {
          ...toSpec(
            { ...body, entrypoint: null, runtime: null, runtime_ref: null },
            { ...nothing, ...source },
          ),
        },
      );
      return getTold(actor, body.ref);
    },
  ),
  one(
    'get',
    {
      path: '/actions/{ref}',
      summary: 'An action',
      access: { resource: 'actions', action: 'read' },
      params: Named,
      answer: Action,
    },
    ({ actor, params }) => getTold(actor, params.ref),
  ),
  one(
    'put',
    {
      path: '/actions/{ref}',
      summary: 'Changes what is given of an action, as its next revision',
      access: { resource: 'actions', action: 'update' },
      params: Named,
      body: UpdateAction,
      answer: Action,
    },
    async ({ actor, params, body }) => {
      await updateFromSpec(actor, params.ref, null, (kept) => toSpec(body, kept));
      return getTold(actor, params.ref);
    },
  ),
  remove(
    {
      path: '/actions/{ref}',
      summary: 'Removes an action that nothing names any more',
      access: { resource: 'actions', action: 'delete' },
      params: Named,
    },
    async ({ actor, params }) => {
      await removeAction(actor, params.ref);
      return `The action ${params.ref} is removed.`;
    },
  ),
];
