import { z } from 'zod';
import { toFlatParameters } from '@/engine/definition/parameters';
import { invalid, notFound } from '@/engine/errors';
import { inConfiguration } from '../db';
import { Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';
import { Named } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { bare, list, one, remove, type Route } from '../http/rest/route';
import type { Actor } from '../identities/actor';
import { toSensorRuntime } from '../packs/sensor-file';
import { findRuntime } from '../runtimes/runtimes';
import { findTrigger } from '../triggers/store';
import { sensorStreams, type Sensor as StoredSensor, type SensorSummary as StoredSummary } from './schema';
import { createSensor, getSensor, listSensors, readSensorLog, removeSensor, updateSensor } from './service';

/** Which workers may run it: any that has its runtime, so far. */
const placement = {
  worker_selector: JsonObject,
  worker_tolerations: z.array(JsonObject),
  worker_affinity: JsonObject,
};
const Summary = z.object({
  id: Id,
  ref: z.string(),
  pack_ref: z.string(),
  label: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  entrypoint: z.string(),
  runtime_ref: z.string(),
  trigger_ref: z.string().describe('The first of its triggers'),
  trigger_refs: z.array(z.string()),
  state: z.string().describe('How it stands: running, waiting, backing_off, failing, …'),
  ...placement,
  created: Time,
  updated: Time,
});
const Sensor = Summary.extend({
  pack: Id.nullable(),
  runtime: Id,
  trigger: z.number().int().min(0).describe('0 where there is no such trigger'),
  param_schema: JsonObject.nullable().describe('Flat: names with their schemas'),
  config: JsonObject,
  is_adhoc: z.boolean(),
});
const Entrypoint = z.string().min(1).max(500);
const Code = z
  .string()
  .max(500_000)
  .nullish()
  .describe('The source, where it is not that of the file entrypoint');
const CreateSensor = z.object({
  ref: Ref,
  pack_ref: PackRef,
  label: Label,
  description: Text.nullish(),
  entrypoint: Entrypoint,
  runtime_ref: z.string().min(1).max(200),
  trigger_ref: Ref,
  code: Code,
  param_schema: JsonObject.nullish(),
  config: JsonObject.nullish(),
  enabled: z.boolean().nullish(),
});
const UpdateSensor = z.object({
  label: Label.nullish(),
  description: Text.nullish(),
  entrypoint: Entrypoint.nullish(),
  code: Code,
  param_schema: JsonObject.nullish(),
  config: JsonObject.nullish(),
  enabled: z.boolean().nullish(),
});
const Logs = z.object({
  sensor_ref: z.string(),
  logs: z.array(z.object({ stream: z.enum(sensorStreams), artifact_ref: z.string() })),
});
const Log = z.object({
  sensor_ref: z.string(),
  stream: z.enum(sensorStreams),
  artifact_ref: z.string(),
  content: z.string(),
  truncated: z.boolean(),
});

const runtimeOf = (runtime: StoredSummary['runtime']) =>
  findRuntime(runtime) ?? { id: 0, ref: `core.${runtime}` };

function toSummary(sensor: StoredSummary): z.infer<typeof Summary> {
  const { id, ref, label, description, enabled, entrypoint, state, created, updated } = sensor;
  return {
    ...{ id, ref, label, description, enabled, entrypoint, state, created, updated },
    pack_ref: sensor.packRef,
    runtime_ref: runtimeOf(sensor.runtime).ref,
    trigger_ref: sensor.triggerRefs[0] ?? '',
    trigger_refs: sensor.triggerRefs,
    ...{ worker_selector: {}, worker_tolerations: [], worker_affinity: {} },
  };
}

async function told(actor: Actor, sensor: StoredSensor): Promise<z.infer<typeof Sensor>> {
  const [trigger, pack] = await inConfiguration(actor.tenantId, async (tx) => [
    await findTrigger(tx, actor.tenantId, sensor.triggerRefs[0] ?? ''),
    await tx.prisma.sensor.findUnique({ where: { id: sensor.id }, select: { packId: true } }),
  ]);
  return {
    ...toSummary(sensor),
    pack: pack ? Number(pack.packId) : null,
    runtime: runtimeOf(sensor.runtime).id,
    trigger: Number(trigger?.id ?? 0),
    param_schema: toFlatParameters(sensor.paramSchema),
    config: sensor.config,
    is_adhoc: sensor.isAdhoc,
  };
}

async function create(actor: Actor, body: z.infer<typeof CreateSensor>): Promise<z.infer<typeof Sensor>> {
  const runtime = toSensorRuntime({ runner_type: body.runtime_ref, entrypoint: body.entrypoint });
  if (runtime === null || runtime === 'native')
    throw invalid(
      `A sensor cannot be run by ${body.runtime_ref}: use core.shell, core.python or core.nodejs.`,
      [{ path: 'runtime_ref', message: 'must be core.shell, core.python or core.nodejs' }],
    );
  const trigger = await inConfiguration(actor.tenantId, (tx) =>
    findTrigger(tx, actor.tenantId, body.trigger_ref),
  );
  if (!trigger) throw notFound('trigger', body.trigger_ref);
  const sensor = await createSensor(actor, {
    packRef: body.pack_ref,
    ref: body.ref,
    label: body.label,
    description: body.description ?? '',
    entrypoint: body.entrypoint,
    code: body.code ?? null,
    runtime,
    triggerRefs: [body.trigger_ref],
    paramSchema: body.param_schema ?? {},
    config: body.config ?? {},
    limits: {},
    enabled: body.enabled ?? true,
  });
  return told(actor, sensor);
}

/** Out of range it is brought into it, as in lists. */
const toTail = (text: string | undefined): number => {
  const lines = Math.trunc(Number(text));
  return text === undefined || Number.isNaN(lines) ? 1_000 : Math.min(Math.max(lines, 1), 10_000);
};
const artifactRef = (ref: string, stream: string) => `sensor.${ref}.${stream}`;

/** Sensors, below `/api/v1`. */
export const sensorRoutes: readonly Route[] = [
  list(
    {
      path: '/sensors',
      summary: 'Sensors by ref',
      access: { resource: 'triggers', action: 'read' },
      item: Summary,
    },
    async ({ actor, paging }) => partOf((await listSensors(actor)).map(toSummary), paging),
  ),
  one(
    'post',
    {
      path: '/sensors',
      summary: 'A new sensor, with code of its own or that of a file of its pack',
      access: { resource: 'triggers', action: 'create' },
      body: CreateSensor,
      answer: Sensor,
      status: 201,
    },
    ({ actor, body }) => create(actor, body),
  ),
  one(
    'get',
    {
      path: '/sensors/{ref}',
      summary: 'A sensor',
      access: { resource: 'triggers', action: 'read' },
      params: Named,
      answer: Sensor,
    },
    async ({ actor, params }) => told(actor, await getSensor(actor, params.ref)),
  ),
  one(
    'put',
    {
      path: '/sensors/{ref}',
      summary: 'Changes what is given of a sensor: within seconds its process follows',
      access: { resource: 'triggers', action: 'update' },
      params: Named,
      body: UpdateSensor,
      answer: Sensor,
    },
    async ({ actor, params, body }) => {
      const { label, description, entrypoint, config, enabled, param_schema: paramSchema } = body;
      const sensor = await updateSensor(actor, {
        ref: params.ref,
        ...(label && { label }),
        ...(typeof description === 'string' && { description }),
        ...(entrypoint && { entrypoint }),
        ...(typeof body.code === 'string' && { code: body.code }),
        ...(config && { config }),
        ...(typeof enabled === 'boolean' && { enabled }),
        ...(paramSchema && { paramSchema }),
      });
      return told(actor, sensor);
    },
  ),
  remove(
    {
      path: '/sensors/{ref}',
      summary: 'Removes a sensor with its cursor and its log',
      access: { resource: 'triggers', action: 'delete' },
      params: Named,
    },
    async ({ actor, params }) => {
      await removeSensor(actor, params.ref);
      return `The sensor ${params.ref} is removed.`;
    },
  ),
  bare(
    'get',
    {
      path: '/sensors/{ref}/logs',
      summary: 'The logs of a sensor',
      access: { resource: 'triggers', action: 'read' },
      params: Named,
      answer: Logs,
    },
    async ({ actor, params }) => {
      const { ref } = await getSensor(actor, params.ref);
      return {
        sensor_ref: ref,
        logs: sensorStreams.map((stream) => ({ stream, artifact_ref: artifactRef(ref, stream) })),
      };
    },
  ),
  one(
    'get',
    {
      path: '/sensors/{ref}/logs/{stream}',
      summary: 'The last lines that a sensor printed',
      access: { resource: 'triggers', action: 'read' },
      params: Named.extend({ stream: z.enum(sensorStreams) }),
      query: z.object({
        tail: z.string().max(100).optional().describe('How many lines, at most 10000 (Default: 1000)'),
      }),
      answer: Log,
      invalidStatus: 422,
    },
    async ({ actor, params: { ref, stream }, query }) => {
      const { text, isCut } = await readSensorLog(actor, { ref, stream, tail: toTail(query.tail) });
      return {
        sensor_ref: ref,
        stream,
        artifact_ref: artifactRef(ref, stream),
        content: text,
        truncated: isCut,
      };
    },
  ),
];
