import { z } from 'zod';

/** What an attempt's processes may use together. Left out, the worker's own setting holds. */
export const ActionLimits = z.strictObject({
  memory_mb: z
    .int('must be a whole number of MB')
    .min(16, 'must be at least 16')
    .max(1_048_576)
    .optional()
    .describe('Memory in MB, files in its run folder included (Default: ATTUNE_ACTION_MEMORY_MB, 512)'),
  processes: z
    .int('must be a whole number')
    .min(8, 'must be at least 8')
    .max(65_536)
    .optional()
    .describe('Processes and threads at the same time (Default: ATTUNE_ACTION_PROCESSES, 256)'),
  cpu: z
    .number('must be a number of cores')
    .min(0.05, 'must be at least 0.05')
    .max(1_024)
    .optional()
    .describe('Processors, as a number of cores such as 0.5 (Default: no limit)'),
  disk_mb: z
    .int('must be a whole number of MB')
    .min(1, 'must be at least 1')
    .max(1_048_576)
    .optional()
    .describe('What its run folder may hold, in MB (Default: ATTUNE_ACTION_DISK_MB, 256)'),
  network: z
    .preprocess(
      (written) => (written === true ? 'on' : written === false ? 'off' : written),
      z.enum(['on', 'off']),
    )
    .optional()
    .describe('Whether it may reach anything over the network (Default: on)'),
});
export type ActionLimits = z.infer<typeof ActionLimits>;
