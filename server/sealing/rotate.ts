import { inSystem, querySystem } from '../db';
import { resealInput } from '../executions/secret-inputs';
import { resealParameters } from '../executions/secret-parameters';
import { resealAnswer } from '../idempotency/store';
import { resealValue } from '../keys/store';
import { resealSecret } from '../webhooks/store';
import { resealPayload } from '../work-queues/item-secrets';
import { requireMasterKeys, retireMasterKeys } from './canary';
import { masterKeys, type MasterKeys } from './master-keys';
import { SealBroken, Sealing } from './seal';

/** What came of a rotation. */
export interface Rotated {
  /** How many values each table had sealed anew, over all rounds. */
  rewrapped: Record<string, number>;
  /** Values that no key opens: where they lie, never what they are. At most 20 are named. */
  broken: string[];
  /** Ids of the older master keys that nothing is sealed with any more; empty while something may be. */
  retired: string[];
}

/** A row as its table's place reads it: the columns of its key by name, and what the context of its seal is made of. */
interface SealedRow {
  tenant_id: number;
  [column: string]: number | string;
}

/** A table with a column `sealed`. */
interface Place {
  table: string;
  /** The columns of its primary key, in order. */
  key: readonly string[];
  /** Of what its seal is bound to, beside the key. */
  beside?: string;
  reseal: (sealing: Sealing, row: SealedRow, sealed: Buffer) => Buffer | null;
}

const places: readonly Place[] = [
  {
    table: 'idempotency_key',
    key: ['tenant_id', 'caller', 'key'],
    reseal: (sealing, row, sealed) =>
      resealAnswer(
        sealing,
        { tenantId: row.tenant_id, caller: String(row['caller']), key: String(row['key']) },
        sealed,
      ),
  },
  {
    table: 'key',
    key: ['id'],
    beside: 'tenant_id',
    reseal: (sealing, row, sealed) =>
      resealValue(sealing, { tenantId: row.tenant_id, id: Number(row['id']) }, sealed),
  },
  {
    table: 'webhook_secret',
    key: ['tenant_id', 'trigger_id'],
    reseal: (sealing, row, sealed) =>
      resealSecret(sealing, { tenantId: row.tenant_id, triggerId: Number(row['trigger_id']) }, sealed),
  },
  {
    table: 'execution',
    key: ['tenant_id', 'root_id', 'id'],
    beside: 'action_ref',
    reseal: (sealing, row, sealed) =>
      resealParameters(sealing, { tenantId: row.tenant_id, actionRef: String(row['action_ref']) }, sealed),
  },
  {
    table: 'item_input',
    key: ['tenant_id', 'root_id', 'execution_id', 'task', 'visit', 'item'],
    reseal: (sealing, row, sealed) =>
      resealInput(sealing, { tenantId: row.tenant_id, id: Number(row['execution_id']) }, sealed),
  },
  {
    table: 'work_queue_item',
    key: ['id'],
    beside: 'tenant_id, queue_id',
    reseal: (sealing, row, sealed) =>
      resealPayload(sealing, { tenantId: row.tenant_id, queueId: Number(row['queue_id']) }, sealed),
  },
];

/** A statement looks at so many rows, and opens so many values: what is open at a time stays small. */
const rowsAtATime = 5_000;
const valuesAtATime = 20;
/** Processes that still seal with an older key make work while it is done. */
const mostRounds = 5;
const mostNamed = 20;

/**
 * Seals everything that lies sealed anew with the newest master key, in short transactions; broken off, the next call
 * does the rest. An older key is retired (its canary goes) once a whole round found nothing that is sealed with another
 * than the newest. To be run when every process has the newest key.
 * @throws WrongMasterKey where a key is missing that something may be sealed with
 */
export async function rotateMasterKeys(keys: MasterKeys = masterKeys()): Promise<Rotated> {
  await requireMasterKeys(keys);
  const sealing = new Sealing(keys);
  const rewrapped: Record<string, number> = {};
  for (let round = 0; round < mostRounds; round += 1) {
    const broken: string[] = [];
    let done = 0;
    for (const place of places) {
      const count = await rewrapTable(place, sealing, broken);
      rewrapped[place.table] = (rewrapped[place.table] ?? 0) + count;
      done += count;
    }
    if (broken.length > 0) return { rewrapped, broken: broken.slice(0, mostNamed), retired: [] };
    if (done === 0) return { rewrapped, broken, retired: await retireMasterKeys(keys) };
  }
  return { rewrapped, broken: [], retired: [] };
}

async function rewrapTable(place: Place, sealing: Sealing, broken: string[]): Promise<number> {
  const { table, key } = place;
  const columns = [...key, ...(place.beside ? [place.beside] : [])].join(', ');
  const names = key.join(', ');
  const cursor = key.map((_, index) => `$${index + 1}`).join(', ');
  let after: (number | string)[] | null = null;
  let done = 0;
  for (;;) {
    // Every row, sealed or not: looking for the few in a large table would take longer than a statement may.
    const rows: (SealedRow & { has: boolean })[] = await querySystem(
      `SELECT ${columns}, sealed IS NOT NULL AS has FROM ${table}
       ${after ? `WHERE (${names}) > (${cursor})` : ''} ORDER BY ${names} LIMIT ${rowsAtATime}`,
      after ?? [],
    );
    const sealed = rows.filter(({ has }) => has);
    for (let at = 0; at < sealed.length; at += valuesAtATime)
      done += await rewrapRows(place, sealed.slice(at, at + valuesAtATime), sealing, broken);
    const last = rows.at(-1);
    if (!last || rows.length < rowsAtATime) return done;
    after = key.map((name) => last[name] as number | string);
  }
}

async function rewrapRows(
  place: Place,
  rows: readonly SealedRow[],
  sealing: Sealing,
  broken: string[],
): Promise<number> {
  const { table, key } = place;
  const isRow = key.map((name, index) => `${name} = $${index + 1}`).join(' AND ');
  return inSystem(async (tx) => {
    let done = 0;
    for (const row of rows) {
      const id = key.map((name) => row[name]);
      const [found] = await tx.query<{ sealed: Buffer | null }>(
        `SELECT sealed FROM ${table} WHERE ${isRow} FOR UPDATE`,
        id,
      );
      // Gone or changed meanwhile: whoever did that sealed it himself.
      if (!found?.sealed) continue;
      try {
        const anew = place.reseal(sealing, row, found.sealed);
        if (anew === null) continue;
        await tx.query(`UPDATE ${table} SET sealed = $${key.length + 1} WHERE ${isRow}`, [...id, anew]);
        done += 1;
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error;
        broken.push(`${table} ${id.join('/')}: ${error.message}`);
      }
    }
    return done;
  });
}
