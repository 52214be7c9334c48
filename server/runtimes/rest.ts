import { z } from 'zod';
import { notFound } from '@/engine/errors';
import { inConfiguration } from '../db';
import { Id, JsonObject, Time } from '../fields';
import { Named } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, type Route } from '../http/rest/route';
import { requireRight, type Actor } from '../identities/actor';
import { standardTenantId } from '../packs/refs';
import { allRuntimes, type RuntimeFacts } from './runtimes';

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
  execution_config: JsonObject.describe('The file endings by which it is chosen'),
});

/** Runtimes came with the core pack, so its times are theirs. */
async function told(actor: Actor, facts: readonly RuntimeFacts[]): Promise<z.infer<typeof Runtime>[]> {
  requireRight(actor, 'read', 'runtimes');
  const core = await inConfiguration(actor.tenantId, (tx) =>
    tx.prisma.pack.findFirst({
      where: { tenantId: standardTenantId, ref: 'core' },
      select: { id: true, created: true, updated: true },
    }),
  );
  return facts.map(({ id, ref, name, description, endings }) => ({
    ...{ id, ref, name, description, pack_ref: 'core' },
    pack: core === null ? null : Number(core.id),
    distributions: {},
    installation: null,
    execution_config: { file_endings: [...endings] },
    created: (core?.created ?? new Date(0)).toISOString(),
    updated: (core?.updated ?? new Date(0)).toISOString(),
  }));
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
    async ({ actor, paging }) => {
      const sorted = [...allRuntimes].sort((a, b) => (a.ref < b.ref ? -1 : 1));
      return partOf(await told(actor, sorted), paging);
    },
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
      const facts = allRuntimes.filter(({ ref }) => ref === params.ref);
      const [runtime] = await told(actor, facts);
      if (!runtime) throw notFound('runtime', params.ref);
      return runtime;
    },
  ),
];
