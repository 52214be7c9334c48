import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { Failure } from './failure';

/** What signing in left: never the password. */
export interface Credentials {
  login: string;
  accessToken: string;
  /** Milliseconds since 1970. */
  accessEndsAt: number;
  refreshToken: string;
}
interface Kept {
  /** The studio that was signed in to last. */
  current: string | null;
  studios: { [url: string]: Credentials };
}

/** `$ATTUNE_CONFIG_DIR`, else the place where programs of this machine keep theirs. */
function folder(env: NodeJS.ProcessEnv): string {
  const own = env['ATTUNE_CONFIG_DIR'];
  if (own !== undefined && own !== '') return own;
  return path.join(env['XDG_CONFIG_HOME'] ?? path.join(homedir(), '.config'), 'attune');
}

const fileIn = (env: NodeJS.ProcessEnv) => path.join(folder(env), 'credentials.json');

/** Nothing yet where the file is not there. @throws Failure where it cannot be read */
export function readKept(env = process.env): Kept {
  const file = fileIn(env);
  try {
    const { current = null, studios = {} } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Kept>;
    return { current, studios };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: null, studios: {} };
    throw new Failure(
      `${file} cannot be read: ${(error as Error).message}. Repair it, or delete it and sign in again.`,
    );
  }
}

/** Readable by its owner alone, and never half written. */
function write(kept: Kept, env: NodeJS.ProcessEnv): void {
  const file = fileIn(env);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

/** Keeps what signing in gave, and makes its studio the current one where `isCurrent`. */
export function keep(url: string, credentials: Credentials, isCurrent: boolean, env = process.env): void {
  const kept = readKept(env);
  kept.studios[url] = credentials;
  if (isCurrent) kept.current = url;
  write(kept, env);
}

/** Whether there was something to forget. */
export function forget(url: string, env = process.env): boolean {
  const kept = readKept(env);
  if (!kept.studios[url]) return false;
  const { [url]: _, ...studios } = kept.studios;
  if (Object.keys(studios).length === 0) rmSync(fileIn(env));
  else
    write({ current: kept.current === url ? (Object.keys(studios)[0] ?? null) : kept.current, studios }, env);
  return true;
}
