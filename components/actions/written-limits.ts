import type { RouterOutputs } from '@/components/trpc';
import { strings } from '@/components/strings';

type ActionLimits = RouterOutputs['actions']['get']['limits'];
export type Amount = Exclude<keyof ActionLimits, 'network'>;
export const amounts = ['memory_mb', 'processes', 'cpu', 'disk_mb'] as const satisfies readonly Amount[];

/** An action's limits while they are being edited: as written, empty where the worker's own holds. */
export type WrittenLimits = Record<Amount, string> & { network: 'on' | 'off' };

export function toWritten(limits: ActionLimits): WrittenLimits {
  const write = (name: Amount) => (limits[name] === undefined ? '' : String(limits[name]));
  return {
    memory_mb: write('memory_mb'),
    processes: write('processes'),
    cpu: write('cpu'),
    disk_mb: write('disk_mb'),
    network: limits.network ?? 'on',
  };
}

/** The limits as they are saved, or what is wrong by field (`limits.memory_mb`). How much is allowed, the server says. */
export function readLimits(
  written: WrittenLimits,
): { value: ActionLimits } | { errors: Record<string, string> } {
  const value: ActionLimits = written.network === 'off' ? { network: 'off' } : {};
  const errors: Record<string, string> = {};
  for (const name of amounts) {
    const text = written[name].trim();
    if (text === '') continue;
    if (/^\d+(\.\d+)?$/.test(text)) value[name] = Number(text);
    else errors[`limits.${name}`] = strings.limits.notANumber;
  }
  return Object.keys(errors).length > 0 ? { errors } : { value };
}
