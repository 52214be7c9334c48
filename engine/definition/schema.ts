import { z } from 'zod';
import { ConcurrencyPolicy } from './concurrency';

/** Any JSON value, as it is written in a definition; texts in it may be templates. */
const Written = z.json();

export const Duration = z
  .union([z.number().nonnegative(), z.string().min(1).max(100)])
  .describe('A number of seconds, or a text such as 90s, 10m, 2h or 1h 30m');
export type Duration = z.infer<typeof Duration>;

export const reservedTargets = ['$end', '$fail'] as const;
export type ReservedTarget = (typeof reservedTargets)[number];

/** What `retry.on` can name. */
export const RetryOutcome = z.enum(['failed', 'timeout', 'abandoned']);
export type RetryOutcome = z.infer<typeof RetryOutcome>;

export const longestLabel = 200;

export const Transition = z.looseObject({
  when: z
    .string()
    .optional()
    .describe(
      'The condition, an expression; evaluated when the task ends. Without one the transition always fires',
    ),
  otherwise: z.boolean().optional().describe('Fires when no other transition of the task did'),
  label: z.string().max(longestLabel).optional().describe('What stands on the line'),
  publish: z
    .array(z.record(z.string(), Written))
    .optional()
    .describe('Variables to set, in order, each as {name: value}; all of them or none'),
  do: z.array(z.string()).describe('The tasks to start, or $end or $fail'),
});
export type Transition = z.infer<typeof Transition>;

export const Retry = z.looseObject({
  count: z.number().int().min(0).max(1000).describe('Extra attempts after the first'),
  delay: Duration.optional().describe('How long to wait before an extra attempt. (Default: 0)'),
  backoff: z
    .enum(['constant', 'linear', 'exponential'])
    .optional()
    .describe('How the wait grows from attempt to attempt. (Default: constant)'),
  max_delay: Duration.optional().describe('The longest wait'),
  jitter: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('The part of the wait that is left to chance: 0.2 makes 8 to 12 s of 10 s. (Default: 0)'),
  on: z
    .array(RetryOutcome)
    .optional()
    .describe(
      'Outcomes to try again after. (Default: failed and timeout; abandoned only for an idempotent action)',
    ),
  when: z.string().optional().describe('A further condition, an expression that may read result()'),
});
export type Retry = z.infer<typeof Retry>;

export const Items = z.looseObject({
  items: z.union([z.string(), z.array(Written)]).describe('The list, or an expression that gives one'),
  as: z.string().max(200).optional().describe('A further name for item in expressions'),
  batch_size: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('How many items each child gets, as a list. (Default: 1, not as a list)'),
  concurrency: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('How many children run at a time. (Default: no limit)'),
  allow_failures: z
    .union([z.number().int().min(0), z.string().regex(/^\d+(\.\d+)?\s*%$/)])
    .optional()
    .describe(
      'How many items, or what percentage, may fail while the task still counts as completed. (Default: 0)',
    ),
  on_item_failure: z
    .enum(['continue', 'stop'])
    .optional()
    .describe('Whether further items start after one has failed. (Default: continue)'),
});
export type Items = z.infer<typeof Items>;

export const OnFailure = z
  .enum(['continue', 'abort'])
  .describe(
    'What an unhandled failure does: continue (the run still completes, with errors) or abort (nothing new starts)',
  );
export type OnFailure = z.infer<typeof OnFailure>;

export const Join = z
  .union([z.enum(['all', 'any']), z.number().int().min(1)])
  .describe('Start once, when all of the sources, any of them, or this many have arrived');
export type Join = z.infer<typeof Join>;

export const maxNameLength = 200;

export const Task = z.looseObject({
  name: z
    .string()
    .min(1)
    .max(maxNameLength)
    .describe('The name that transitions and expressions know the task by'),
  action: z.string().optional().describe('The ref of the action or workflow to run'),
  description: z.string().optional().describe('A note for the people who read this'),
  input: z
    .record(z.string(), Written)
    .optional()
    .describe("The action's parameters; texts may be expressions"),
  timeout: Duration.optional().describe('The longest time for one attempt'),
  delay: Duration.optional().describe('How long to wait before the first attempt'),
  retry: Retry.optional().describe('Extra attempts after a failure'),
  with_items: Items.optional().describe('Run the action once for each item of a list'),
  join: Join.optional(),
  on_failure: OnFailure.optional(),
  next: z.array(Transition).describe('What follows, each with its condition'),
});
export type Task = z.infer<typeof Task>;

export const Cancellation = z.looseObject({
  running: z
    .enum(['cancel', 'finish'])
    .optional()
    .describe('What happens to running tasks when the run is cancelled. (Default: cancel)'),
  grace: Duration.optional().describe(
    'The time between asking a process to stop and stopping it. (Default: 10s)',
  ),
});
export type Cancellation = z.infer<typeof Cancellation>;

/** A workflow in its one form: what `parseDefinition` makes of every accepted spelling. Unknown keys are kept. */
export const Definition = z.looseObject({
  version: z.string().optional().describe('The version, for the people who read this'),
  description: z.string().optional().describe('What the workflow is for'),
  parameters: z.record(z.string(), Written).optional().describe('What a run is given, as JSON Schema'),
  vars: z.record(z.string(), Written).optional().describe('Variables and their first values'),
  timeout: Duration.optional().describe('The longest time for the whole run'),
  concurrency: ConcurrencyPolicy.optional().describe(
    'How many runs there may be at the same time. (Default: no limit)',
  ),
  cancellation: Cancellation.optional().describe('What cancelling the run means'),
  max_task_runs: z
    .number()
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Ends a runaway loop. (Default: 10000)'),
  on_failure: OnFailure.optional(),
  tasks: z.array(Task).describe('The tasks, in the order in which they are shown'),
  output_map: z.record(z.string(), Written).optional().describe("The run's result; texts may be expressions"),
});
export type Definition = z.infer<typeof Definition>;

export const defaultMaxTaskRuns = 10_000;
