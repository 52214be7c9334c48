import { z } from 'zod';
import { Id, JsonObject, Label, Time } from '../fields';

export const resources = [
  'packs',
  'actions',
  'queues',
  'rules',
  'triggers',
  'executions',
  'events',
  'enforcements',
  'inquiries',
  'keys',
  'artifacts',
  'runtimes',
  'workers',
  'retention',
  'identities',
  'permissions',
  'audit_log',
] as const;
export const rightActions = [
  'read',
  'create',
  'install',
  'configure',
  'update',
  'delete',
  'execute',
  'cancel',
  'respond',
  'manage',
  'decrypt',
] as const;
export type Resource = (typeof resources)[number];
export type RightAction = (typeof rightActions)[number];

export const Grant = z.object({
  resource: z.enum(resources),
  actions: z.array(z.enum(rightActions)),
  constraints: z
    .object({
      pack_refs: z.array(z.string()),
      refs: z.array(z.string()),
      ids: z.array(Id),
      owner_types: z.array(z.string()),
      owner_refs: z.array(z.string()),
      visibility: z.array(z.string()),
    })
    .partial()
    .optional(),
});
export type Grant = z.infer<typeof Grant>;

/** Names of permission sets, or `standard`: keys and artifacts of an action's own and of its pack. */
export const PermissionSetRefs = z.array(z.string().min(1).max(200)).max(20);

export const SignIn = z.strictObject({
  login: z.string().min(1, 'Enter your login.').max(200),
  password: z.string().min(1, 'Enter your password.').max(1000),
});
export const ChangePassword = z.strictObject({
  current: z.string().max(1000),
  next: z.string().min(8, 'At least 8 characters.').max(1000),
});

export const Me = z.object({
  id: Id,
  login: z.string(),
  displayName: z.string(),
  tenantId: Id,
  tenantName: z.string(),
  permissionSets: z.array(z.string()),
  /** Whether tenants and settings of the whole installation are theirs to see to. */
  keepsInstallation: z.boolean(),
  rights: z.array(z.object({ resource: z.enum(resources), actions: z.array(z.enum(rightActions)) })),
});
export type Me = z.infer<typeof Me>;

export const Login = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\s/\\<>"']+$/, 'no spaces, quotes or slashes');
export const CreatePerson = z.strictObject({
  login: Login,
  displayName: Label,
  /** Without one nobody signs in as them; their programs may, by API tokens. */
  password: z.string().min(8, 'At least 8 characters.').max(1000).optional(),
  attributes: JsonObject.optional(),
  permissionSets: z.array(z.string().max(200)).max(50),
});
export const UpdatePerson = z.strictObject({
  id: Id,
  displayName: Label.optional(),
  password: z.string().min(8).max(1000).optional(),
  frozen: z.boolean().optional(),
  attributes: JsonObject.optional(),
  permissionSets: z.array(z.string().max(200)).max(50).optional(),
});
export const Person = z.object({
  id: Id,
  login: z.string(),
  displayName: z.string(),
  frozen: z.boolean(),
  /** From another tenant, which keeps their login and password. */
  isGuest: z.boolean(),
  permissionSets: z.array(z.string()),
  created: Time,
  lastSeen: Time.nullable(),
});
export const PermissionSetSummary = z.object({
  ref: z.string(),
  label: z.string(),
  description: z.string(),
  grants: z.array(Grant),
});
export const Session = z.object({
  id: Id,
  tenantId: Id,
  tenantName: z.string(),
  userAgent: z.string(),
  address: z.string(),
  /** The label of the API token that it was exchanged for. */
  token: z.string().nullable(),
  created: Time,
  lastSeen: Time,
  isThis: z.boolean(),
});
export const ApiToken = z.object({
  id: Id,
  label: z.string(),
  active: z.boolean(),
  created: Time,
  lastUsed: Time.nullable(),
});
