import { z } from 'zod';
import { ConcurrencyPolicy } from '@/engine/definition/concurrency';
import { ActionLimits } from './limits';
import { RequiredRuntimes } from './required-runtimes';
import { PermissionSetRefs } from '../identities/schema';
import { Id, JsonObject, Label, PackRef, Ref, Text, Time } from '../fields';

/** `unknown`: one that was asked for and that there is not; its executions fail and say so. */
export const runtimes = [
  'shell',
  'python',
  'nodejs',
  'http',
  'container',
  'native',
  'workflow',
  'unknown',
] as const;
export type Runtime = (typeof runtimes)[number];
/** The runtimes of what a person writes in the browser: programs, and declarations in YAML. */
export const CodeRuntime = z.enum(['shell', 'python', 'nodejs', 'http', 'container']);
export const OutputFormat = z.enum(['text', 'json', 'jsonl', 'yaml']);
export const ParameterDelivery = z.enum(['stdin', 'file']);
export const ParameterFormat = z.enum(['json', 'yaml', 'dotenv']);

const fields = {
  label: Label.describe('What people see'),
  description: Text.default('').describe('What the action does, in a sentence or two'),
  runtime: CodeRuntime.describe('What runs the code'),
  code: z
    .string()
    .max(500_000)
    .describe('The source; of an HTTP or container action what it declares, in YAML'),
  paramSchema: JsonObject.default({}).describe('The parameters, flat or as JSON Schema'),
  outputFormat: OutputFormat.default('text').describe('How stdout is read (Default: text)'),
  parameterDelivery: ParameterDelivery.optional().describe(
    'How the code gets its parameters; left out, it stays as it was (Default: stdin)',
  ),
  parameterFormat: ParameterFormat.optional().describe(
    'How they are written there; left out, it stays as it was (Default: json)',
  ),
  timeoutSeconds: z
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(300)
    .describe('Seconds until the attempt is stopped (Default: 300)'),
  idempotent: z.boolean().default(false).describe('May run again when its worker dies (Default: no)'),
  defaultPermissionSetRefs: PermissionSetRefs.optional().describe(
    'As what its executions may call the API: permission sets that you hold yourself, or standard for the keys and artifacts of the action and its pack; left out, it stays as it was (Default: none)',
  ),
  concurrency: ConcurrencyPolicy.nullish().describe(
    'How many may run at the same time; left out, it stays as it was (Default: no limit)',
  ),
  limits: ActionLimits.optional().describe('What one attempt may use; left out, they stay as they were'),
  requiredRuntimes: RequiredRuntimes.optional().describe(
    'What its worker must have beside its runtime; left out, it stays as it was (Default: nothing)',
  ),
};
export const CreateAction = z.strictObject({ packRef: PackRef, ref: Ref, ...fields });
export const UpdateAction = z.strictObject({
  ref: Ref,
  revision: z.number().int().positive().describe('The revision that was edited'),
  ...fields,
});
export type CreateAction = z.infer<typeof CreateAction>;
export type UpdateAction = z.infer<typeof UpdateAction>;

export const ActionSummary = z.object({
  id: Id,
  ref: z.string(),
  packRef: z.string(),
  label: z.string(),
  description: z.string(),
  runtime: z.enum(runtimes),
  isAdhoc: z.boolean(),
  updated: Time,
});
export type ActionSummary = z.infer<typeof ActionSummary>;
export const Action = ActionSummary.extend({
  entrypoint: z.string(),
  code: z.string().nullable(),
  /** JSON Schema of an object, whatever form it was written in. */
  paramSchema: JsonObject,
  outSchema: JsonObject.nullable(),
  outputFormat: OutputFormat,
  parameterDelivery: ParameterDelivery,
  parameterFormat: ParameterFormat,
  timeoutSeconds: z.number(),
  idempotent: z.boolean(),
  concurrency: ConcurrencyPolicy.nullable(),
  limits: ActionLimits,
  requiredRuntimes: RequiredRuntimes,
  defaultPermissionSetRefs: z.array(z.string()),
  revision: z.number(),
  mayEdit: z.boolean(),
  created: Time,
});
export type Action = z.infer<typeof Action>;
/** What the canvas needs of an action. */
export const CatalogEntry = z.object({
  ref: z.string(),
  packRef: z.string(),
  label: z.string(),
  description: z.string(),
  runtime: z.enum(runtimes),
  paramSchema: JsonObject,
  outSchema: JsonObject.nullable(),
});
export type CatalogEntry = z.infer<typeof CatalogEntry>;
