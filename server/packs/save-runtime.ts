import type { ConfigurationTx } from '../db';
import type { PackRuntime } from './read-pack';

interface Place {
  tenantId: number;
  packId: bigint;
  packRef: string;
}

/** Saves a pack's runtime; actions that name it run with it from now on. */
export async function saveFileRuntime(
  tx: ConfigurationTx,
  place: Place,
  runtime: PackRuntime,
): Promise<void> {
  const { tenantId } = place;
  const columns = {
    name: runtime.label ?? runtime.ref,
    description: runtime.description,
    interpreter: [...runtime.interpreter],
    fileEndings: runtime.file_endings.map((ending) => ending.replace(/^\./, '')),
  };
  await tx.prisma.packRuntime.upsert({
    where: { tenantId_ref: { tenantId, ref: runtime.ref } },
    create: { ...place, ref: runtime.ref, ...columns },
    update: { ...columns, updated: new Date() },
  });
}

export async function removeVanishedRuntimes(
  tx: ConfigurationTx,
  { tenantId, packId }: Place,
  kept: ReadonlySet<string>,
): Promise<void> {
  await tx.prisma.packRuntime.deleteMany({ where: { tenantId, packId, ref: { notIn: [...kept] } } });
}
