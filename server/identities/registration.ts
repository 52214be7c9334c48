import { z } from 'zod';
import { conflict, DomainError } from '@/engine/errors';
import { inSystem, isUniqueViolation, type Tx } from '../db';
import { env } from '../env';
import { appendChanges } from '../feed/store';
import { Label } from '../fields';
import { defaultTenantId, standardTenantId } from '../packs/refs';
import { hashPassword } from './passwords';
import { administratorSet } from './permission-sets';
import { Login } from './schema';
import { chargeAttempt } from './store';

/** Enough for a class or a test suite behind one address; then each further one waits longer. */
const registrationsPerAddress = 300;
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

export const Register = z.object({
  login: Login,
  password: z.string().min(8, 'At least 8 characters.').max(1_000),
  display_name: Label.nullish(),
  tenant: z
    .object({
      name: Label,
      slug: z
        .string()
        .max(60)
        .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'small letters, digits and - only')
        .nullish(),
    })
    .nullish(),
});

/**
 * Who may register without being asked: nobody, people of the default tenant, or new tenants with their administrators.
 * By default only on a machine's own address, where nobody else comes: who publishes a studio decides it.
 */
export function selfRegistration(): 'off' | 'identities' | 'tenants' {
  const { ATTUNE_SELF_REGISTRATION, HOST, ATTUNE_PUBLIC_URL, ATTUNE_TRUSTED_PROXIES } = env();
  if (ATTUNE_SELF_REGISTRATION !== undefined) return ATTUNE_SELF_REGISTRATION;
  const isPrivate = loopback.has(HOST) && ATTUNE_PUBLIC_URL === undefined && ATTUNE_TRUSTED_PROXIES === 0;
  return isPrivate ? 'tenants' : 'off';
}

/**
 * A new identity: without rights in the default tenant, or as the administrator of a new one.
 * @throws DomainError forbidden where registration is off, conflict for a login or a slug that is taken, too_many
 */
export async function register(address: string, input: z.infer<typeof Register>): Promise<void> {
  const { tenant } = input;
  requireOpen(tenant ? 'tenants' : 'identities');
  const lockedSeconds = await inSystem((tx) =>
    chargeAttempt(tx, `register:${address}`, registrationsPerAddress),
  );
  if (lockedSeconds > 0)
    throw new DomainError('too_many', 'locked', `Too many registrations. Try again in ${lockedSeconds} s.`, {
      retryAfterSeconds: lockedSeconds,
    });
  const passwordHash = await hashPassword(input.password);
  await inSystem(async (tx) => {
    const tenantId = tenant ? await insertTenant(tx, tenant.name, tenant.slug) : defaultTenantId;
    const [row] = await tx
      .query<{ id: number }>(
        'INSERT INTO identity (tenant_id, login, display_name, password_hash) VALUES ($1, $2, $3, $4) RETURNING id',
        [tenantId, input.login, input.display_name ?? input.login, passwordHash],
      )
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw conflict('login_taken', `The login ${input.login} is taken. Choose another.`);
      });
    const id = row?.id ?? 0;
    if (tenant)
      await tx.query(
        `INSERT INTO permission_assignment (tenant_id, identity_id, permission_set_id)
         SELECT $1, $2, id FROM permission_set WHERE tenant_id = $3 AND ref = $4`,
        [tenantId, id, standardTenantId, administratorSet],
      );
    await appendChanges(tx, tenantId, [
      {
        entityType: 'identity',
        entityId: id,
        kind: 'registered',
        actorId: id,
        payload: { id, login: input.login, address, ...(tenant && { tenant: tenant.name }) },
      },
    ]);
  });
}

function requireOpen(what: 'identities' | 'tenants'): void {
  const open = selfRegistration();
  if (open === 'tenants' || open === what) return;
  throw new DomainError(
    'forbidden',
    'registration_off',
    what === 'tenants' && open === 'identities'
      ? 'New tenants cannot be registered here. Leave tenant out, or ask the administrator.'
      : 'Registration is switched off here. Ask an administrator for an account.',
  );
}

/** The id of a new tenant. @throws DomainError tenant_taken */
export async function insertTenant(tx: Tx, name: string, given: string | null | undefined): Promise<number> {
  const slug = given ?? toSlug(name);
  const [row] = await tx.query<{ id: number }>(
    'INSERT INTO tenant (name, slug) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id',
    [name, slug],
  );
  if (row) return row.id;
  throw conflict('tenant_taken', `There is a tenant ${slug} already. Choose another slug.`);
}

function toSlug(name: string): string {
  const slug = name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
  return slug === '' ? 'tenant' : slug;
}
