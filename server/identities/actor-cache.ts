import type { StoredActor } from './store';

/** How long an actor may be out of date in another process; in this one a change forgets at once. */
const maxAgeMs = 2_000;
const maxEntries = 5_000;

const entries = new Map<string, { until: number; actor: Promise<StoredActor | null> }>();

/** The actor behind a token's hash, asked for at most once in two seconds however many calls come at once. */
export function cachedActor(
  key: string,
  load: () => Promise<StoredActor | null>,
): Promise<StoredActor | null> {
  const known = entries.get(key);
  if (known && known.until > Date.now()) return known.actor;
  if (entries.size >= maxEntries) entries.clear();
  const actor = load();
  entries.set(key, { until: Date.now() + maxAgeMs, actor });
  actor.catch(() => entries.delete(key));
  return actor;
}

/** Forgets every actor: after a sign-out, a freeze, or a change of rights. */
export function forgetActors(): void {
  entries.clear();
}

/** Forgets one. */
export function forgetActor(key: string): void {
  entries.delete(key);
}
