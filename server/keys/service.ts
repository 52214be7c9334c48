import { DomainError, forbidden, invalid, notFound } from '@/engine/errors';
import type { Json } from '@/engine/expression/expression';
import { inSystem, inTenant, type Sql, type Tx } from '../db';
import { appendChanges } from '../feed/store';
import { authorOf, requireRight, type Actor } from '../identities/actor';
import type { RightAction } from '../identities/schema';
import { refusingDoubles } from '../packs/doubles';
import { standardTenantId } from '../packs/refs';
import { open, SealBroken } from '../sealing/seal';
import { mayUseKey, type KeyFacts } from './rights';
import {
  CreateKey,
  ListKeys,
  type Key,
  type KeyCursor,
  type KeyName,
  type KeyPage,
  type KeySummary,
  type OwnerType,
  type RevealedKey,
  type UpdateKey,
} from './schema';
import {
  changeKey,
  contextOf,
  deleteExpiredKeys,
  deleteKey,
  deleteKeysOfPack,
  findKeyRows,
  insertKey,
  listKeyRows,
  readStoredValue,
  type KeyRow,
  type StoredValue,
} from './store';

/**
 * The datastore for people. Which keys a run or a rule sees by name is said in `named.ts`; why, in docs/adr/0016.
 * Whatever a person may not see, another tenant's key included, answers like one that is missing.
 */

const mostValueBytes = 1_048_576;
/** A page looks through at most so many batches of keys that the actor may not see; `next` leads on. */
const mostBatches = 10;

/** A page of the keys that the actor may read, by name, without values. A short page with a `next` is not the last. */
export async function listKeys(actor: Actor, given: ListKeys): Promise<KeyPage> {
  requireRight(actor, 'read', 'keys');
  const { search, ownerType = null, owner = null, limit, ...input } = ListKeys.parse(given);
  return inTenant(actor.tenantId, async (tx) => {
    const items: KeySummary[] = [];
    let after: KeyCursor | null = input.cursor ?? null;
    for (let batch = 0; batch < mostBatches; batch += 1) {
      const rows = await listKeyRows(tx, actor.tenantId, { search, ownerType, owner }, after, limit + 1);
      for (const row of rows.slice(0, limit)) {
        after = { ref: row.ref, id: row.id };
        if (mayUseKey(actor, 'read', row)) items.push(toSummary(row, actor));
        if (items.length === limit) return { items, next: row === rows.at(-1) ? null : after };
      }
      if (rows.length <= limit) return { items, next: null };
    }
    return { items, next: after };
  });
}

/** The key, with its value unless it is encrypted. @throws DomainError key_not_found */
export async function getKey(actor: Actor, key: KeyName): Promise<Key> {
  return inTenant(actor.tenantId, async (tx) => toKey(tx, await find(tx, actor, key), actor));
}

/**
 * The value of a key, decrypted. That it was read is told to the feed with who did, until there is an audit log.
 * @throws DomainError key_not_found, forbidden without the right keys:decrypt, key_sealed when it cannot be opened
 */
export async function revealKey(actor: Actor, key: KeyName): Promise<RevealedKey> {
  return inTenant(actor.tenantId, async (tx) => {
    const row = await find(tx, actor, key);
    const stored = await readStoredValue(tx, row, 'just read');
    if (!stored) throw notFound('key', key.ref);
    if (stored.encrypted) requireOn(actor, 'decrypt', row);
    const value = openValue(row, stored);
    if (stored.encrypted) await tell(tx, actor, row, 'revealed');
    return { value };
  });
}

/**
 * The new key. A pack's and an action's need that pack or action; a person makes keys for themself.
 * @throws DomainError key_exists, owner_not_found, value_too_large, forbidden
 */
export async function createKey(actor: Actor, given: CreateKey): Promise<Key> {
  const input = CreateKey.parse(given);
  requireRight(actor, 'create', 'keys');
  const owner = input.ownerType === 'identity' && input.owner === '' ? actor.login : input.owner;
  const facts: KeyFacts = { ref: input.ref, ownerType: input.ownerType, owner };
  requireOn(actor, 'create', facts);
  requireFit(input.value);
  return refusingDoubles('key', input.ref, () =>
    inTenant(actor.tenantId, async (tx) => {
      const id = await insertKey(tx, {
        ...input,
        tenantId: actor.tenantId,
        owner,
        ownerIdentity: await checkOwner(tx, actor, input.ownerType, owner),
        ttlSeconds: input.ttlSeconds ?? null,
        by: authorOf(actor),
      });
      await tell(tx, actor, { ...facts, id }, 'created');
      return toKey(tx, await find(tx, actor, facts), actor);
    }),
  );
}

