import { tracked, TRPCError } from '@trpc/server';
import { DomainError, notFound } from '@/engine/errors';
import type { LogChunk } from '../executions/schema';
import { mayUseArtifact, toArtifactFacts } from '../artifacts/rights';
import {
  compareCursors,
  parseCursor,
  printCursor,
  readTenantChanges,
  type Cursor,
  type EntityType,
  type FeedRow,
} from '../feed/store';
import { toTrpcError } from '../http-errors';
import { may, requireRight, type Actor } from '../identities/actor';
import type { Resource } from '../identities/schema';
import { refreshActor } from '../identities/sessions';
import { mayUseKey, toKeyFacts } from '../keys/rights';
import { onAnnouncement } from '../live';
import { pollMs } from '../queue';
import { createBell } from './bell';
import { isOfTenant, subscribe, type Subscription } from './hub';
import { findLogOwner, readLogAfter } from './log-store';
import type { LiveChange } from './schema';

const maxStreamsPerPerson = 100;
const recheckMs = 5_000;
const batchSize = 500;

type Stream<T> = AsyncGenerator<ReturnType<typeof tracked<T[]>>, void, void>;

/**
 * Every change that the actor may read, in commit order, as batches tracked by the feed's cursor. The first batch
 * comes at once and is empty: it says where the reader stands. With `lastEventId` the reader goes on from there,
 * without a gap or a double. @throws TRPCError TOO_MANY_REQUESTS beyond 100 streams; UNAUTHORIZED when the session
 * ends; SERVICE_UNAVAILABLE for a reader that is too slow: the browser comes back by itself, with its cursor
 */
export function streamChanges(
  actor: Actor,
  lastEventId: string | null,
  signal: AbortSignal | undefined,
): Stream<LiveChange> {
  return told(actor, 'live.changes', followChanges(actor, parseCursor(lastEventId), signal));
}

async function* followChanges(
  reader: Actor,
  resumeAt: Cursor | null,
  signal: AbortSignal | undefined,
): Stream<LiveChange> {
  const leave = takePlace(reader);
  const watch = createWatch(reader);
  let subscription: Subscription | undefined;
  try {
    subscription = await subscribe(reader.tenantId);
    const { start } = subscription;
    let position = resumeAt ?? start;
    yield tracked(printCursor(position), []);
    // First what was written while the reader was away …
    while (!signal?.aborted && compareCursors(position, start) < 0) {
      const rows = await readTenantChanges(reader.tenantId, position, start, batchSize);
      const actor = await watch.check(rows);
      position = rows.length < batchSize ? start : cursorOf(rows.at(-1), position);
      const changes = toChanges(actor, rows);
      if (changes.length > 0) yield tracked(printCursor(position), changes);
    }
    // … then what the hub brings; a reader that was ahead of this hub knows its first rows already.
    while (!signal?.aborted) {
      if (subscription.isDropped) throw tooSlow();
      const from = position;
      const rows = subscription.take(batchSize).filter((row) => compareCursors(row, from) > 0);
      const actor = await watch.check(rows);
      position = cursorOf(rows.at(-1), position);
      const changes = toChanges(actor, rows);
      if (changes.length > 0) yield tracked(printCursor(position), changes);
      else await subscription.wait(recheckMs, signal);
    }
  } finally {
    subscription?.end();
    leave();
  }
}

/**
 * The output of one execution, as tracked chunks by sequence number; ends when the execution has ended and all is
 * read. @throws DomainError forbidden, not_found; while it runs the same TRPCErrors as {@link streamChanges}
 */
export async function streamLog(
  actor: Actor,
  executionId: number,
  lastEventId: string | null,
  signal: AbortSignal | undefined,
): Promise<Stream<LogChunk>> {
  requireRight(actor, 'read', 'executions');
  const owner = await findLogOwner(actor.tenantId, executionId);
  const isReadable =
    owner !== null &&
    may(actor, 'read', 'executions', {
      id: executionId,
      ref: owner.actionRef,
      packRef: packOf(owner.actionRef),
    });
  if (!isReadable) throw notFound('execution', executionId);
  const after = /^\d{1,15}$/.test(lastEventId ?? '') ? Number(lastEventId) : 0;
  return told(actor, 'live.log', followLog(actor, { executionId, rootId: owner.rootId }, after, signal));
}

