import { z } from 'zod';
import { Id, JsonObject, Time } from '../fields';
import { needs, router } from '../trpc';
import { AuditQuery, toFilter } from './filter';
import { listAuditEvents } from './service';

const Entry = z.object({
  id: Id,
  category: z.string(),
  eventType: z.string(),
  outcome: z.string(),
  actorIdentity: z.number().nullable(),
  actorLogin: z.string().nullable(),
  actorTokenType: z.string().nullable(),
  actorIp: z.string().nullable(),
  actorUserAgent: z.string().nullable(),
  httpMethod: z.string().nullable(),
  httpPath: z.string().nullable(),
  httpStatus: z.number().nullable(),
  requestId: z.string().nullable(),
  resourceType: z.string().nullable(),
  resourceId: z.number().nullable(),
  resourceRef: z.string().nullable(),
  details: JsonObject.nullable(),
  created: Time,
});

export const auditRouter = router({
  /** Newest first; `cursor` is the id before which to go on. */
  list: needs('audit_log', 'read')
    .input(
      z.strictObject({
        ...AuditQuery.shape,
        cursor: Id.nullish(),
        limit: z.number().int().min(1).max(200).default(50),
      }),
    )
    .output(z.object({ items: z.array(Entry), next: Id.nullable() }))
    .query(async ({ ctx, input }) => {
      const { cursor, limit, ...query } = input;
      const page = await listAuditEvents(ctx.actor, toFilter(query), { before: cursor ?? null, limit });
      return {
        ...page,
        items: page.items.map((row) => ({ ...row, created: row.created.toISOString() })),
      };
    }),
});
