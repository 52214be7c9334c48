import { z } from 'zod';
import { ActionLimits } from '../actions/limits';
import { AnyJson, Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';

/** What a sensor's process can be. */
export const launchedRuntimes = ['shell', 'python', 'nodejs'] as const;
/** `native`: part of the studio, never a process of its own. */
const runtimes = [...launchedRuntimes, 'native'] as const;
export type SensorRuntime = (typeof runtimes)[number];

export const sensorStreams = ['stdout', 'stderr'] as const;
export type SensorStream = (typeof sensorStreams)[number];

const fields = {
  label: Label,
  description: Text,
  runtime: z.enum(launchedRuntimes).describe('What runs the code'),
  entrypoint: z.string().max(500).describe('The file of its pack, where it has no code of its own'),
  code: z.string().max(500_000).nullable().describe('The source; null where it is a file of its pack'),
  triggerRefs: z
    .array(Ref)
    .min(1)
    .max(50)
    .describe('What it may emit; an event that names none is of the first'),
  paramSchema: JsonObject.describe('The parameters, flat or as JSON Schema'),
  config: JsonObject.describe('Values of its parameters'),
  enabled: z.boolean(),
};
export const CreateSensor = z.strictObject({
  ...fields,
  packRef: PackRef,
  ref: Ref,
  entrypoint: fields.entrypoint.default(''),
  code: fields.code.default(null),
  limits: ActionLimits.default({}),
});
export type CreateSensor = z.infer<typeof CreateSensor>;
export const UpdateSensor = z.strictObject({ ref: Ref, ...z.strictObject(fields).partial().shape });
export type UpdateSensor = z.infer<typeof UpdateSensor>;

/**
 * built_in: part of the studio. disabled: switched off. waiting: no rule that is on uses its triggers. pending: a worker is
 * to take it. starting, running: one has it. backing_off: it ended and is tried again later. failing: it ended five times
 * in a row; it is still tried again.
 */
export const SensorState = z.enum([
  'built_in',
  'disabled',
  'waiting',
  'pending',
  'starting',
  'running',
  'backing_off',
  'failing',
]);
export type SensorState = z.infer<typeof SensorState>;

export const SensorSummary = z.object({
  id: Id,
  ref: z.string(),
  packRef: z.string(),
  label: z.string(),
  description: z.string(),
  runtime: z.enum(runtimes),
  entrypoint: z.string(),
  triggerRefs: z.array(z.string()),
  enabled: z.boolean(),
  isAdhoc: z.boolean(),
  state: SensorState,
  /** The worker that runs it. */
  worker: z.string().nullable(),
  /** Since when it runs. */
  startedAt: Time.nullable(),
  created: Time,
  updated: Time,
});
export type SensorSummary = z.infer<typeof SensorSummary>;
export const Sensor = SensorSummary.extend({
  /** Null where it is a file of its pack, or built in. */
  code: z.string().nullable(),
  paramSchema: JsonObject,
  config: JsonObject,
  limits: ActionLimits,
  revision: z.number(),
  /** How often in a row it ended. */
  failures: z.number(),
  /** When it is tried again. */
  notBefore: Time.nullable(),
  lastError: z.string().nullable(),
  lastErrorAt: Time.nullable(),
  /** Where it stands, as it said itself. */
  cursor: AnyJson.nullable(),
  cursorAt: Time.nullable(),
  /** Events that it has emitted. */
  events: z.number(),
  /** Rules on its triggers. */
  rules: z.array(
    z.object({ ref: z.string(), label: z.string(), triggerRef: z.string(), enabled: z.boolean() }),
  ),
  mayEdit: z.boolean(),
  mayDelete: z.boolean(),
});
export type Sensor = z.infer<typeof Sensor>;

export const ReadSensorLog = z.strictObject({
  ref: Ref,
  stream: z.enum(sensorStreams),
  tail: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(500)
    .describe('The last lines to give back (Default: 500)'),
});
export const SensorLog = z.object({ text: z.string(), isCut: z.boolean() });
export type SensorLog = z.infer<typeof SensorLog>;
