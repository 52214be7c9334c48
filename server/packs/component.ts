import { z } from 'zod';
import { WrittenConcurrency } from '@/engine/definition/concurrency';
import { parseDuration } from '@/engine/definition/duration';
import { ActionLimits } from '../actions/limits';
import { RequiredRuntimes } from '../actions/required-runtimes';
import { OutputFormat, ParameterDelivery, ParameterFormat, type Runtime } from '../actions/schema';
import { Grant, PermissionSetRefs } from '../identities/schema';
import { Interpreter } from '../runtimes/schema';
import { JsonObject, Label, PackRef, Priority, Ref, Text } from '../fields';
import { Conditions, RuleGuards } from '../rules/schema';
import { BatchMode, ItemPriority, QueueConfig, UpdateStrategy } from '../work-queues/schema';
import { toProblem, type YamlFile } from './yaml-file';

/** What the files of a pack may say. Several spellings are read; one leaves. */

const runtimeNames: Record<string, Runtime> = {
  shell: 'shell',
  bash: 'shell',
  python: 'python',
  node: 'nodejs',
  nodejs: 'nodejs',
  http: 'http',
  container: 'container',
  docker: 'container',
  podman: 'container',
  native: 'native',
};
const endings: Record<string, Runtime> = {
  sh: 'shell',
  bash: 'shell',
  py: 'python',
  js: 'nodejs',
  mjs: 'nodejs',
  cjs: 'nodejs',
};

const spellings: Record<string, string> = {
  entry_point: 'entrypoint',
  param_schema: 'parameters',
  output: 'out_schema',
  output_schema: 'out_schema',
  timeout_seconds: 'timeout',
  runner: 'runner_type',
  runtime: 'runner_type',
  runtime_ref: 'runner_type',
  trigger: 'trigger_ref',
  action: 'action_ref',
  criteria: 'conditions',
  dispatch_action: 'dispatch_action_ref',
};

export const PackFile = z.looseObject({
  ref: PackRef,
  label: Label.optional(),
  version: z.coerce.string().min(1).max(50).default('0.1.0'),
  description: Text.default(''),
  conf_schema: JsonObject.default({}),
  config: JsonObject.default({}),
  tags: z.array(z.string().max(100)).max(50).default([]),
});

const named = { ref: Ref, label: Label.optional(), description: Text.default('') };

/** A number of seconds, or a text such as 10m. */
const Seconds = z.preprocess(
  (written) => (typeof written === 'string' ? parseDuration(written) : written),
  z.number('must be a number of seconds, or a text such as 10m').int().min(1).max(31_536_000),
);

export const ActionFile = z.looseObject({
  ...named,
  /** Relative to `actions/`: the action is that workflow's companion. */
  workflow_file: z.string().max(400).optional(),
  runner_type: z.string().max(50).optional(),
  /** A file, an address, or an inline script. */
  entrypoint: z.string().max(200_000).default(''),
  parameters: JsonObject.default({}),
  out_schema: JsonObject.nullable().default(null),
  output_format: OutputFormat.default('text'),
  parameter_delivery: ParameterDelivery.default('stdin'),
  parameter_format: ParameterFormat.default('json'),
  /** As what its executions may call the API. */
  default_execution_permission_set_refs: PermissionSetRefs.default([]),
  /** What an HTTP action declares; without it its entrypoint is the address. */
  request: JsonObject.optional(),
  /** What a container action declares; without it its entrypoint is the image. */
  container: JsonObject.optional(),
  timeout: Seconds.default(300),
  idempotent: z.boolean().default(false),
  concurrency: WrittenConcurrency.nullable().default(null),
  limits: ActionLimits.default({}),
  /** What its worker must have beside its runtime. */
  required_worker_runtimes: RequiredRuntimes.default({}),
});
export type ActionFile = z.infer<typeof ActionFile>;

/** The definition's own keys stand beside these, or under `definition`. */
export const WorkflowFile = z.looseObject({ ...named, definition: JsonObject.optional() });

export const TriggerFile = z.looseObject({
  ...named,
  parameters: JsonObject.default({}),
  out_schema: JsonObject.default({}),
  enabled: z.boolean().default(true),
  webhook: z.boolean().default(false),
});
export type TriggerFile = z.infer<typeof TriggerFile>;

/** One ref or several. */
const TriggerRefs = z.preprocess(
  (written) => (typeof written === 'string' ? [written] : written),
  z.array(Ref, 'must name the triggers that it fires').min(1, 'must name at least one trigger').max(50),
);

export const SensorFile = z.looseObject({
  ...named,
  runner_type: z.string().max(50).optional(),
  entrypoint: z.string().max(500).default(''),
  /** What it may emit; an event that does not say is of the first. */
  trigger_types: TriggerRefs,
  parameters: JsonObject.default({}),
  /** Values of its parameters. */
  config: JsonObject.default({}),
  limits: ActionLimits.default({}),
  enabled: z.boolean().default(true),
});

