import { z } from 'zod';
import { invalid } from '@/engine/errors';
import { AnyJson, Id, Label, Time } from '../fields';
import { mostCounted, type Paging, type Part } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import type { Actor } from '../identities/actor';
import { KeyRef, OwnerType, type KeySummary as StoredSummary } from './schema';
import * as service from './service';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  name: z.string(),
  owner_type: OwnerType,
  owner: z.string().nullable().describe('A login, or the ref of a pack, an action or a sensor'),
  encrypted: z.boolean(),
  expires_at: Time.nullable(),
  created: Time,
  updated: Time,
});
const Key = Summary.extend({
  value: AnyJson.describe('Null where it is encrypted and the caller may not decrypt it'),
  owner_pack_ref: z.string().nullable(),
  owner_action_ref: z.string().nullable(),
  owner_sensor_ref: z.string().nullable(),
});

const OwnerRef = z.string().max(200).nullish();
const Ttl = z.number().int().min(1).max(315_360_000);
const CreateKey = z.object({
  ref: KeyRef,
  name: Label,
  value: AnyJson,
  owner_type: OwnerType,
  encrypted: z.boolean().default(true).describe('Sealed at rest (Default: true)'),
  ttl_seconds: Ttl.nullish().describe('After so many seconds it is gone (Default: never)'),
  owner: OwnerRef,
  owner_identity: Id.nullish(),
  owner_pack: Id.nullish(),
  owner_pack_ref: OwnerRef,
  owner_action: Id.nullish(),
  owner_action_ref: OwnerRef,
  owner_sensor_ref: OwnerRef,
});
const UpdateKey = z.object({
  name: Label.nullish(),
  value: AnyJson.optional(),
  encrypted: z.boolean().nullish(),
  ttl_seconds: Ttl.nullable().optional().describe('From now; null for never'),
});

/** What no key can be called is not there. */
const Named = z.object({ ref: z.string().min(1).max(400) });
/** Which one, where several have the name. */
const Owned = z.object({ owner_type: OwnerType.optional(), owner: z.string().max(200).optional() });

const toSummary = (key: StoredSummary): z.infer<typeof Summary> => ({
  id: key.id,
  ref: key.ref,
  name: key.name,
  owner_type: key.ownerType,
  owner: key.owner === '' ? null : key.owner,
  encrypted: key.encrypted,
  expires_at: key.expiresAt,
  created: key.created,
  updated: key.updated,
});

const toName = (ref: string, owned: z.infer<typeof Owned>) => ({
  ref,
  ...(owned.owner_type && { ownerType: owned.owner_type }),
  ...(owned.owner !== undefined && { owner: owned.owner }),
});

/** With its value for those who may decrypt, which leaves a trace. */
async function toKey(actor: Actor, key: Awaited<ReturnType<typeof service.getKey>>) {
  const { ref, ownerType, owner } = key;
  const ownerOf = (type: OwnerType) => (ownerType === type ? owner : null);
  const isHidden = key.encrypted && !key.mayReveal;
  const value = isHidden
    ? null
    : key.encrypted
      ? (await service.revealKey(actor, { ref, ownerType, owner })).value
      : (key.value ?? null);
  return {
    ...toSummary(key),
    value,
    owner_pack_ref: ownerOf('pack'),
    owner_action_ref: ownerOf('action'),
    owner_sensor_ref: ownerOf('sensor'),
  };
}

type ListFilter = { ownerType?: OwnerType | undefined; owner?: string | undefined };

const mostOfABatch = 200;

/** Counts as it goes, as far as lists count. */
async function listPart(actor: Actor, filter: ListFilter, paging: Paging): Promise<Part<StoredSummary>> {
  const items: StoredSummary[] = [];
  let cursor = paging.after === null ? null : parseCursor(paging.after);
  const skipped = paging.after === null ? paging.offset : 0;
  let next: string | null = null;
  for (let seen = 0; ;) {
    const page = await service.listKeys(actor, { ...filter, cursor, limit: mostOfABatch });
    for (const [index, key] of page.items.entries()) {
      if (seen + index >= skipped && items.length < paging.size) items.push(key);
    }
    seen += page.items.length;
    const last = items.at(-1);
    if (items.length === paging.size && last) next = toCursor({ ref: last.ref, id: last.id });
    const total = paging.after === null ? seen : null;
    if (page.next === null) return { items, total, hasMore: seen > skipped + items.length, next };
    const isFull = items.length === paging.size && seen > skipped + items.length;
    if (isFull && (paging.after !== null || seen >= mostCounted))
      return { items, total: null, hasMore: true, next };
    cursor = page.next;
  }
}

