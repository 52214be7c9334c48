import { inSystem, type Tx } from '../db';
import { masterKeys, type MasterKeys } from './master-keys';
import { SealBroken, Sealing } from './seal';

/** The canaries belong to the tenant that always exists. */
const tenantId = 1;
const song = 'attune';

/** This process must not run: its master key is not the one that the database's secrets were sealed with. */
export class WrongMasterKey extends Error {}

/**
 * Makes sure that whatever this database holds sealed can be opened here; then leaves a canary for the newest key.
 * A canary says "there may be values sealed with this key", so each must be openable; it goes when its key is
 * retired. Safe to run in several processes at once.
 * @throws WrongMasterKey with one sentence
 */
export async function requireMasterKeys(keys: MasterKeys = masterKeys()): Promise<void> {
  const sealing = new Sealing(keys);
  await inSystem(async (tx) => {
    if (await hearAll(tx, keys, sealing)) return;
    // Two first starts with different keys take turns: the second one must hear of the first one's key.
    await tx.query('LOCK TABLE sealing_canary IN SHARE ROW EXCLUSIVE MODE');
    if (!(await hearAll(tx, keys, sealing))) await plant(tx, keys.current.id, sealing);
  });
}

/** Whether the newest key has its canary, once every canary has been heard. @throws WrongMasterKey */
async function hearAll(tx: Tx, keys: MasterKeys, sealing: Sealing): Promise<boolean> {
  const canaries = await tx.query<{ keyId: string; sealed: Buffer }>(
    'SELECT key_id AS "keyId", sealed FROM sealing_canary ORDER BY created, key_id',
  );
  for (const { keyId, sealed } of canaries) hear(sealing, keys, keyId, sealed);
  return canaries.some(({ keyId }) => keyId === keys.current.id);
}

function hear(sealing: Sealing, keys: MasterKeys, keyId: string, sealed: Buffer): void {
  if (!keys.byId.has(keyId)) {
    throw new WrongMasterKey(
      `The master key ${keys.current.id} is not the one that this database's secrets were sealed with (${keyId}). ` +
        'Give that one in ATTUNE_MASTER_KEY or ATTUNE_MASTER_KEY_FILE (npm start keeps it in .attune/master.key ' +
        'of the folder where it first ran), or as an older key in ATTUNE_MASTER_KEY_PREVIOUS.',
    );
  }
  try {
    if (sealing.open(tenantId, `canary:${keyId}`, sealed).value === song) return;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
  }
  throw new WrongMasterKey(
    `The master key ${keyId} does not open what it sealed: the table sealing_canary was changed by hand. Restore it from a backup.`,
  );
}

/** Takes the canaries of all keys but the newest away: nothing is sealed with them any more. Gives their ids. */
export async function retireMasterKeys(keys: MasterKeys = masterKeys()): Promise<string[]> {
  return inSystem(async (tx) => {
    const gone = await tx.query<{ id: string }>(
      'DELETE FROM sealing_canary WHERE key_id <> $1 RETURNING key_id AS id',
      [keys.current.id],
    );
    return gone.map(({ id }) => id).sort();
  });
}

async function plant(tx: Tx, keyId: string, sealing: Sealing): Promise<void> {
  await tx.query('INSERT INTO sealing_canary (tenant_id, key_id, sealed) VALUES ($1, $2, $3)', [
    tenantId,
    keyId,
    sealing.seal(tenantId, `canary:${keyId}`, song),
  ]);
}
