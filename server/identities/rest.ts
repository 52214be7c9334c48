import { z } from 'zod';
import { DomainError } from '@/engine/errors';
import { one, type Route } from '../http/rest/route';
import { login, refresh, tokenLogin } from './bearer';
import { oidcLabel } from './oidc';
import { Register, register, selfRegistration } from './registration';
import { resources, rightActions, SignIn } from './schema';
import { TokenResponse, toTokenResponse, User } from './rest-tokens';
import { sessionRoutes } from './rest-sessions';
import { toMe } from './service';

/** Below `/auth`. */
export const authRoutes: readonly Route[] = [
  ...sessionRoutes,
  one(
    'post',
    {
      path: '/login',
      summary: 'Tokens for a login and its password',
      access: 'anyone',
      body: z.object(SignIn.shape),
      answer: TokenResponse,
      invalidStatus: 422,
    },
    async ({ address, userAgent, body }) => toTokenResponse(await login({ address, userAgent }, body)),
  ),
  one(
    'post',
    {
      path: '/register',
      summary: 'A new identity: without rights, or as the administrator of a new tenant',
      access: 'anyone',
      body: Register,
      answer: TokenResponse,
      invalidStatus: 422,
    },
    async ({ address, userAgent, body }) => {
      await register(address, body);
      return toTokenResponse(await login({ address, userAgent }, body));
    },
  ),
  one(
    'post',
    {
      path: '/token-login',
      summary: 'Tokens for an API token',
      access: 'anyone',
      body: z.object({ token: z.string().min(1).max(1_000) }),
      answer: TokenResponse,
      invalidStatus: 422,
    },
    async ({ address, userAgent, body }) =>
      toTokenResponse(await tokenLogin({ address, userAgent }, body.token)),
  ),
  one(
    'post',
    {
      path: '/ldap/login',
      summary: 'Tokens for a login of a directory: none is configured',
      access: 'anyone',
      body: z.object({ login: z.string().min(1).max(200), password: z.string().min(1).max(1_000) }),
      answer: TokenResponse,
      invalidStatus: 422,
      alsoAnswers: [501],
    },
    () =>
      Promise.reject(
        new DomainError('not_implemented', 'ldap_not_configured', 'No directory (LDAP) is configured here.'),
      ),
  ),
  one(
    'post',
    {
      path: '/refresh',
      summary: 'New tokens for a refresh token',
      access: 'anyone',
      body: z.object({ refresh_token: z.string().min(1).max(8_192) }),
      answer: TokenResponse,
      invalidStatus: 422,
    },
    async ({ body }) => toTokenResponse(await refresh(body.refresh_token)),
  ),
  one(
    'get',
    {
      path: '/me',
      summary: 'Who calls, and what they may do',
      access: 'signed in',
      answer: User.extend({
        id: z.number().int().min(0).describe('0 for an execution that nobody asked for'),
        assigned_permission_set_refs: z.array(z.string()),
        effective_permissions: z.array(
          z.object({ resource: z.enum(resources), actions: z.array(z.enum(rightActions)) }),
        ),
      }),
    },
    async ({ actor }) => {
      const { id, displayName, tenantId, permissionSets, rights } = toMe(actor);
      return {
        id,
        login: actor.login,
        display_name: displayName,
        tenant_id: tenantId,
        assigned_permission_set_refs: permissionSets,
        effective_permissions: rights,
      };
    },
  ),
  one(
    'get',
    {
      path: '/settings',
      summary: 'How people may sign in here',
      access: 'anyone',
      answer: z.object({
        authentication_enabled: z.boolean(),
        local_password_enabled: z.boolean(),
        oidc_enabled: z.boolean(),
        self_registration_enabled: z.boolean(),
        ldap_enabled: z.boolean(),
        ldap_visible_by_default: z.boolean(),
        ldap_provider_name: z.string().nullable(),
        ldap_provider_label: z.string().nullable(),
        ldap_provider_icon_url: z.string().nullable(),
      }),
    },
    async () => ({
      authentication_enabled: true,
      local_password_enabled: true,
      oidc_enabled: oidcLabel() !== null,
      self_registration_enabled: selfRegistration() !== 'off',
      ldap_enabled: false,
      ldap_visible_by_default: false,
      ldap_provider_name: null,
      ldap_provider_label: null,
      ldap_provider_icon_url: null,
    }),
  ),
];