const toCursor = (cursor: { ref: string; id: number }) =>
  Buffer.from(JSON.stringify([cursor.ref, cursor.id])).toString('base64url');

function parseCursor(text: string): { ref: string; id: number } {
  try {
    const [ref, id] = z
      .tuple([z.string().max(200), Id])
      .parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return { ref, id };
  } catch {
    throw invalid('after is not what a page gave as next. Begin without it.', [
      { path: 'after', message: 'is no cursor' },
    ]);
  }
}

async function toOwner(actor: Actor, body: z.infer<typeof CreateKey>): Promise<string> {
  switch (body.owner_type) {
    case 'system':
      return '';
    case 'identity':
      if (!body.owner_identity || body.owner_identity === actor.identityId) return body.owner ?? '';
      return service.findOwner(actor, 'identity', body.owner_identity);
    case 'pack':
      if (body.owner_pack) return service.findOwner(actor, 'pack', body.owner_pack);
      return body.owner_pack_ref ?? body.owner ?? '';
    case 'action':
      if (body.owner_action) return service.findOwner(actor, 'action', body.owner_action);
      return body.owner_action_ref ?? body.owner ?? '';
    case 'sensor':
      return body.owner_sensor_ref ?? body.owner ?? '';
  }
}

/** The datastore, below `/api/v1`. */
export const keyRoutes: readonly Route[] = [
  list(
    {
      path: '/keys',
      summary: 'Keys by name, without their values',
      access: { resource: 'keys', action: 'read' },
      query: Owned,
      item: Summary,
    },
    async ({ actor, query, paging }) => {
      const part = await listPart(actor, { ownerType: query.owner_type, owner: query.owner }, paging);
      return { ...part, items: part.items.map(toSummary) };
    },
  ),
  one(
    'post',
    {
      path: '/keys',
      summary: 'A new key',
      access: { resource: 'keys', action: 'create' },
      body: CreateKey,
      answer: Key,
      status: 201,
    },
    async ({ actor, body }) =>
      toKey(
        actor,
        await service.createKey(actor, {
          ref: body.ref,
          name: body.name,
          value: body.value,
          ownerType: body.owner_type,
          owner: await toOwner(actor, body),
          encrypted: body.encrypted,
          ttlSeconds: body.ttl_seconds,
        }),
      ),
  ),
  one(
    'get',
    {
      path: '/keys/{ref}',
      summary: 'A key with its value, for those who may decrypt it',
      access: { resource: 'keys', action: 'read' },
      params: Named,
      query: Owned,
      answer: Key,
    },
    async ({ actor, params, query }) => toKey(actor, await service.getKey(actor, toName(params.ref, query))),
  ),
  one(
    'put',
    {
      path: '/keys/{ref}',
      summary: 'Changes what is given of a key',
      access: { resource: 'keys', action: 'update' },
      params: Named,
      query: Owned,
      body: UpdateKey,
      answer: Key,
    },
    async ({ actor, params, query, body }) =>
      toKey(
        actor,
        await service.updateKey(actor, {
          ...toName(params.ref, query),
          ...(body.name && { name: body.name }),
          ...(body.value !== undefined && { value: body.value }),
          ...(typeof body.encrypted === 'boolean' && { encrypted: body.encrypted }),
          ...(body.ttl_seconds !== undefined && { ttlSeconds: body.ttl_seconds }),
        }),
      ),
  ),
  remove(
    {
      path: '/keys/{ref}',
      summary: 'Removes a key for good',
      access: { resource: 'keys', action: 'delete' },
      params: Named,
      query: Owned,
    },
    async ({ actor, params, query }) => {
      await service.removeKey(actor, toName(params.ref, query));
      return `The key ${params.ref} is removed.`;
    },
  ),
];
