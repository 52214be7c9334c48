import { conflict } from '@/engine/errors';
import { inConfiguration } from '../db';
import { may, requireRight, type Actor } from '../identities/actor';
import { tellChange } from './changes';
import { refusingDoubles } from './doubles';
import type { CreatePack, PackSummary } from './schema';
import { hasStandardPack, insertPack, listPackRows, toPackSummary } from './store';

/** Every pack that the actor may read: the standard ones first, then the newest. */
export async function listPacks(actor: Actor): Promise<PackSummary[]> {
  requireRight(actor, 'read', 'packs');
  return inConfiguration(actor.tenantId, async (tx) => {
    const rows = await listPackRows(tx, actor.tenantId);
    return rows
      .map(toPackSummary)
      .filter((pack) => may(actor, 'read', 'packs', { id: pack.id, ref: pack.ref, packRef: pack.ref }));
  });
}

/** The new, empty pack. @throws DomainError pack_exists, also for the name of a standard pack */
export async function createPack(actor: Actor, input: CreatePack): Promise<PackSummary> {
  requireRight(actor, 'create', 'packs', { ref: input.ref, packRef: input.ref });
  return refusingDoubles('pack', input.ref, () =>
    inConfiguration(actor.tenantId, async (tx) => {
      if (await hasStandardPack(tx, input.ref)) {
        throw conflict('pack_exists', `${input.ref} is a standard pack. Choose another name.`);
      }
      const row = await insertPack(tx, actor.tenantId, actor.identityId, input);
      await tellChange(tx, actor, 'pack', row, 'created', { label: row.label });
      return toPackSummary(row);
    }),
  );
}
