import { notFound } from '@/engine/errors';
import { readTenant, type Tx } from '../db';
import { may, requireRight, type Actor } from '../identities/actor';
import { readAccess, setsOf } from './access';
import { resolveAction } from './resolve-action';
import { toExecution, type Told } from './rest-schema';
import {
  findTold,
  listToldOfTree,
  readOwnTimeline,
  type ToldExecution,
  type ToldSummary,
} from './rest-store';
import { getReadable, targetOf } from './service';

/** One execution as the REST API tells it. @throws DomainError not_found */
export async function getTold(actor: Actor, id: number): Promise<Told> {
  requireRight(actor, 'read', 'executions');
  return readTenant(actor.tenantId, async (tx) => {
    const row = await findTold(tx, actor.tenantId, id);
    if (!row || !may(actor, 'read', 'executions', targetOf(row))) throw notFound('execution', id);
    const [sets, timeline] = await Promise.all([readSets(tx, row), readOwnTimeline(tx, row)]);
    return toExecution(row, sets, timeline);
  });
}

async function readSets(tx: Tx, row: ToldExecution): Promise<readonly string[]> {
  const action = await resolveAction(tx, row.tenantId, row.actionRef);
  return setsOf(await readAccess(tx, row), {
    packRef: row.actionRef.slice(0, row.actionRef.indexOf('.')),
    defaultPermissionSetRefs: action?.defaultPermissionSetRefs ?? [],
  });
}

/** Those of one tree with these ids, in order of their ids. @throws DomainError not_found */
export async function listTreeTold(actor: Actor, id: number, ids: readonly number[]): Promise<ToldSummary[]> {
  return readTenant(actor.tenantId, async (tx) => {
    const { rootId } = await getReadable(tx, actor, id);
    const rows = await listToldOfTree(tx, actor.tenantId, rootId, ids);
    return rows.filter((row) => may(actor, 'read', 'executions', targetOf(row)));
  });
}
