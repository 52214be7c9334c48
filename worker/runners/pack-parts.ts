import type { Lending } from '../environments/environments';
import type { Stopper } from '../environments/stopper';
import type { Host } from '../host';
import { openPackFiles } from '../pack-files';
import { CannotStart, type RuntimeName } from './runner';

/** What of a pack is needed to run something of it. */
interface Part {
  tenantId: number;
  packRef: string;
  runtime: RuntimeName;
}

/** What the pack asks for besides the interpreter; null when it asks for nothing, or the attempt was stopped meanwhile. */
export async function prepare(
  host: Host,
  { tenantId, packRef, runtime: kind }: Part,
  say: (line: string) => void,
  packFolder: string | null,
  uid: number | null,
  stopper: Stopper,
): Promise<Lending | null> {
  const interpreter = host.interpreters[kind];
  if (packFolder === null || kind === 'shell' || !interpreter) return null;
  return host.environments.prepare({ tenantId, packRef, packFolder, kind, interpreter, uid, say }, stopper);
}

/** The folder with the pack's files as executions see it; null for a pack without files. @throws CannotStart */
export async function openPack(host: Host, path: string | null): Promise<string | null> {
  if (path === null) return null;
  try {
    return await openPackFiles(host.workspace, path);
  } catch (error) {
    throw new CannotStart(
      `The pack's files (${path}) can't be read on this worker: ${(error as Error).message}. Load the pack again.`,
    );
  }
}
