import { conflict, forbidden, invalid, notFound } from '@/engine/errors';
import { checkAgainst } from '@/engine/json-schema';
import { toJsonSchema } from '@/engine/definition/parameters';
import { secretNames } from '@/engine/definition/secret-parameters';
import type { Json } from '@/engine/expression/expression';
import { inConfiguration } from '../db';
import { forgetActors } from '../identities/actor-cache';
import { authorOf, may, requireRight, type Actor } from '../identities/actor';
import { removeKeysOfPack } from '../keys/service';
import { tellChange } from './changes';
import { refusingDoubles } from './doubles';
import type { JsonObject } from '../fields';
import { forgetActions } from '../executions/action-facts';
import type { Pack } from '../generated/prisma/client';
import { PackOrigin, type CreatePack, type UpdatePack, type PackDetail, type PackSummary } from './schema';
import { removeVanishedPermissionSets } from './save-permission-set';
import {
  getPack,
  getPackWithComponents,
  getWritablePack,
  hasStandardPack,
  insertPack,
  listPackRows,
  listUsersOfPack,
  toData,
  toPackSummary,
} from './store';

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
      requireConfig(input.confSchema ?? {}, input.config ?? {}, {});
      // What nobody made is nobody's alone.
      const visibility = authorOf(actor) === null ? 'tenant' : (input.visibility ?? 'tenant');
      const row = await insertPack(tx, actor.tenantId, authorOf(actor), { ...input, visibility });
      tx.afterCommit(forgetActors);
      await tellChange(tx, actor, 'pack', row, 'created', { label: row.label });
      return toPackSummary(row);
    }),
  );
}

/** One pack with all that it holds. @throws DomainError pack_not_found */
export async function getPackDetail(actor: Actor, ref: string): Promise<PackDetail> {
  requireRight(actor, 'read', 'packs', { ref, packRef: ref });
  const row = await inConfiguration(actor.tenantId, (tx) => getPackWithComponents(tx, actor.tenantId, ref));
  const target = { id: Number(row.id), ref, packRef: ref };
  const isOwn = Number(row.tenantId) === actor.tenantId;
  const origin = PackOrigin.safeParse(row.source);
  return {
    ...toPackSummary(row),
    ...withoutSecrets(row.confSchema as JsonObject, row.config as JsonObject),
    origin: origin.success ? origin.data : null,
    problems: row.problems as string[],
    components: {
      actions: row.actions.filter(({ runtime }) => runtime !== 'workflow'),
      workflows: row.actions.filter(({ runtime }) => runtime === 'workflow'),
      triggers: row.triggers,
      sensors: row.sensors,
      rules: row.rules,
      queues: row.queues,
    },
    mayInstall: isOwn && may(actor, 'install', 'packs', target),
    mayConfigure: isOwn && may(actor, 'configure', 'packs', target),
  };
}

/**
 * The configuration as it is shown and edited. It lies in the database as it is written, so what its schema calls secret
 * is no part of it: that belongs into keys of the pack.
 */
function withoutSecrets(
  written: JsonObject,
  config: JsonObject,
): Pick<PackDetail, 'confSchema' | 'config' | 'secretFields'> {
  const schema = toSchemaOrNone(written);
  const secretFields = secretNames(schema, config);
  const isShown = (name: string) => !secretFields.includes(name);
  const { properties = {}, required } = schema as { properties?: JsonObject; required?: Json };
  const pick = (from: JsonObject) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => isShown(name)));
  return {
    confSchema: {
      ...schema,
      ...(secretFields.length > 0 && {
        properties: pick(properties),
        required: Array.isArray(required) ? required.filter((name) => isShown(String(name))) : [],
      }),
    },
    config: pick(config),
    secretFields,
  };
}

/** A schema that cannot be read asks for nothing: its problem is told with the files. */
function toSchemaOrNone(written: JsonObject): JsonObject {
  try {
    return toJsonSchema(written);
  } catch {
    return {};
  }
}

