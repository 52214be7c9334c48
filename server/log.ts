import pino from 'pino';
import { env } from './env';

/** The program's log: one JSON line per entry on stderr (stdout is for results), secrets never among its fields. */
export const log = pino(
  {
    level: env().ATTUNE_LOG_LEVEL,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: [
      'password',
      '*.password',
      'token',
      '*.token',
      'authorization',
      'cookie',
      'headers.authorization',
      'headers.cookie',
    ],
  },
  pino.destination(2),
);
export type Log = typeof log;

/** What a caught thing says of itself, whatever it is. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A connection that fails by every address of a name says so in its code only.
  return error.message || ((error as NodeJS.ErrnoException).code ?? error.name);
}
