import { readFileSync } from 'node:fs';
import { z } from 'zod';

const seconds = (fallback: number) => z.coerce.number().min(0.05).max(86_400).default(fallback);

/** Every setting that comes from outside, with its meaning. Nothing else reads `process.env`. */
export const Env = z.object({
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must start with postgresql://'),
  PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(3000)
    .describe('Port of the studio and the REST API'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on'),
  ATTUNE_HOME: z.string().default('.attune').describe('Folder for logs, run folders and environments'),
  ATTUNE_PUBLIC_URL: z.string().optional().describe('The address people use, when it differs from HOST:PORT'),
  ATTUNE_API_URL: z
    .string()
    .regex(/^https?:\/\//, 'must start with http:// or https://')
    .optional()
    .describe(
      'Where executions reach the API from the worker’s machine (Default: ATTUNE_PUBLIC_URL, else HOST:PORT)',
    ),
  ATTUNE_ADMIN_LOGIN: z.string().min(1).max(200).default('admin'),
  ATTUNE_ADMIN_PASSWORD: z.string().min(8).max(1000).optional(),
  ATTUNE_SELF_REGISTRATION: z
    .enum(['off', 'identities', 'tenants'])
    .optional()
    .describe(
      'Who may register by themselves: nobody, people of the default tenant (without rights), or new tenants too (Default: tenants on a machine’s own address without ATTUNE_PUBLIC_URL, else off)',
    ),
  ATTUNE_MASTER_KEY: z
    .string()
    .max(200)
    .optional()
    .describe('The key for secrets at rest: 32 random bytes, as base64 or hex'),
  ATTUNE_MASTER_KEY_FILE: z
    .string()
    .max(4096)
    .optional()
    .describe('Or a file (mode 0600) with that key on its first line; older keys may follow, one a line'),
  ATTUNE_MASTER_KEY_PREVIOUS: z
    .string()
    .max(4096)
    .optional()
    .describe('Older master keys that still open what they sealed, separated by commas'),
  ATTUNE_OIDC_ISSUER: z
    .string()
    .regex(/^https?:\/\//, 'must start with https://')
    .optional()
    .describe('The OpenID Connect provider that people may sign in at'),
  ATTUNE_OIDC_CLIENT_ID: z.string().max(500).optional().describe('What the studio is called there'),
  ATTUNE_OIDC_CLIENT_SECRET: z.string().max(2000).optional().describe('Its secret there, if it has one'),
  ATTUNE_OIDC_LABEL: z
    .string()
    .max(100)
    .default('single sign-on')
    .describe('How the sign-in page calls the provider'),
  ATTUNE_OIDC_CREATE: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether whoever the provider signs in gets an account in the default tenant'),
  ATTUNE_OIDC_DEFAULT_SET: z
    .string()
    .max(200)
    .optional()
    .describe('The permission set that such an account begins with (Default: none)'),
  ATTUNE_RATE_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000_000)
    .default(60_000)
    .describe(
      'Calls that one identity or execution may make in a minute, of each web process; a tenth of them at once; 0: no limit',
    ),
  ATTUNE_RATE_ANONYMOUS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000_000)
    .default(6_000)
    .describe(
      'The same for one address where nobody is signed in: sign-ins, registrations, calls without a token that counts',
    ),
  ATTUNE_AUDIT_DAYS: z.coerce
    .number()
    .int()
    .min(30)
    .max(36_500)
    .default(365)
    .describe('How long the audit log is kept; never less than 30 days'),
  ATTUNE_LEASE_SECONDS: seconds(15).describe('How long a claim lasts without renewal'),
  ATTUNE_POLL_SECONDS: seconds(0.5).describe('The polling floor behind every NOTIFY'),
  ATTUNE_REAP_SECONDS: seconds(2).describe('How often lost leases, timers and lost jobs are looked for'),
  ATTUNE_DRAIN_SECONDS: seconds(30).describe('How long a stopping worker lets executions finish'),
  ATTUNE_KILL_GRACE_SECONDS: seconds(5).describe('From TERM to KILL'),
  ATTUNE_WORKER_SLOTS: z.coerce.number().int().min(1).max(1000).default(8),
  ATTUNE_SENSOR_SLOTS: z.coerce
    .number()
    .int()
    .min(0)
    .max(200)
    .default(16)
    .describe('How many sensors one worker runs at most; 0: none'),
  ATTUNE_WARM_PROCESSES: z.coerce
    .number()
    .int()
    .min(0)
    .max(64)
    .default(4)
    .describe(
      'How many Python and Node processes wait ahead for their execution, beside the slots; 0 for none',
    ),
  ATTUNE_WARM_IDLE_SECONDS: seconds(60).describe('How long such a process waits in vain'),
  ATTUNE_ACTION_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(16)
    .max(1_048_576)
    .default(512)
    .describe(
      'Memory of an attempt whose action does not say, in MB: what most programs need, times eight slots',
    ),
  ATTUNE_ACTION_MEMORY_MAX_MB: z.coerce
    .number()
    .int()
    .min(16)
    .max(1_048_576)
    .optional()
    .describe('The most that an action may ask for (Default: the machine’s memory)'),
  ATTUNE_ACTION_PROCESSES: z.coerce
    .number()
    .int()
    .min(8)
    .max(65_536)
    .default(256)
    .describe('Processes and threads of an attempt whose action does not say'),
  ATTUNE_ACTION_PROCESSES_MAX: z.coerce
    .number()
    .int()
    .min(8)
    .max(65_536)
    .default(4096)
    .describe('The most that an action may ask for'),
  ATTUNE_ACTION_CPU_MAX: z.coerce
    .number()
    .min(0.05)
    .max(1_024)
    .optional()
    .describe('The most processors that one attempt gets, as a number of cores (Default: no limit)'),
  ATTUNE_ACTION_DISK_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_048_576)
    .default(256)
    .describe('What the run folder of an attempt may hold whose action does not say, in MB'),
  ATTUNE_ACTION_DISK_MAX_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_048_576)
    .default(4096)
    .describe('The most that an action may ask for'),
  ATTUNE_ARTIFACTS_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_048_576)
    .default(4096)
    .describe('What the artifacts of one pack may hold, in MB: with more, its actions do not start'),
  ATTUNE_INSTALL_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(64)
    .max(1_048_576)
    .default(2048)
    .describe('Memory of an install (pip, npm), in MB'),
  ATTUNE_REQUIRE_WALLS: z
    .enum(['L1', 'L2', 'L3'])
    .default('L1')
    .describe('A worker that cannot put up walls of this level does not start'),
  ATTUNE_REQUIRE_LIMITS: z
    .enum(['true', 'false'])
    .default('false')
    .describe('A worker that cannot limit memory, processes, disk and network of executions does not start'),
  ATTUNE_RUNTIME_ENVS_DIR: z
    .string()
    .max(4096)
    .optional()
    .describe('Folder for the environments of packs (venv, node_modules), instead of one below ATTUNE_HOME'),
  ATTUNE_ENVIRONMENT_BUILD_SECONDS: seconds(600).describe('The longest that an install may take'),
  ATTUNE_ENVIRONMENT_KEEP_DAYS: z.coerce
    .number()
    .min(0.01)
    .max(3650)
    .default(30)
    .describe('Environments that nobody used for so long are removed'),
  ATTUNE_ARTIFACTS_FOLDER: z
    .string()
    .max(4096)
    .regex(/^\//, 'must be an absolute path')
    .optional()
    .describe('A folder, the same for every web server, where files of artifacts lie instead of in Postgres'),
  ATTUNE_ARTIFACT_MAX_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(50)
    .describe('The largest file of an artifact'),
  ATTUNE_ARTIFACTS_TENANT_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(100_000_000)
    .default(5_000)
    .describe('How much the artifacts of one tenant may hold together'),
  ATTUNE_QUEUE_KEEP_DAYS: z.coerce
    .number()
    .min(0.01)
    .max(3650)
    .default(30)
    .describe('How long items of work queues are kept after their end'),
  ATTUNE_EVENT_KEEP_DAYS: z.coerce
    .number()
    .min(0.01)
    .max(3650)
    .default(30)
    .describe('How long events are kept, with what the rules said of them and their enforcements'),
  ATTUNE_WORKER_NAME: z.string().max(200).optional(),
  ATTUNE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  ATTUNE_HTTP_ALLOW: z
    .string()
    .max(10_000)
    .default('')
    .describe(
      'Hosts that HTTP actions and git may reach though they are not public: names, addresses and ranges, separated by commas',
    ),
  ATTUNE_TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('Proxies whose X-Forwarded-For counts'),
  ATTUNE_SECURE_COOKIES: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Set where the studio is behind TLS'),
  ATTUNE_CRASH_AT: z
    .string()
    .optional()
    .describe('Fault tests: the named point at which a worker kills itself'),
  ATTUNE_VERSION: z.string().default('0.1.0'),
  NODE_ENV: z.string().default('production'),
});
export type Env = z.infer<typeof Env>;

let cached: Env | undefined;

/** The settings, read once. @throws Error with one sentence per setting that is wrong */
export function env(): Env {
  if (cached) return cached;
  const result = Env.safeParse(process.env);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment does not fit:\n  ${lines.join('\n  ')}`);
  }
  cached = result.data;
  return cached;
}

/** The named variables of this process as they are, for a program of the machine that needs them. */
export function readVariables(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) if (process.env[name] !== undefined) found[name] = process.env[name];
  return found;
}

/** All that this process was started with: installs take from it where packages come from, and nothing else does. */
export function startedWith(): Readonly<NodeJS.ProcessEnv> {
  return process.env;
}

/** A packs folder beside the program: where the core and example packs are loaded from. */
export function packsFolder(): string {
  return process.env['ATTUNE_PACKS'] ?? `${process.cwd()}/packs`;
}

/** Reads a small text file, or null when there is none. */
export function readTextFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** Where people and other systems reach the studio. */
export function publicUrl(): string {
  const { ATTUNE_PUBLIC_URL, HOST, PORT } = env();
  return ATTUNE_PUBLIC_URL ?? `http://${HOST}:${PORT}`;
}
