import type { Json } from '@/engine/expression/expression';
import { prepare, querySystem } from '../db';
import { Gather } from '../gather';
import type { WebhookConfig } from './schema';

/** A webhook that is on, as whoever receives for it needs it. */
export interface Hook {
  key: string;
  triggerId: number;
  tenantId: number;
  triggerRef: string;
  /** As it lies stored; to be parsed before it is trusted. */
  config: Json;
  sealed: Buffer | null;
  /** Calls that the window under way has counted, and how many seconds ago it began; null where none has. */
  used: number | null;
  windowSeconds: number | null;
  /** Changes with its trigger and with its secret. */
  version: string;
}

const selectHook = prepare(
  `SELECT t.webhook_key AS key, t.id AS "triggerId", t.tenant_id AS "tenantId", t.ref AS "triggerRef", t.webhook_config AS config, s.sealed,
       r.used, extract(epoch FROM clock_timestamp() - r.window_start)::float8 AS "windowSeconds",
       attune_webhook_version(t.xmin, s.xmin) AS version
     FROM trigger t LEFT JOIN webhook_secret s ON s.tenant_id = t.tenant_id AND s.trigger_id = t.id
       LEFT JOIN webhook_rate r ON r.tenant_id = t.tenant_id AND r.trigger_id = t.id
     WHERE t.webhook_key = ANY ($1::text[]) AND t.webhook_enabled AND t.enabled`,
);

const lookUps = new Gather(
  async (keys: readonly string[]) => {
    const rows = await querySystem<Hook>(selectHook, [[...new Set(keys)]]);
    const byKey = new Map(rows.map((hook) => [hook.key, hook]));
    return keys.map((key) => byKey.get(key) ?? null);
  },
  1,
  100,
);

/** The webhook with this key, as it is from now on; null where there is none, or it or its trigger is off. */
export function findHook(key: string): Promise<Hook | null> {
  // The key is a secret of 128 bits and more; whose it is, is not known before it is found.
  return lookUps.ask(key);
}

/** A webhook with its settings read and its secret opened. */
export interface ReadyHook {
  hook: Hook;
  config: WebhookConfig;
  secret: string | null;
  /** As it was a moment ago: what is stored by it is stored only if it is so still, and nothing is refused by it. */
  isRecalled: boolean;
}

const known = new Map<string, { ready: ReadyHook; untilMs: number }>();
const mostKnown = 500;
const fadesMs = 10_000;

/** Notes a webhook for the next call, unless its calls are counted or named: those ask the database anyway. */
export function rememberHook(ready: ReadyHook): void {
  const { config, hook } = ready;
  if (config.rate_limit.enabled || config.dedupe_header) return;
  if (known.size >= mostKnown) known.delete(known.keys().next().value as string);
  known.set(hook.key, { ready: { ...ready, isRecalled: true }, untilMs: performance.now() + fadesMs });
}

/** The same as this process knew it a moment ago; null where it did not. */
export function recallHook(key: string): ReadyHook | null {
  const found = known.get(key);
  if (found && found.untilMs > performance.now()) return found.ready;
  known.delete(key);
  return null;
}

export function forgetHook(key: string): void {
  known.delete(key);
}