/** The names of what is secret in it. @throws DomainError invalid_config with a place for each problem */
function requireConfig(schema: JsonObject, config: JsonObject, before: JsonObject): string[] {
  const { confSchema, secretFields } = withoutSecrets(schema, { ...before, ...config });
  const secret = Object.keys(config).filter((name) => secretFields.includes(name));
  const isGiven = Object.keys(config).length > 0 || Object.keys(before).length > 0;
  const details = [
    ...(isGiven ? checkAgainst(confSchema, config) : []),
    ...secret.map((path) => ({ path, message: 'is secret: keep it as a key of the pack' })),
  ];
  if (details.length > 0)
    throw invalid('The configuration does not fit its schema.', details, 'invalid_config');
  return secretFields;
}

/**
 * The pack with what was given changed; its files, if it has some, say it anew with the next install.
 * @throws DomainError pack_not_found, forbidden, invalid_config
 */
export async function updatePack(actor: Actor, ref: string, input: UpdatePack): Promise<void> {
  const target = { ref, packRef: ref };
  requireRight(actor, 'update', 'packs', target);
  if (input.config) requireRight(actor, 'configure', 'packs', target);
  await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWritablePack(tx, actor.tenantId, ref);
    if (
      input.visibility &&
      input.visibility !== row.visibility &&
      Number(row.createdBy ?? 0) !== actor.identityId
    )
      throw forbidden(`Only whoever made the pack ${ref} decides who sees it.`);
    tx.afterCommit(forgetActors);
    const before = row.config as JsonObject;
    const schema = input.confSchema ?? (row.confSchema as JsonObject);
    const kept = input.config ? requireConfig(schema, input.config, before) : [];
    const secrets = Object.fromEntries(Object.entries(before).filter(([name]) => kept.includes(name)));
    await tx.prisma.pack.update({
      where: { id: row.id },
      data: {
        ...toData(input),
        ...(input.config && { config: { ...input.config, ...secrets } }),
        updated: new Date(),
      },
    });
    await tellChange(tx, actor, 'pack', row, 'updated');
  });
}

/** Removes a pack with all that it holds and its keys, unless other packs use it. What ran, and what runs left, stays. @throws DomainError pack_in_use */
export async function removePack(actor: Actor, ref: string): Promise<void> {
  requireRight(actor, 'delete', 'packs', { ref, packRef: ref });
  await inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWritablePack(tx, actor.tenantId, ref);
    const users = await listUsersOfPack(tx, actor.tenantId, row);
    if (users.length > 0)
      throw conflict(
        'pack_in_use',
        `${ref} is used by ${users.join(', ')}. Take it out there first, then remove it.`,
      );
    await tx.prisma.pack.delete({ where: { id: row.id } });
    await removeKeysOfPack(tx, actor, ref);
    await removeVanishedPermissionSets(tx, { tenantId: actor.tenantId, packRef: ref }, new Set());
    tx.afterCommit(forgetActions);
    await tellChange(tx, actor, 'pack', row, 'deleted');
  });
}

/** The pack as the REST API tells it. @throws DomainError pack_not_found */
export async function getPackRow(actor: Actor, ref: string): Promise<Pack> {
  requireRight(actor, 'read', 'packs');
  const row = await inConfiguration(actor.tenantId, (tx) => getPack(tx, actor.tenantId, ref));
  // What one may not see reads like what is missing.
  if (!may(actor, 'read', 'packs', { id: Number(row.id), ref, packRef: ref })) throw notFound('pack', ref);
  const { confSchema, config } = withoutSecrets(row.confSchema as JsonObject, row.config as JsonObject);
  return { ...row, confSchema, config };
}

/** The pack's configuration, as its schema wants it. @throws DomainError invalid_config with a place for each problem */
export async function configurePack(actor: Actor, ref: string, config: JsonObject): Promise<JsonObject> {
  requireRight(actor, 'configure', 'packs', { ref, packRef: ref });
  return inConfiguration(actor.tenantId, async (tx) => {
    const row = await getWritablePack(tx, actor.tenantId, ref);
    const before = row.config as JsonObject;
    const secretFields = requireConfig(row.confSchema as JsonObject, config, before);
    await tx.prisma.pack.update({
      where: { id: row.id },
      data: {
        config: {
          ...config,
          ...Object.fromEntries(Object.entries(before).filter(([name]) => secretFields.includes(name))),
        },
        updated: new Date(),
      },
    });
    await tellChange(tx, actor, 'pack', row, 'updated', { config: true });
    return config;
  });
}
