import { DomainError } from '@/engine/errors';
import { compareCursors, readTenantChanges, type Cursor, type FeedRow } from '../feed/store';
import type { Actor } from '../identities/actor';
import { subscribe, type Subscription } from './hub';
import { toReadable } from './rights';

const maxStreamsPerIdentity = 100;
/** How old what is known of a reader's rights may be. */
export const recheckMs = 5_000;
export const batchSize = 500;

/** Who reads, and how to find out whether they still may: null once their session, token or account has ended. */
export interface Reader {
  actor: Actor;
  refresh: () => Promise<Actor | null>;
}

/** What has come, as far as the reader may read it; empty where nothing did. */
export interface Batch {
  position: Cursor;
  /** The reader with the rights of this moment. */
  actor: Actor;
  rows: FeedRow[];
}

/**
 * Every change that the reader may read, in commit order. The first batch comes at once and is empty: it says where the
 * reader stands; an empty one follows whenever nothing came for five seconds. With `resumeAt` the reader goes on from there,
 * without a gap or a double. @throws DomainError too_many beyond 100 streams; unauthenticated when the reader may no longer
 * ask; unavailable for one that is too slow
 */
export async function* followFeed(
  reader: Reader,
  resumeAt: Cursor | null,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch, void, void> {
  const leave = takePlace(reader.actor);
  const watch = createWatch(reader);
  const { tenantId } = reader.actor;
  let subscription: Subscription | undefined;
  try {
    subscription = await subscribe(tenantId);
    const { start } = subscription;
    let position = resumeAt ?? start;
    yield { position, actor: reader.actor, rows: [] };
    // First what was written while the reader was away …
    while (!signal?.aborted && compareCursors(position, start) < 0) {
      const rows = await readTenantChanges(tenantId, position, start, batchSize);
      const actor = await watch.check(rows);
      position = rows.length < batchSize ? start : cursorOf(rows.at(-1), position);
      const readable = await toReadable(actor, rows);
      if (readable.length > 0) yield { position, actor, rows: readable };
    }
    // … then what the hub brings; a reader that was ahead of this hub knows its first rows already.
    while (!signal?.aborted) {
      if (subscription.isDropped) throw tooSlow();
      const from = position;
      const rows = subscription.take(batchSize).filter((row) => compareCursors(row, from) > 0);
      const actor = await watch.check(rows);
      position = cursorOf(rows.at(-1), position);
      const readable = await toReadable(actor, rows);
      if (rows.length === 0) await subscription.wait(recheckMs, signal);
      yield { position, actor, rows: readable };
    }
  } finally {
    subscription?.end();
    leave();
  }
}

const places = new Map<string, number>();

/** Counts a caller's streams; gives back what frees the place. */
export function takePlace({ identityId, execution }: Actor): () => void {
  const whose = execution ? `execution ${execution.id}` : String(identityId);
  const taken = places.get(whose) ?? 0;
  if (taken >= maxStreamsPerIdentity) {
    throw new DomainError(
      'too_many',
      'too_many_streams',
      `You have ${maxStreamsPerIdentity} live views open. Close some of them.`,
      { retryAfterSeconds: 10 },
    );
  }
  places.set(whose, taken + 1);
  return () => {
    const left = (places.get(whose) ?? 1) - 1;
    if (left > 0) places.set(whose, left);
    else places.delete(whose);
  };
}

/** Knows the reader's rights: asks again every five seconds, and at once when a change is about the reader. */
export function createWatch(reader: Reader) {
  let { actor } = reader;
  let checkedAt = Date.now();
  return {
    async check(rows: readonly FeedRow[]): Promise<Actor> {
      const isAboutReader = rows.some(
        (row) => row.entityType === 'identity' && row.entityId === actor.identityId,
      );
      if (!isAboutReader && Date.now() - checkedAt < recheckMs) return actor;
      const fresh = await reader.refresh();
      if (!fresh)
        throw new DomainError('unauthenticated', 'session_ended', 'Your session has ended. Please sign in.');
      actor = fresh;
      checkedAt = Date.now();
      return actor;
    },
  };
}

function tooSlow(): DomainError {
  return new DomainError(
    'unavailable',
    'too_slow',
    'This reader fell too far behind. It goes on from its last event.',
    { retryAfterSeconds: 1 },
  );
}

function cursorOf(row: FeedRow | undefined, otherwise: Cursor): Cursor {
  return row ? { xid: row.xid, id: row.id } : otherwise;
}