/**
 * The key with what was given changed. A new value of an encrypted key is written without reading the old one; to make
 * an encrypted one plain without giving its value anew is to read it, and needs the right to.
 * @throws DomainError key_not_found, forbidden, value_too_large
 */
export async function updateKey(actor: Actor, input: UpdateKey): Promise<Key> {
  const { name, value, encrypted, ttlSeconds, ...key } = input;
  if (value !== undefined) requireFit(value);
  return inTenant(actor.tenantId, async (tx) => {
    const row = await find(tx, actor, key);
    requireOn(actor, 'update', row);
    const stored = await readStoredValue(tx, row, 'for update');
    if (!stored) throw notFound('key', key.ref);
    const becomes = encrypted ?? stored.encrypted;
    let next: { value: Json; encrypted: boolean } | undefined;
    if (value !== undefined) next = { value, encrypted: becomes };
    else if (becomes !== stored.encrypted) {
      if (stored.encrypted) requireOn(actor, 'decrypt', row);
      next = { value: openValue(row, stored), encrypted: becomes };
      if (stored.encrypted) await tell(tx, actor, row, 'revealed');
    }
    await changeKey(tx, row, { name, stored: next, ttlSeconds, by: authorOf(actor) });
    await tell(tx, actor, row, 'updated');
    const { ref, ownerType, owner } = row;
    return toKey(tx, await find(tx, actor, { ref, ownerType, owner }), actor);
  });
}

/** Removes the key for good. @throws DomainError key_not_found, forbidden */
export async function removeKey(actor: Actor, key: KeyName): Promise<null> {
  return inTenant(actor.tenantId, async (tx) => {
    const row = await find(tx, actor, key);
    requireOn(actor, 'delete', row);
    await deleteKey(tx, row);
    await tell(tx, actor, row, 'deleted');
    return null;
  });
}

/** The login or ref of the owner with that id, as people of the tenant know it. @throws DomainError owner_not_found */
export async function findOwner(
  actor: Actor,
  ownerType: 'identity' | 'pack' | 'action',
  id: number,
): Promise<string> {
  requireRight(actor, 'create', 'keys');
  return inTenant(actor.tenantId, async (tx) => {
    const [found] = await tx.query<{ owner: string }>(
      ownerType === 'identity'
        ? 'SELECT login AS owner FROM identity WHERE tenant_id = $1 AND id = $2 AND $3::bigint IS NOT NULL'
        : `SELECT ref AS owner FROM ${ownerType} WHERE tenant_id IN ($1, $3) AND id = $2`,
      [actor.tenantId, id, standardTenantId],
    );
    const message = `There is no ${ownerType === 'identity' ? 'person' : ownerType} ${id}.`;
    if (!found) throw invalid(message, [{ path: `owner_${ownerType}`, message }], 'owner_not_found');
    return found.owner;
  });
}

/** Removes keys whose time is over, at most `limit`; gives back how many. Nobody could read them any more anyway. */
export async function purgeExpiredKeys(limit: number): Promise<number> {
  return inSystem(async (tx) => {
    const gone = await deleteExpiredKeys(tx, limit);
    for (const tenantId of new Set(gone.map((key) => key.tenantId))) {
      const changes = gone.filter((key) => key.tenantId === tenantId);
      await appendChanges(
        tx,
        tenantId,
        changes.map((key) => toChange(key, 'expired', null)),
      );
    }
    return gone.length;
  });
}

/** Removes what belongs to a pack that goes, in the transaction in which it does: a later one of its name is another. */
export async function removeKeysOfPack(tx: Tx, actor: Actor, packRef: string): Promise<void> {
  const gone = await deleteKeysOfPack(tx, actor.tenantId, packRef);
  await appendChanges(
    tx,
    actor.tenantId,
    gone.map((key) => toChange(key, 'deleted', authorOf(actor))),
  );
}

