import { z } from 'zod';
import { Id, Time } from '../fields';
import { Numbered } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import { listOwnTenants } from '../tenants/service';
import { tokensIn } from '../tenants/switch';
import { endOtherSessions, endSession, listSessions } from './own-sessions';
import { TokenResponse, toTokenResponse } from './rest-tokens';

const SessionAnswer = z.object({
  id: Id,
  tenant_id: Id,
  tenant_name: z.string(),
  user_agent: z.string(),
  address: z.string(),
  api_token_label: z.string().nullable(),
  created: Time,
  last_seen: Time,
  current: z.boolean(),
});

/** One's own sessions and tenants, below `/auth`. */
export const sessionRoutes: readonly Route[] = [
  list(
    {
      path: '/sessions',
      summary: 'One’s own sessions, in every tenant, last used first',
      access: 'signed in',
      item: SessionAnswer,
    },
    async ({ actor, paging }) =>
      partOf(
        (await listSessions(actor)).map(
          ({ tenantId, tenantName, userAgent, token, lastSeen, isThis, ...one }) => ({
            ...one,
            tenant_id: tenantId,
            tenant_name: tenantName,
            user_agent: userAgent,
            api_token_label: token,
            last_seen: lastSeen,
            current: isThis,
          }),
        ),
        paging,
      ),
  ),
  remove(
    { path: '/sessions/{id}', summary: 'Ends a session of one’s own', access: 'signed in', params: Numbered },
    async ({ actor, params }) => {
      await endSession(actor, params.id);
      return `The session ${params.id} has ended.`;
    },
  ),
  remove(
    { path: '/sessions', summary: 'Ends every session of one’s own but this one', access: 'signed in' },
    async ({ actor }) => `${await endOtherSessions(actor)} other sessions have ended.`,
  ),
  list(
    {
      path: '/tenants',
      summary: 'The tenants that one is in',
      access: 'signed in',
      item: z.object({ id: Id, name: z.string(), slug: z.string(), current: z.boolean() }),
    },
    async ({ actor, paging }) =>
      partOf(
        (await listOwnTenants(actor)).map(({ isThis, ...tenant }) => ({ ...tenant, current: isThis })),
        paging,
      ),
  ),
  one(
    'post',
    {
      path: '/switch-tenant',
      summary: 'Tokens for another tenant that one is in',
      access: 'signed in',
      body: z.object({ tenant_id: Id }),
      answer: TokenResponse,
      invalidStatus: 422,
      tellsSecret: true,
    },
    async ({ actor, userAgent, body }) => toTokenResponse(await tokensIn(actor, body.tenant_id, userAgent)),
  ),
];
