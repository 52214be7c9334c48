import { z } from 'zod';
import { env, Env, readVariables } from '../env';
import { requireRight, type Actor } from '../identities/actor';
import { selfRegistration } from '../identities/registration';
import { requireKeeper } from '../tenants/service';

/** The settings of this web process, to be read: they come from its environment, and a restart takes up others. */

export const Setting = z.object({
  group: z.enum(['access', 'limits', 'retention', 'actions', 'addresses', 'workers']),
  /** The variable that sets it. */
  name: z.string(),
  /** In effect; empty where there is none. */
  value: z.string(),
  isSet: z.boolean(),
  description: z.string(),
});
type Setting = z.infer<typeof Setting>;

/** By name, so that what is new is shown once somebody has seen that it holds no secret. */
const shown: Record<Setting['group'], readonly (keyof Env)[]> = {
  access: [
    ...(['ATTUNE_SELF_REGISTRATION', 'ATTUNE_SECURE_COOKIES', 'ATTUNE_ADMIN_LOGIN'] as const),
    ...([
      'ATTUNE_OIDC_ISSUER',
      'ATTUNE_OIDC_CLIENT_ID',
      'ATTUNE_OIDC_CREATE',
      'ATTUNE_OIDC_DEFAULT_SET',
    ] as const),
  ],
  limits: [
    'ATTUNE_RATE_PER_MINUTE',
    'ATTUNE_RATE_ANONYMOUS_PER_MINUTE',
    'ATTUNE_ARTIFACT_MAX_MB',
    'ATTUNE_ARTIFACTS_MB',
    'ATTUNE_ARTIFACTS_TENANT_MB',
  ],
  retention: [
    'ATTUNE_EVENT_KEEP_DAYS',
    'ATTUNE_QUEUE_KEEP_DAYS',
    'ATTUNE_AUDIT_DAYS',
    'ATTUNE_ENVIRONMENT_KEEP_DAYS',
  ],
  actions: [
    ...(['ATTUNE_ACTION_MEMORY_MB', 'ATTUNE_ACTION_MEMORY_MAX_MB', 'ATTUNE_ACTION_PROCESSES'] as const),
    ...(['ATTUNE_ACTION_PROCESSES_MAX', 'ATTUNE_ACTION_CPU_MAX', 'ATTUNE_ACTION_DISK_MB'] as const),
    ...(['ATTUNE_ACTION_DISK_MAX_MB', 'ATTUNE_REQUIRE_WALLS', 'ATTUNE_REQUIRE_LIMITS'] as const),
  ],
  addresses: [
    ...(['HOST', 'PORT', 'ATTUNE_PUBLIC_URL', 'ATTUNE_API_URL', 'ATTUNE_TRUSTED_PROXIES'] as const),
    'ATTUNE_HTTP_ALLOW',
  ],
  workers: [
    ...(['ATTUNE_WORKER_SLOTS', 'ATTUNE_SENSOR_SLOTS', 'ATTUNE_WARM_PROCESSES'] as const),
    ...(['ATTUNE_LEASE_SECONDS', 'ATTUNE_DRAIN_SECONDS', 'ATTUNE_LOG_LEVEL'] as const),
  ],
};

/** What is in effect, by group; no secrets. @throws DomainError forbidden for whoever does not keep the installation */
export function listSettings(actor: Actor): Setting[] {
  requireRight(actor, 'manage', 'permissions');
  requireKeeper(actor);
  const values = { ...env(), ATTUNE_SELF_REGISTRATION: selfRegistration() };
  return Object.entries(shown).flatMap(([group, names]) =>
    names.map((name) => ({
      group: group as Setting['group'],
      name,
      value: String(values[name] ?? ''),
      isSet: name in readVariables([name]),
      description: Env.shape[name].description ?? '',
    })),
  );
}
