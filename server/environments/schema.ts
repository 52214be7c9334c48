import { z } from 'zod';
import { Id, Time } from '../fields';

export const environmentKinds = ['python', 'nodejs'] as const;
export const EnvironmentKind = z.enum(environmentKinds);
export type EnvironmentKind = z.infer<typeof EnvironmentKind>;

/** `stale` means: built at its next use. */
export const EnvironmentState = z.enum(['stale', 'building', 'ready', 'failed']);
export type EnvironmentState = z.infer<typeof EnvironmentState>;

export const Environment = z.object({
  id: Id,
  kind: EnvironmentKind,
  keyHash: z.string(),
  /** The machine and the folder that it lies in. */
  place: z.string(),
  packRefs: z.array(z.string()),
  state: EnvironmentState,
  log: z.string(),
  error: z.string().nullable(),
  buildMs: z.number().nullable(),
  builtAt: Time.nullable(),
  usedAt: Time,
});
export type Environment = z.infer<typeof Environment>;
