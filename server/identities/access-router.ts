import { z } from 'zod';
import { Id, Ref } from '../fields';
import { needs, person, router } from '../trpc';
import {
  AssignSet,
  CreateTeam,
  PermissionSetDetails,
  Resolved,
  RoleName,
  RoleSummary,
  SaveSet,
  TakeSet,
  Team,
  UpdateTeam,
} from './access-schema';
import { assignSet, giveRole, takeRole, takeSet } from './assignments';
import * as sets from './own-sets';
import * as teams from './teams';

const OfRole = z.strictObject({ identityId: Id, role: RoleName });

/** Who may do what: teams, roles, permission sets, and who holds them. */
export const accessRouter = router({
  teams: needs('permissions', 'read')
    .output(z.array(Team))
    .query(({ ctx }) => teams.listTeams(ctx.actor)),
  createTeam: needs('permissions', 'manage')
    .input(CreateTeam)
    .output(Team)
    .mutation(({ ctx, input }) => teams.createTeam(ctx.actor, input)),
  updateTeam: needs('permissions', 'manage')
    .input(UpdateTeam)
    .output(Team)
    .mutation(({ ctx, input }) => teams.updateTeam(ctx.actor, input)),
  removeTeam: needs('permissions', 'manage')
    .input(z.strictObject({ id: Id }))
    .output(z.null())
    .mutation(({ ctx, input }) => teams.removeTeam(ctx.actor, input.id)),
  roles: needs('permissions', 'read')
    .output(z.array(RoleSummary))
    .query(({ ctx }) => teams.listRoles(ctx.actor)),
  giveRole: needs('permissions', 'manage')
    .input(OfRole)
    .output(z.null())
    .mutation(async ({ ctx, input }) => {
      await giveRole(ctx.actor, input.identityId, input.role);
      return null;
    }),
  takeRole: needs('permissions', 'manage')
    .input(OfRole)
    .output(z.null())
    .mutation(async ({ ctx, input }) => {
      await takeRole(ctx.actor, input.identityId, input.role);
      return null;
    }),
  sets: needs('permissions', 'read')
    .output(z.array(PermissionSetDetails))
    .query(({ ctx }) => sets.listSetDetails(ctx.actor)),
  createSet: needs('permissions', 'manage')
    .input(SaveSet)
    .output(PermissionSetDetails)
    .mutation(({ ctx, input }) => sets.createSet(ctx.actor, input)),
  updateSet: needs('permissions', 'manage')
    .input(SaveSet)
    .output(PermissionSetDetails)
    .mutation(({ ctx, input }) => sets.updateSet(ctx.actor, input)),
  removeSet: needs('permissions', 'manage')
    .input(z.strictObject({ ref: Ref }))
    .output(z.null())
    .mutation(({ ctx, input }) => sets.removeSet(ctx.actor, input.ref)),
  assign: needs('permissions', 'manage')
    .input(AssignSet)
    .output(z.null())
    .mutation(async ({ ctx, input }) => {
      await assignSet(ctx.actor, input);
      return null;
    }),
  take: needs('permissions', 'manage')
    .input(TakeSet)
    .output(z.null())
    .mutation(async ({ ctx, input }) => {
      await takeSet(ctx.actor, input);
      return null;
    }),
  /** One's own too. */
  resolved: person
    .input(z.strictObject({ identityId: Id }))
    .output(Resolved)
    .query(({ ctx, input }) => sets.resolveRights(ctx.actor, input.identityId)),
});
