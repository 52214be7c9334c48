import { z } from 'zod';
import { Id } from '../fields';
import { anyone, needs, person, router } from '../trpc';
import {
  ChangePassword,
  CreatePerson,
  Me,
  PermissionSetSummary,
  Person,
  SignIn,
  UpdatePerson,
} from './schema';
import * as service from './service';
import * as sessions from './sessions';

export const authRouter = router({
  /** Sets the session cookie. */
  signIn: anyone
    .input(SignIn)
    .output(Me)
    .mutation(({ ctx, input }) => sessions.signIn(ctx, input)),
  signOut: anyone.output(z.null()).mutation(({ ctx }) => sessions.signOut(ctx)),
  me: anyone.output(Me.nullable()).query(({ ctx }) => (ctx.actor ? service.toMe(ctx.actor) : null)),
  changePassword: person
    .input(ChangePassword)
    .output(z.null())
    .mutation(({ ctx, input }) => service.changePassword(ctx.actor, input)),
});

export const peopleRouter = router({
  list: needs('identities', 'read')
    .output(z.array(Person))
    .query(({ ctx }) => service.listPeople(ctx.actor)),
  create: needs('identities', 'create')
    .input(CreatePerson)
    .output(Person)
    .mutation(({ ctx, input }) => service.createPerson(ctx.actor, input)),
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
