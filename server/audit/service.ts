import { inTenant } from '../db';
import type { Slice } from '../http/rest/rows';
import { requireRight, type Actor } from '../identities/actor';
import { toCsvLine } from './csv';
import { countAudit, listAudit, type AuditFilter, type AuditRow } from './store';

/** The most that one export holds. */
const mostExported = 50_000;
const batchSize = 1_000;

/** A page of the log, newest first, and what leads on. @throws DomainError forbidden */
export async function listAuditEvents(
  actor: Actor,
  filter: AuditFilter,
  { before, limit }: { before: number | null; limit: number },
): Promise<{ items: AuditRow[]; next: number | null }> {
  requireRight(actor, 'read', 'audit_log');
  const rows = await inTenant(actor.tenantId, (tx) =>
    listAudit(tx, actor.tenantId, filter, { before, limit: limit + 1, offset: 0 }),
  );
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

const columns: readonly (keyof AuditRow)[] = [
  ...(['id', 'created', 'category', 'eventType', 'outcome', 'actorIdentity', 'actorLogin'] as const),
  ...(['actorTokenType', 'actorIp', 'actorUserAgent', 'resourceType', 'resourceId', 'resourceRef'] as const),
  ...(['httpMethod', 'httpPath', 'httpStatus', 'requestId', 'durationMs', 'details'] as const),
];

/**
 * The log as a file, newest first, read as it is sent. One with more than 50,000 entries ends there, and its name says so.
 * @throws DomainError forbidden
 */
export async function exportAudit(
  actor: Actor,
  filter: AuditFilter,
  format: 'csv' | 'json',
): Promise<{ fileName: string; contentType: string; sizeBytes: null; content: AsyncIterable<Uint8Array> }> {
  requireRight(actor, 'read', 'audit_log');
  const count = await inTenant(actor.tenantId, (tx) => countAudit(tx, actor.tenantId, filter, mostExported));
  return {
    fileName: `audit${count === null ? `-newest-${mostExported}` : ''}.${format}`,
    contentType: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json',
    sizeBytes: null,
    content: format === 'csv' ? toCsv(readAll(actor, filter)) : toJson(readAll(actor, filter)),
  };
}

async function* readAll(actor: Actor, filter: AuditFilter): AsyncGenerator<AuditRow[]> {
  let before: number | null = null;
  for (let read = 0; read < mostExported; read += batchSize) {
    const slice: Slice = { before, limit: batchSize, offset: 0 };
    const rows: AuditRow[] = await inTenant(actor.tenantId, (tx) =>
      listAudit(tx, actor.tenantId, filter, slice),
    );
    if (rows.length > 0) yield rows;
    if (rows.length < batchSize) return;
    before = rows.at(-1)?.id ?? null;
  }
}

async function* toCsv(batches: AsyncIterable<AuditRow[]>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(toCsvLine(columns));
  for await (const rows of batches)
    yield Buffer.from(rows.map((row) => toCsvLine(columns.map((name) => row[name]))).join(''));
}

async function* toJson(batches: AsyncIterable<AuditRow[]>): AsyncGenerator<Uint8Array> {
  let isFirst = true;
  for await (const rows of batches) {
    yield Buffer.from((isFirst ? '[\n' : ',\n') + rows.map((row) => JSON.stringify(row)).join(',\n'));
    isFirst = false;
  }
  yield Buffer.from(isFirst ? '[]\n' : '\n]\n');
}
