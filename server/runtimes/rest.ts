import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { inConfiguration } from '../db';
import { Id, JsonObject, Time } from '../fields';
import { Named } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, type Route } from '../http/rest/route';
import { may, requireRight, type Actor } from '../identities/actor';
import { standardTenantId, visibleTo } from '../packs/refs';
import { allRuntimes } from './runtimes';

const Summary = z.object({
  id: Id,
  ref: z.string(),
  name: z.string(),
  description: z.string(),
  pack_ref: z.string(),
  created: Time,
  updated: Time,
});
const Runtime = Summary.extend({
  pack: Id.nullable(),
  distributions: JsonObject,
  installation: JsonObject.nullable().describe('Null: nothing is installed for it'),
  execution_config: JsonObject.describe(
    'The file endings by which it is chosen, and the program where a pack brings it',
  ),
});

/** All that the tenant may name, by ref. Those of the studio came with the core pack, so its times are theirs. */
async function listTold(actor: Actor): Promise<z.infer<typeof Runtime>[]> {
  requireRight(actor, 'read', 'runtimes');
  const { core, rows } = await inConfiguration(actor.tenantId, async (tx) => ({
    core: await tx.prisma.pack.findFirst({
      where: { tenantId: standardTenantId, ref: 'core' },
      select: { id: true, created: true, updated: true },
    }),
    rows: await tx.prisma.packRuntime.findMany({ where: visibleTo(actor.tenantId) }),
  }));
  const own = allRuntimes.map(({ id, ref, name, description, endings }) => ({
    ...{ id, ref, name, description, pack_ref: 'core' },
    pack: core === null ? null : Number(core.id),
    distributions: {},
    installation: null,
    execution_config: { file_endings: [...endings] },
    created: (core?.created ?? new Date(0)).toISOString(),
    updated: (core?.updated ?? new Date(0)).toISOString(),
  }));
  const ofPacks = rows
    .filter(({ id, ref, packRef }) => may(actor, 'read', 'runtimes', { id: Number(id), ref, packRef }))
    .map((row) => ({
      ...{ id: Number(row.id), ref: row.ref, name: row.name, description: row.description },
      pack_ref: row.packRef,
      pack: Number(row.packId),
      distributions: {},
      installation: null,
      execution_config: { interpreter: row.interpreter, file_endings: row.fileEndings },
      created: row.created.toISOString(),
      updated: row.updated.toISOString(),
    }));
  return [...own, ...ofPacks].sort((a, b) => (a.ref < b.ref ? -1 : 1));
}

/** What actions are run by, below `/api/v1`. */
export const runtimeRoutes: readonly Route[] = [
  list(
    {
      path: '/runtimes',
      summary: 'Runtimes by ref',
      access: { resource: 'runtimes', action: 'read' },
      item: Summary,
    },
    async ({ actor, paging }) => partOf(await listTold(actor), paging),
  ),
  one(
    'get',
    {
      path: '/runtimes/{ref}',
      summary: 'A runtime',
      access: { resource: 'runtimes', action: 'read' },
      params: Named,
      answer: Runtime,
    },
    async ({ actor, params }) => {
      const runtime = (await listTold(actor)).find(({ ref }) => ref === params.ref);
      if (!runtime) throw notFound('runtime', params.ref);
      return runtime;
    },
  ),
];
