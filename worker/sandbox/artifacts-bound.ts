import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Looked at before it is called too much: a folder of more is as good as full. */
const entriesAtMost = 50_000;

/** What a folder's files take on the disk, in MB, links not followed; as much as there is where there are too many to count. */
export async function measureMb(folder: string): Promise<number> {
  let bytes = 0;
  let entries = 0;
  const waiting = [folder];
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    for (const entry of await readdir(here, { withFileTypes: true }).catch(() => [])) {
      entries += 1;
      if (entries > entriesAtMost) return Infinity;
      const path = join(here, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      else if (entry.isFile()) bytes += ((await stat(path).catch(() => null))?.blocks ?? 0) * 512;
    }
  }
  return bytes / 2 ** 20;
}

/**
 * Keeps packs from filling the disk by what they keep from run to run: after each attempt its folder is measured, and once
 * it holds too much the pack's actions do not start. One attempt alone is not stopped by it.
 */
export class ArtifactsBound {
  private readonly known = new Map<string, number>();
  private readonly measuring = new Map<string, Promise<void>>();

  constructor(private readonly mostMb: number) {}

  /** Measures the folder anew, unless somebody does. Never rejects; nobody has to wait for it. */
  lookAt(folder: string): Promise<void> {
    const before = this.measuring.get(folder);
    if (before) return before;
    const look = measureMb(folder).then(
      (mb) => {
        this.known.set(folder, mb);
        this.measuring.delete(folder);
      },
      () => void this.measuring.delete(folder),
    );
    this.measuring.set(folder, look);
    return look;
  }

  /** Why the folder's pack may not start anything now; null when it may. What was full is looked at again. */
  async refusal(folder: string): Promise<string | null> {
    if ((this.known.get(folder) ?? 0) <= this.mostMb) return null;
    await this.lookAt(folder);
    if ((this.known.get(folder) ?? 0) <= this.mostMb) return null;
    return `The pack's artifacts hold more than ${this.mostMb} MB or ${entriesAtMost} files (ATTUNE_ARTIFACTS_MB). Remove some of ${folder} on this worker, or raise the limit.`;
  }
}
