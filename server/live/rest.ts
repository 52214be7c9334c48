import { z } from 'zod';
import { invalid, notFound } from '@/engine/errors';
import { inTenant } from '../db';
import { getReadable } from '../executions/service';
import { findLatestChange, parseCursor, printCursor, type FeedRow } from '../feed/store';
import { Id, JsonObject } from '../fields';
import { IdText } from '../http/rest/fields';
import type { SentEvent } from '../http/rest/event-stream';
import { stream, type Route } from '../http/rest/route';
import { requireRight } from '../identities/actor';
import { followFeed, type Reader } from './follow';
import { toExecutionPayload } from './notification';
import { toReadable } from './rights';

const LiveExecution = z.object({
  entity_type: z.literal('execution'),
  entity_id: Id,
  payload: JsonObject.describe('status, state, action_ref, parent, root, task_name, started_at, ended_at'),
});

/** The live part of the API, below `/api/v1`. */
export const liveRoutes: readonly Route[] = [
  stream(
    {
      path: '/executions/stream',
      summary: 'Changes of executions as they happen (Server-Sent Events)',
      access: { resource: 'executions', action: 'read' },
      query: z.object({
        execution_id: IdText.optional().describe('Only this execution and its children'),
      }),
      answer: LiveExecution,
    },
    async ({ actor, query, refresh, lastEventId }) => {
      requireRight(actor, 'read', 'executions');
      const { execution_id: executionId } = query;
      const resumeAt = parseCursor(lastEventId);
      if (lastEventId !== null && !resumeAt)
        throw invalid('Last-Event-ID is not what this stream gave as an id. Begin without it.');
      const rootId =
        executionId === undefined
          ? null
          : (await inTenant(actor.tenantId, (tx) => getReadable(tx, actor, executionId))).rootId;
      return (signal) =>
        followExecutions(
          { actor, refresh },
          { resumeAt, one: rootId === null ? null : { id: executionId ?? 0, rootId } },
          signal,
        );
    },
  ),
];

/**
 * Changes of executions, each with its own place in the feed. Of one execution where it stands comes first, unless the
 * reader goes on from somewhere: it may have ended before anybody asked.
 */
async function* followExecutions(
  reader: Reader,
  { resumeAt, one }: { resumeAt: ReturnType<typeof parseCursor>; one: { id: number; rootId: number } | null },
  signal: AbortSignal,
): AsyncGenerator<SentEvent, void, void> {
  const isWanted = ({ entityType, entityId, payload }: FeedRow) =>
    entityType === 'execution' && (!one || entityId === one.id || payload['parentId'] === one.id);
  let isFirst = true;
  for await (const { position, actor, rows } of followFeed(reader, resumeAt, signal)) {
    if (isFirst && one && !resumeAt) {
      const latest = await findLatestChange(actor.tenantId, one.rootId, 'execution', one.id, position);
      const [readable] = latest ? await toReadable(actor, [latest]) : [];
      if (!readable && latest) throw notFound('execution', one.id);
      if (readable) yield { id: printCursor(position), data: toEvent(readable) };
    }
    isFirst = false;
    const wanted = rows.filter(isWanted);
    for (const row of wanted) yield { id: printCursor({ xid: row.xid, id: row.id }), data: toEvent(row) };
    if (wanted.length === 0) yield null;
  }
}

function toEvent(row: FeedRow): z.input<typeof LiveExecution> {
  return { entity_type: 'execution', entity_id: row.entityId, payload: toExecutionPayload(row) };
}
