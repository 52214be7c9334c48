import { invalid } from '@/engine/errors';
import { readTenant, type Tx } from '../../db';
import type { Actor } from '../../identities/actor';
import { IdText } from './fields';
import type { Paging, Part } from './paging';

/** Newest first: after an id, or after so many rows. */
export interface Slice {
  before: number | null;
  offset: number;
  limit: number;
}

/** Rows of occurrences, newest first, by page or by cursor. A page may be shorter for whoever may read only some of the rows. */
export async function partOfRows<Row extends { id: number }>(
  actor: Actor,
  paging: Paging,
  read: {
    list: (tx: Tx, slice: Slice) => Promise<Row[]>;
    count: (tx: Tx) => Promise<number | null>;
    isReadable: (row: Row) => boolean;
  },
): Promise<Part<Row>> {
  const before = readAfter(paging.after);
  return readTenant(actor.tenantId, async (tx) => {
    const offset = before === null ? paging.offset : 0;
    const [rows, total] = await Promise.all([
      read.list(tx, { before, offset, limit: paging.size + 1 }),
      read.count(tx),
    ]);
    const page = rows.slice(0, paging.size);
    return {
      items: page.filter(read.isReadable),
      total,
      hasMore: rows.length > paging.size,
      next: String(page.at(-1)?.id ?? ''),
    };
  });
}

/** The id that a page gave as next; null where none is named. @throws DomainError invalid */
export function readAfter(after: string | null): number | null {
  if (after === null) return null;
  const read = IdText.safeParse(after);
  if (read.success) return read.data;
  throw invalid('after is not what a page gave as next. Begin without it.', [
    { path: 'after', message: 'is no cursor' },
  ]);
}
