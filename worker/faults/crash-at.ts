import { env } from '@/server/env';

/** The points of an execution's life at which a fault test may kill the worker. */
export const crashPoints = [
  'after-claim',
  'before-spawn',
  'after-spawn',
  'mid-log',
  'after-exit-before-commit',
  'after-commit-before-complete',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Kills this process as `kill -9` would, if ATTUNE_CRASH_AT names the point. No handler runs, nothing is flushed. */
export function crashAt(point: CrashPoint): void {
  if (env().ATTUNE_CRASH_AT === point) process.kill(process.pid, 'SIGKILL');
}