export const RuleFile = z.looseObject({
  ...named,
  trigger_ref: Ref,
  action_ref: Ref,
  conditions: Conditions.default({}),
  action_params: JsonObject.default({}),
  priority: Priority.default(0),
  ...RuleGuards.shape,
  trigger_params: JsonObject.default({}),
  enabled: z.boolean().default(true),
});
export type RuleFile = z.infer<typeof RuleFile>;

export const QueueFile = z.looseObject({
  ...named,
  dispatch_action_ref: Ref,
  enabled: z.boolean().default(true),
  accepting_new_items: z.boolean().default(true),
  allow_pending_update: z.boolean().default(false),
  update_strategy: UpdateStrategy.default('immutable'),
  batch_mode: BatchMode.default('single'),
  default_priority: ItemPriority.default(0),
  item_schema: JsonObject.default({}),
  action_params: JsonObject.default({}),
  config: QueueConfig.default({}),
});
export type QueueFile = z.infer<typeof QueueFile>;

/** A grant may say one `action` for its `actions`. */
const WrittenGrant = z.preprocess((written) => {
  if (typeof written !== 'object' || written === null || !('action' in written)) return written;
  const { action, ...rest } = written;
  return { actions: [action], ...rest };
}, Grant);
export const PermissionSetFile = z.looseObject({
  ...named,
  grants: z.array(WrittenGrant).max(200).default([]),
});
export type PermissionSetFile = z.infer<typeof PermissionSetFile>;

export const RuntimeFile = z.looseObject({
  ...named,
  /** The program that runs a file, with its first arguments: `ruby`, or `[ruby, -W0]`. */
  interpreter: Interpreter,
  file_endings: z
    .array(z.string().regex(/^\.?[A-Za-z0-9]{1,20}$/))
    .max(20)
    .default([]),
});
export type RuntimeFile = z.infer<typeof RuntimeFile>;

/** Reads one component. What is wrong goes to `problems` with its line, and null comes back; unknown keys are told. */
export function parseComponent<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape, z.core.$loose>,
  file: YamlFile,
  packRef: string | null,
  problems: string[],
): z.infer<z.ZodObject<Shape, z.core.$loose>> | null {
  if (typeof file.value !== 'object' || file.value === null || Array.isArray(file.value)) {
    problems.push(`${file.path}:1 must be a map of keys`);
    return null;
  }
  const result = schema.safeParse(withOneSpelling(file.value, packRef));
  if (!result.success) {
    for (const { path, message } of result.error.issues) {
      problems.push(toProblem(file, writtenAs(file.value, path), `${path.join('.')}: ${message}`));
    }
    return null;
  }
  return result.data;
}

/** Keys that mean nothing here, one problem each. */
export function tellUnknownKeys(
  schema: { shape: z.ZodRawShape },
  file: YamlFile,
  others: readonly string[],
  problems: string[],
): void {
  const known = new Set([...Object.keys(schema.shape), ...others, 'name']);
  for (const key of Object.keys(file.value as object)) {
    const one = oneSpelling(key);
    if (!known.has(one)) problems.push(toProblem(file, [key], `unknown key ${key}: it has no effect`));
  }
}

function oneSpelling(key: string): string {
  const plain = key.replaceAll('-', '_');
  return spellings[plain] ?? plain;
}

function withOneSpelling(value: object, packRef: string | null): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) given[oneSpelling(key)] = entry;
  if (packRef === null) return given;
  if (given['ref'] === undefined && typeof given['name'] === 'string') given['ref'] = given['name'];
  for (const key of ['ref', 'trigger_ref', 'action_ref', 'dispatch_action_ref'])
    given[key] = withPack(given[key], packRef);
  const types = given['trigger_types'];
  if (types !== undefined)
    given['trigger_types'] = Array.isArray(types)
      ? types.map((one) => withPack(one, packRef))
      : withPack(types, packRef);
  return given;
}

/** A ref without a dot is the pack's own. */
function withPack(ref: unknown, packRef: string): unknown {
  return typeof ref === 'string' && ref !== '' && !ref.includes('.') ? `${packRef}.${ref}` : ref;
}

/** The path in the file's own words, so that its line is found. */
export function writtenAs(value: object, path: readonly PropertyKey[]): PropertyKey[] {
  const [first, ...rest] = path;
  const key = Object.keys(value).find((written) => oneSpelling(written) === first);
  return [key ?? first ?? '', ...rest];
}

/** What runs an action: as it says, else by its file's ending, else shell; null for a name that we don't know. */
export function toRuntime(file: Pick<ActionFile, 'runner_type' | 'entrypoint'>): Runtime | null {
  if (file.runner_type !== undefined) return runtimeNames[file.runner_type.replace(/^core\./, '')] ?? null;
  return endings[/\.([a-z]+)$/.exec(file.entrypoint)?.[1] ?? ''] ?? 'shell';
}
