import { currentCursor, readChanges, type Cursor, type FeedRow } from '../feed/store';
import { onAnnouncement } from '../live';
import { log, reasonOf } from '../log';
import { pollMs } from '../queue';
import { createBell } from './bell';

/** How many rows wait for one reader before it is dropped. */
export const maxWaitingRows = 10_000;
const pageSize = 1_000;

/** Rows of this tenant are everybody's to read, as far as they are of these kinds. */
const standardTenant = 1;
const sharedTypes = new Set<FeedRow['entityType']>([
  'worker',
  'pack',
  'action',
  'workflow',
  'trigger',
  'rule',
]);

export function isOfTenant(row: Pick<FeedRow, 'tenantId' | 'entityType'>, tenantId: number): boolean {
  return row.tenantId === tenantId || (row.tenantId === standardTenant && sharedTypes.has(row.entityType));
}

/** One reader's place at the hub. */
export interface Subscription {
  /** Where the hub stood when the reader came: every later row comes through `take`. */
  readonly start: Cursor;
  /** Takes what has come, oldest first. */
  take(maxRows: number): FeedRow[];
  /** Sleeps until rows come, the reader was dropped, or time is up. */
  wait(maxMs: number, signal?: AbortSignal): Promise<void>;
  /** True once rows were lost to it because it read too slowly. */
  readonly isDropped: boolean;
  end(): void;
}

interface Reader {
  tenantId: number;
  waiting: FeedRow[];
  isDropped: boolean;
  ring: () => void;
}

interface Tail {
  cursor: Promise<Cursor>;
  stop: () => void;
}

const readers = new Set<Reader>();
let tail: Tail | undefined;

/** Joins the one tail that this process has on the feed; it runs while anybody reads. */
export async function subscribe(tenantId: number): Promise<Subscription> {
  const bell = createBell();
  const reader: Reader = { tenantId, waiting: [], isDropped: false, ring: () => bell.ring() };
  const end = () => {
    readers.delete(reader);
    if (readers.size === 0) stopHub();
  };
  readers.add(reader);
  try {
    tail ??= startTail();
    // Rows that come while this waits are in `waiting` already; the reader skips what lies before its start.
    const start = await tail.cursor;
    return {
      start,
      take: (maxRows) => reader.waiting.splice(0, maxRows),
      wait: (maxMs, signal) =>
        reader.waiting.length > 0 || reader.isDropped ? Promise.resolve() : bell.wait(maxMs, signal),
      get isDropped() {
        return reader.isDropped;
      },
      end,
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** How many readers this process serves now. */
export function countReaders(): number {
  return readers.size;
}

/** Ends the tail. The next reader starts a new one. */
export function stopHub(): void {
  tail?.stop();
  tail = undefined;
}

function startTail(): Tail {
  const bell = createBell();
  const stopping = new AbortController();
  const silence = onAnnouncement('attune_feed', () => bell.ring());
  const started: Tail = {
    cursor: currentCursor(),
    stop: () => {
      silence();
      stopping.abort();
    },
  };
  void follow(started, () => bell.wait(pollMs(), stopping.signal), stopping.signal);
  return started;
}

async function follow(own: Tail, wait: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const isStopped = () => signal.aborted;
  let isAway = false;
  try {
    await own.cursor;
  } catch {
    // Its readers hear of it; the next one tries anew.
    if (tail === own) stopHub();
    return;
  }
  while (!isStopped()) {
    try {
      const cursor = await own.cursor;
      const rows = await readChanges(cursor, pageSize);
      isAway = false;
      const last = rows.at(-1);
      // Stopped meanwhile, its rows are another tail's to deliver.
      if (last && !isStopped()) {
        own.cursor = Promise.resolve({ xid: last.xid, id: last.id });
        for (const reader of readers) deliver(reader, rows);
      }
      if (rows.length === pageSize) continue;
    } catch (error) {
      if (!isAway) log.warn({ error: reasonOf(error) }, 'the live feed waits for the database');
      isAway = true;
    }
    await wait();
  }
}

function deliver(reader: Reader, rows: readonly FeedRow[]): void {
  if (reader.isDropped) return;
  const own = rows.filter((row) => isOfTenant(row, reader.tenantId));
  if (own.length === 0) return;
  if (reader.waiting.length + own.length > maxWaitingRows) {
    reader.isDropped = true;
    reader.waiting = [];
  } else {
    reader.waiting.push(...own);
  }
  reader.ring();
}
