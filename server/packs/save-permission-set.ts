import type { ConfigurationTx } from '../db';
import type { Actor } from '../identities/actor';
import { holds } from '../identities/roles';
import type { PackPermissionSet, PackSource } from './read-pack';
import { toProblem } from './yaml-file';

interface Place {
  tenantId: number;
  packRef: string;
}

/** Saves a pack's permission set. Those who hold it already hold it as it is now. */
export async function saveFilePermissionSet(
  tx: ConfigurationTx,
  { tenantId, packRef }: Place,
  set: PackPermissionSet,
): Promise<void> {
  const columns = {
    label: set.label ?? set.ref,
    description: set.description,
    packRef,
    isAdhoc: false,
    grants: JSON.parse(JSON.stringify(set.grants)) as object[],
  };
  await tx.prisma.permissionSet.upsert({
    where: { tenantId_ref: { tenantId, ref: set.ref } },
    create: { tenantId, ref: set.ref, ...columns },
    update: columns,
  });
}

/** Those that the files do not hold any more, with who held them. */
export async function removeVanishedPermissionSets(
  tx: ConfigurationTx,
  { tenantId, packRef }: Place,
  kept: ReadonlySet<string>,
): Promise<void> {
  await tx.prisma.permissionSet.deleteMany({
    where: { tenantId, packRef, isAdhoc: false, ref: { notIn: [...kept] } },
  });
}

/**
 * Nobody makes a set that gives more than they hold, by installing a pack either: such a set is left out, and told. One that
 * is there already stays as it was.
 */
export function keepHeldSets(actor: Actor, source: PackSource): void {
  source.permissionSets = source.permissionSets.filter((set) => {
    if (holds(actor, set.grants)) return true;
    source.problems.push(
      toProblem(
        set.file,
        ['grants'],
        `grants: ${set.ref} gives rights that you do not have yourself, so it is left out. Have somebody install the pack who has them.`,
      ),
    );
    source.kept.push(set.ref);
    return false;
  });
}
