import { z } from 'zod';
import { Id, Label } from '../fields';
import { JoinPerson, OwnTenant } from '../tenants/schema';
import { joinPerson, leaveTenant, listOwnTenants } from '../tenants/service';
import { switchTenant } from '../tenants/switch';
import { anyone, needs, person, router } from '../trpc';
import { createApiToken, listApiTokens, revokeApiToken, toApiToken } from './api-tokens';
import {
  ApiToken,
  ChangePassword,
  CreatePerson,
  Me,
  PermissionSetSummary,
  Person,
  Session,
  SignIn,
  UpdatePerson,
} from './schema';
import { oidcLabel } from './oidc';
import * as ownSessions from './own-sessions';
import * as service from './service';
import * as sessions from './sessions';

export const authRouter = router({
  /** Sets the session cookie. */
  signIn: anyone
    .input(SignIn)
    .output(Me)
    .mutation(({ ctx, input }) => sessions.signIn(ctx, input)),
  /** How else one may sign in here than by password. */
  methods: anyone.output(z.object({ oidc: z.string().nullable() })).query(() => ({ oidc: oidcLabel() })),
  signOut: anyone.output(z.null()).mutation(({ ctx }) => sessions.signOut(ctx)),
  me: anyone.output(Me.nullable()).query(({ ctx }) => (ctx.actor ? service.toMe(ctx.actor) : null)),
  changePassword: person
    .input(ChangePassword)
    .output(z.null())
    .mutation(({ ctx, input }) => service.changePassword(ctx.actor, input)),
  /** The caller's own sessions, in every tenant of theirs. */
  sessions: person.output(z.array(Session)).query(({ ctx }) => ownSessions.listSessions(ctx.actor)),
  endSession: person
    .input(z.strictObject({ id: Id }))
    .output(z.null())
    .mutation(({ ctx, input }) => ownSessions.endSession(ctx.actor, input.id)),
  endOtherSessions: person
    .output(z.number().int())
    .mutation(({ ctx }) => ownSessions.endOtherSessions(ctx.actor)),
  /** The tenants that the caller is in. */
  tenants: person.output(z.array(OwnTenant)).query(({ ctx }) => listOwnTenants(ctx.actor)),
  /** Sets a cookie for the other tenant in place of this one's. */
  switchTenant: person
    .input(z.strictObject({ tenantId: Id }))
    .output(z.null())
    .mutation(({ ctx, input }) => switchTenant(ctx, input.tenantId)),
  leaveTenant: person
    .input(z.strictObject({ tenantId: Id }))
    .output(z.null())
    .mutation(({ ctx, input }) => leaveTenant(ctx.actor, input.tenantId)),
  /** The caller's own API tokens, newest first. */
  tokens: person
    .output(z.array(ApiToken))
    .query(async ({ ctx }) => (await listApiTokens(ctx.actor, ctx.actor.identityId)).map(toApiToken)),
  /** The token itself is told this once. */
  createToken: person
    .input(z.strictObject({ label: Label }))
    .output(z.object({ token: z.string(), id: Id }))
    .mutation(async ({ ctx, input }) => {
      const { token, row } = await createApiToken(ctx.actor, ctx.actor.identityId, {
        ...input,
        description: '',
      });
      return { token, id: Number(row.id) };
    }),
  revokeToken: person
    .input(z.strictObject({ id: Id }))
    .output(z.null())
    .mutation(async ({ ctx, input }) => {
      await revokeApiToken(ctx.actor, ctx.actor.identityId, input.id);
      return null;
    }),
});

export const peopleRouter = router({
  list: needs('identities', 'read')
    .output(z.array(Person))
    .query(({ ctx }) => service.listPeople(ctx.actor)),
  create: needs('identities', 'create')
    .input(CreatePerson)
    .output(Person)
    .mutation(({ ctx, input }) => service.createPerson(ctx.actor, input)),
  /** Takes somebody in who has a login in another tenant. */
  join: needs('identities', 'create')
    .input(JoinPerson)
    .output(z.object({ id: Id }))
    .mutation(async ({ ctx, input }) => ({ id: await joinPerson(ctx.actor, input) })),
  update: needs('identities', 'update')
    .input(UpdatePerson)
    .output(Person)
    .mutation(({ ctx, input }) => service.updatePerson(ctx.actor, input)),
  remove: needs('identities', 'delete')
    .input(z.strictObject({ id: Id }))
    .output(z.null())
    .mutation(({ ctx, input }) => service.removePerson(ctx.actor, input.id)),
  permissionSets: needs('permissions', 'read')
    .output(z.array(PermissionSetSummary))
    .query(({ ctx }) => service.listPermissionSets(ctx.actor)),
});
