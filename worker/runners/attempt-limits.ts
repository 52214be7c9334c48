import { availableParallelism, totalmem } from 'node:os';
import type { ActionLimits } from '@/server/actions/limits';
import { env, type Env } from '@/server/env';
import type { GroupLimits } from '../sandbox/groups/format';
import { CannotStart } from './runner';

/** What one attempt may use, all of it decided. */
export interface AttemptLimits extends GroupLimits {
  diskMb: number;
  hasNetwork: boolean;
}

type Bounds = Pick<
  Env,
  | 'ATTUNE_ACTION_MEMORY_MB'
  | 'ATTUNE_ACTION_MEMORY_MAX_MB'
  | 'ATTUNE_ACTION_PROCESSES'
  | 'ATTUNE_ACTION_PROCESSES_MAX'
  | 'ATTUNE_ACTION_CPU_MAX'
  | 'ATTUNE_ACTION_DISK_MB'
  | 'ATTUNE_ACTION_DISK_MAX_MB'
>;
interface Machine {
  memoryMb: number;
  cores: number;
}

const thisMachine = (): Machine => ({
  memoryMb: Math.floor(totalmem() / 2 ** 20),
  cores: availableParallelism(),
});

/**
 * The limits of an attempt: what its action asks for, else the worker's own settings, never more than the worker gives.
 * @throws CannotStart when the action asks for more: with less it would be killed for a reason that nobody wrote down
 */
export function toAttemptLimits(
  asked: ActionLimits,
  bounds: Bounds = env(),
  machine: Machine = thisMachine(),
): AttemptLimits {
  const decide = (what: string, wanted: number | undefined, usual: number, most: number, setting: string) => {
    if (wanted !== undefined && wanted > most) {
      throw new CannotStart(
        `The action asks for ${what} ${wanted}, and this worker gives at most ${most} (${setting}). Lower the action's limit or raise the worker's.`,
      );
    }
    return wanted ?? Math.min(usual, most);
  };
  const memoryMb = decide(
    'limits.memory_mb',
    asked.memory_mb,
    bounds.ATTUNE_ACTION_MEMORY_MB,
    bounds.ATTUNE_ACTION_MEMORY_MAX_MB ?? machine.memoryMb,
    'ATTUNE_ACTION_MEMORY_MAX_MB',
  );
  const processes = decide(
    'limits.processes',
    asked.processes,
    bounds.ATTUNE_ACTION_PROCESSES,
    bounds.ATTUNE_ACTION_PROCESSES_MAX,
    'ATTUNE_ACTION_PROCESSES_MAX',
  );
  const cpu = decide(
    'limits.cpu',
    asked.cpu,
    Infinity,
    bounds.ATTUNE_ACTION_CPU_MAX ?? Infinity,
    'ATTUNE_ACTION_CPU_MAX',
  );
  const diskMb = decide(
    'limits.disk_mb',
    asked.disk_mb,
    bounds.ATTUNE_ACTION_DISK_MB,
    bounds.ATTUNE_ACTION_DISK_MAX_MB,
    'ATTUNE_ACTION_DISK_MAX_MB',
  );
  return {
    memoryBytes: memoryMb * 2 ** 20,
    processes,
    // As many as there are is no limit.
    cpu: cpu < machine.cores ? cpu : null,
    diskMb,
    hasNetwork: asked.network !== 'off',
  };
}
