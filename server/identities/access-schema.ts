import { z } from 'zod';
import { Id, Label, Ref, Text, Time } from '../fields';
import { Grant, resources, rightActions } from './schema';

/** Teams, roles, permission sets, and who holds them. */

export const RoleName = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(200)
  .regex(/^[^\s/\\]+$/, 'no spaces and no slashes');

const TeamName = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, _ . and -')
  .describe('What inquiries call it: team:<name>');
const Members = z.array(Id).max(1_000);

export const CreateTeam = z.strictObject({
  name: TeamName,
  label: Label,
  description: Text.default(''),
  members: Members.default([]),
});
export const UpdateTeam = z.strictObject({
  id: Id,
  label: Label.optional(),
  description: Text.optional(),
  members: Members.optional(),
});

/** A set that somebody holds, and what it is assigned to. */
export const Holding = z.object({
  id: Id,
  setRef: z.string(),
  setLabel: z.string(),
  packRef: z.string().nullable(),
});
export const Team = z.object({
  id: Id,
  name: z.string(),
  label: z.string(),
  description: z.string(),
  members: z.array(z.object({ id: Id, login: z.string(), displayName: z.string() })),
  sets: z.array(Holding),
  created: Time,
});

export const RoleSummary = z.object({
  role: z.string(),
  members: z.array(z.object({ id: Id, login: z.string(), displayName: z.string() })),
  sets: z.array(Holding),
});

/** To an identity, a team or a role: one of them. */
export const AssignSet = z
  .strictObject({
    identityId: Id.optional(),
    teamId: Id.optional(),
    role: RoleName.optional(),
    setRef: z.string().min(1).max(200),
    packRef: z.string().min(1).max(100).optional(),
  })
  .refine(({ identityId, teamId, role }) => [identityId, teamId, role].filter(Boolean).length === 1, {
    path: ['identityId'],
    message: 'say whom: a person, a team or a role',
  });
export const TakeSet = z.strictObject({ kind: z.enum(['assignment', 'role']), id: Id });

export const SaveSet = z.strictObject({
  ref: Ref,
  label: Label,
  description: Text.default(''),
  grants: z.array(Grant).max(200),
});
export const PermissionSetDetails = z.object({
  id: Id,
  ref: z.string(),
  label: z.string(),
  description: z.string(),
  grants: z.array(Grant),
  /** With the studio, by a pack, or made here: only the last may be changed. */
  origin: z.enum(['built in', 'pack', 'here']),
  packRef: z.string().nullable(),
  /** How many people, teams and roles it is assigned to. */
  uses: z.number().int(),
});

/** What somebody may do, and why. */
export const Resolved = z.object({
  /** They hold no set: what everybody may do. */
  isNewcomer: z.boolean(),
  holdings: z.array(
    z.object({
      assignmentId: Id,
      setRef: z.string(),
      setLabel: z.string(),
      packRef: z.string().nullable(),
      via: z.enum(['identity', 'team', 'role']),
      name: z.string().nullable(),
    }),
  ),
  rights: z.array(
    z.object({
      resource: z.enum(resources),
      action: z.enum(rightActions),
      reasons: z.array(
        z.object({
          /** null: what everybody may do who holds no set. */
          setRef: z.string().nullable(),
          via: z.enum(['identity', 'team', 'role']).nullable(),
          name: z.string().nullable(),
          constraints: Grant.shape.constraints,
        }),
      ),
    }),
  ),
});
