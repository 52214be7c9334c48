import { z } from 'zod';
import { Id } from '../fields';
import type { Tokens } from './bearer';

/** How tokens are told on the wire. */

export const User = z.object({
  id: Id,
  login: z.string(),
  display_name: z.string().nullable(),
  tenant_id: Id,
});
export const TokenResponse = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.number().int().describe('Seconds until the access token ends'),
  user: User,
});

export function toTokenResponse({
  accessToken,
  refreshToken,
  expiresInSeconds,
  actor,
}: Tokens): z.infer<typeof TokenResponse> {
  return {
    access_token: accessToken,
    refresh_token: refreshToken,
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
    user: {
      id: actor.identityId,
      login: actor.login,
      display_name: actor.displayName,
      tenant_id: actor.tenantId,
    },
  };
}
