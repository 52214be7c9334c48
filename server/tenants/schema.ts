import { z } from 'zod';
import { Id, Label, Time } from '../fields';
import { Login } from '../identities/schema';

export const Slug = z
  .string()
  .max(60)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'small letters, digits and - only');

/** One of the tenants that the caller is in. */
export const OwnTenant = z.object({
  id: Id,
  name: z.string(),
  slug: z.string(),
  isThis: z.boolean(),
  /** Where their login and their password belong: it cannot be left. */
  isHome: z.boolean(),
});

export const JoinPerson = z.strictObject({
  login: Login,
  permissionSets: z.array(z.string().max(200)).max(50),
});

export const Tenant = z.object({
  id: Id,
  name: z.string(),
  slug: z.string(),
  people: z.number().int(),
  suspendedAt: Time.nullable(),
  created: Time,
});

export const CreateTenant = z.strictObject({
  name: Label,
  slug: Slug.optional(),
  /** Its first administrator: somebody new, or, without a password, somebody who has this login already. */
  admin: z.strictObject({
    login: Login,
    displayName: Label.optional(),
    password: z.string().min(8, 'At least 8 characters.').max(1000).optional(),
  }),
});