async function* followLog(
  reader: Actor,
  execution: { executionId: number; rootId: number },
  after: number,
  signal: AbortSignal | undefined,
): Stream<LogChunk> {
  const leave = takePlace(reader);
  const watch = createWatch(reader);
  const bell = createBell();
  const silence = onAnnouncement('attune_log', (payload) => {
    // An empty one follows a reconnection: anything may have been missed.
    if (payload === '' || payload === String(execution.executionId)) bell.ring();
  });
  let position = after;
  try {
    while (!signal?.aborted) {
      await watch.check([]);
      const page = await readLogAfter(reader.tenantId, execution, position, batchSize);
      const last = page.chunks.at(-1);
      if (last) {
        position = last.seq;
        yield tracked(String(position), page.chunks);
      } else if (page.hasEnded) {
        return;
      } else {
        await bell.wait(pollMs(), signal);
      }
    }
  } finally {
    silence();
    leave();
  }
}

/** A stream has left its procedure before it fails, so its errors are translated here. */
async function* told<T>({ requestId }: Actor, path: string, stream: Stream<T>): Stream<T> {
  try {
    yield* stream;
  } catch (cause) {
    throw toTrpcError(cause, { path, requestId });
  }
}

const places = new Map<number, number>();

/** Counts a person's streams; gives back what frees the place. */
function takePlace({ identityId }: Actor): () => void {
  const taken = places.get(identityId) ?? 0;
  if (taken >= maxStreamsPerPerson) {
    throw new DomainError(
      'too_many',
      'too_many_streams',
      `You have ${maxStreamsPerPerson} live views open. Close some of them.`,
      { retryAfterSeconds: 10 },
    );
  }
  places.set(identityId, taken + 1);
  return () => {
    const left = (places.get(identityId) ?? 1) - 1;
    if (left > 0) places.set(identityId, left);
    else places.delete(identityId);
  };
}

/** Knows the reader's rights: asks again every five seconds, and at once when a change is about the reader. */
function createWatch(reader: Actor) {
  let actor = reader;
  let checkedAt = Date.now();
  return {
    async check(rows: readonly FeedRow[]): Promise<Actor> {
      const isAboutReader = rows.some(
        (row) => row.entityType === 'identity' && row.entityId === reader.identityId,
      );
      if (!isAboutReader && Date.now() - checkedAt < recheckMs) return actor;
      const fresh = await refreshActor(actor);
      if (!fresh)
        throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Your session has ended. Please sign in.' });
      actor = fresh;
      checkedAt = Date.now();
      return actor;
    },
  };
}

function tooSlow(): TRPCError {
  return new TRPCError({
    code: 'SERVICE_UNAVAILABLE',
    message: 'This reader fell too far behind. It goes on from its last event.',
  });
}

function cursorOf(row: FeedRow | undefined, otherwise: Cursor): Cursor {
  return row ? { xid: row.xid, id: row.id } : otherwise;
}

/** Under which right each kind of row is read. */
const resourceOf: Record<EntityType, Resource> = {
  execution: 'executions',
  inquiry: 'inquiries',
  event: 'events',
  enforcement: 'enforcements',
  rule: 'rules',
  action: 'actions',
  workflow: 'actions',
  trigger: 'triggers',
  sensor: 'triggers',
  pack: 'packs',
  identity: 'identities',
  worker: 'workers',
  key: 'keys',
  artifact: 'artifacts',
  work_queue: 'queues',
  work_queue_item: 'queues',
};

function packOf(ref: string): string {
  return ref.split('.', 1)[0] ?? ref;
}

function toChanges(actor: Actor, rows: readonly FeedRow[]): LiveChange[] {
  return rows.filter((row) => mayRead(actor, row)).map(toLiveChange);
}

function mayRead(actor: Actor, row: FeedRow): boolean {
  if (!isOfTenant(row, actor.tenantId)) return false;
  if (row.entityType === 'artifact')
    return mayUseArtifact(actor, 'read', toArtifactFacts(row.entityId, row.payload));
  if (row.entityType === 'key') return mayUseKey(actor, 'read', toKeyFacts(row.entityId, row.payload));
  const { ref = row.payload['actionRef'] } = row.payload;
  const named = typeof ref === 'string' ? { ref, packRef: packOf(ref) } : {};
  return may(actor, 'read', resourceOf[row.entityType], { id: row.entityId, ...named });
}

function toLiveChange(row: FeedRow): LiveChange {
  return {
    entityType: row.entityType,
    entityId: row.entityId,
    kind: row.kind,
    rootId: row.rootId,
    seq: row.seq,
    payload: row.payload,
    created: row.created.toISOString(),
  };
}
