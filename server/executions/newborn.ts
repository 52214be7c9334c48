import type { Json } from '@/engine/expression/expression';
import { prepare, type Sql } from '../db';
import { toStorable, toWritten, type ActionCheck, type Birth, type Written } from './step-writes';

/** An execution of its own as it is told of when it is born: what carrying it out at once takes. */
export interface Newborn {
  tenantId: number;
  id: number;
  actionRef: string;
  revision: number | null;
  parameters: { [name: string]: Json };
}

/** A NOTIFY holds less than 8,000 bytes; a character has at most four. */
const mostCharacters = 1_900;

/**
 * What of it is told, as JSON text; null where it has to be claimed: its action takes time, or it has a secret, a slot to
 * wait for, or much to say.
 */
function toNews(birth: Birth): string | null {
  if (birth.kind !== 'action' || birth.runtime !== 'native') return null;
  if (birth.sealed !== null || birth.slot_key !== null) return null;
  const { action_ref: actionRef, revision, parameters } = birth;
  const text = toStorable({ actionRef, revision, parameters });
  return text.length <= mostCharacters ? text : null;
}

/** Reads what `attune_birth_alone` says: `root <tenant> <id> <what toNews gave>`. Null where it says something else. */
export function parseNewborn(payload: string): Newborn | null {
  const match = /^root (\d+) (\d+) (\{.*)$/s.exec(payload);
  if (!match) return null;
  const [, tenantId, id, news] = match;
  const told = JSON.parse(news as string) as Pick<Newborn, 'actionRef' | 'revision' | 'parameters'>;
  return { tenantId: Number(tenantId), id: Number(id), ...told };
}

const bearAlone = prepare(
  'SELECT attune_birth_alone($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) AS written',
);

/** Whether it is nothing more than what somebody asked for, to be taken up now. */
export function isPlain(birth: Birth): boolean {
  const more = [
    birth.parent_id,
    birth.original_id,
    birth.enforcement_id,
    birth.event_id,
    birth.rerun_of,
    birth.slot_key,
  ];
  return birth.state === 'requested' && birth.id === undefined && more.every((value) => value === null);
}

/**
 * Stores one that {@link isPlain}, with its feed row and its bell, and tells the workers with the commit.
 * @throws an error that `isMovedOn` where the action is not as it was known
 */
export async function writeAlone(
  sql: Sql,
  tenantId: number,
  birth: Birth,
  check: ActionCheck,
): Promise<{ id: number; at: Date }> {
  const rows = await sql.query<Written>(bearAlone, [
    ...[tenantId, check.tenant, check.id, check.revision, check.published],
    ...[birth.action_ref, birth.kind, birth.revision, birth.runtime, birth.priority],
    ...[toStorable(birth.parameters), birth.sealed, birth.requested_by, birth.login, birth.idempotent],
    ...[birth.timeout_seconds, toNews(birth)],
  ]);
  const { ids, at } = toWritten(rows);
  return { id: ids[0] ?? 0, at };
}