/** The one that the actor may see; of several the own one, then the widest. @throws DomainError key_not_found */
async function find(tx: Sql, actor: Actor, key: KeyName): Promise<KeyRow> {
  requireRight(actor, 'read', 'keys');
  const rows = await findKeyRows(tx, actor.tenantId, key, actor.login);
  const seen = rows.filter((each) => mayUseKey(actor, 'read', each));
  const { execution } = actor;
  // To an execution the same name leads to the same key that reaches it by name.
  const nearest =
    execution &&
    (seen.find(({ ownerType, owner }) => ownerType === 'action' && owner === execution.actionRef) ??
      seen.find(({ ownerType, owner }) => ownerType === 'pack' && owner === execution.packRef));
  const row = nearest ?? seen[0];
  if (!row) throw notFound('key', key.ref);
  return row;
}

function requireOn(actor: Actor, action: RightAction, key: KeyFacts): void {
  if (mayUseKey(actor, action, key)) return;
  const whose = key.ownerType === 'system' ? '' : ` of ${key.owner}`;
  throw forbidden(
    `You need the right keys:${action} on ${key.ref}${whose} for this. Ask an administrator for it.`,
  );
}

function requireFit(value: Json): void {
  const sizeBytes = Buffer.byteLength(JSON.stringify(value), 'utf8');
  if (sizeBytes <= mostValueBytes) return;
  const message = `The value has ${sizeBytes} bytes; a key holds at most 1 MB. Keep what is larger in a file.`;
  throw new DomainError('too_large', 'value_too_large', message, { details: [{ path: 'value', message }] });
}

/** The id of the person that it belongs to, or null. @throws DomainError owner_not_found */
async function checkOwner(tx: Tx, actor: Actor, ownerType: OwnerType, owner: string): Promise<number | null> {
  const refuse = (message: string) => {
    throw invalid(message, [{ path: 'owner', message }], 'owner_not_found');
  };
  if (ownerType === 'system') return owner === '' ? null : refuse('A key of the system has no owner.');
  if (owner === '') return refuse(`Say which ${ownerType} it belongs to.`);
  // A sensor's keys may be there before it is.
  if (ownerType === 'sensor') return null;
  const [found] = await tx.query<{ id: number }>(
    ownerType === 'identity'
      ? 'SELECT id FROM identity WHERE tenant_id = $1 AND login = $2 AND $3::bigint IS NOT NULL'
      : `SELECT id FROM ${ownerType === 'pack' ? 'pack' : 'action'} WHERE tenant_id IN ($1, $3) AND ref = $2 LIMIT 1`,
    [actor.tenantId, owner, standardTenantId],
  );
  if (!found) return refuse(`There is no ${ownerType === 'identity' ? 'person' : ownerType} ${owner}.`);
  return ownerType === 'identity' ? found.id : null;
}

function openValue(row: { tenantId: number; id: number; ref: string }, stored: StoredValue): Json {
  if (stored.sealed === null) return stored.value;
  try {
    return open(row.tenantId, contextOf(row.id), stored.sealed).value;
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    throw new DomainError('unavailable', 'key_sealed', `${row.ref} cannot be opened: ${error.message}`);
  }
}

function toChange(key: KeyFacts & { id: number }, kind: string, actorId: number | null) {
  const { id, ref, ownerType, owner } = key;
  return { entityType: 'key' as const, entityId: id, kind, actorId, payload: { ref, ownerType, owner } };
}

async function tell(
  tx: Tx,
  actor: Actor,
  key: KeyFacts & { id: number },
  kind: 'created' | 'updated' | 'deleted' | 'revealed',
): Promise<void> {
  await appendChanges(tx, actor.tenantId, [toChange(key, kind, authorOf(actor))]);
}

function toSummary(row: KeyRow, actor: Actor): KeySummary {
  const { tenantId: _, ...columns } = row;
  return {
    ...columns,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    created: row.created.toISOString(),
    updated: row.updated.toISOString(),
    mayReveal: !row.encrypted || mayUseKey(actor, 'decrypt', row),
    mayUpdate: mayUseKey(actor, 'update', row),
    mayDelete: mayUseKey(actor, 'delete', row),
  };
}

async function toKey(tx: Sql, row: KeyRow, actor: Actor): Promise<Key> {
  const summary = toSummary(row, actor);
  if (row.encrypted) return summary;
  const stored = await readStoredValue(tx, row, 'just read');
  if (!stored) throw notFound('key', row.ref);
  return stored.encrypted ? { ...summary, encrypted: true } : { ...summary, value: stored.value };
}
