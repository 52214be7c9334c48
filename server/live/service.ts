import { tracked } from '@trpc/server';
import { notFound } from '@/engine/errors';
import type { LogChunk } from '../executions/schema';
import { parseCursor, printCursor, type Cursor, type FeedRow } from '../feed/store';
import { toTrpcError } from '../http-errors';
import { may, requireRight, type Actor } from '../identities/actor';
import { refreshActor } from '../identities/sessions';
import { onAnnouncement } from '../live';
import { pollMs } from '../queue';
import { createBell } from './bell';
import { batchSize, createWatch, followFeed, takePlace, type Reader } from './follow';
import { findLogOwner, readLogAfter } from './log-store';
import { packOf } from './rights';
import type { LiveChange } from './schema';

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
  actor: Actor,
  resumeAt: Cursor | null,
  signal: AbortSignal | undefined,
): Stream<LiveChange> {
  let isFirst = true;
  for await (const { position, rows } of followFeed(toReader(actor), resumeAt, signal)) {
    if (isFirst || rows.length > 0) yield tracked(printCursor(position), rows.map(toLiveChange));
    isFirst = false;
  }
}

/** A browser's session as a reader. */
function toReader(actor: Actor): Reader {
  return { actor, refresh: () => refreshActor(actor) };
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
  const watch = createWatch(toReader(reader));
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
