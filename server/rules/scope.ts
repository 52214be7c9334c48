import type { Json, Scope } from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import { publicUrl } from '../env';
import type { NamedKeys } from '../keys/named';

/** Each round reads what the one before named: a key's value that names a key that names a key. */
const mostRounds = 20;

/** What a rule's criteria and inputs may speak of. */
export interface RuleFacts {
  event: { id: number; payload: Json; headers: JsonObject; trigger: string; created: string };
  rule: { ref: string };
  /** The configuration of the rule's pack. */
  config: JsonObject;
  /** Where the keys that it names come from. */
  keys: NamedKeys;
}

/** What comes of asking `decide` when it has read every key that it names: it is pure, so it may be asked again. */
export async function decideWithKeys<T>(sql: Sql, keys: NamedKeys, decide: () => T): Promise<T> {
  for (let round = 0; round < mostRounds; round += 1) {
    const decided = decide();
    if (!keys.hasWishes) return decided;
    await keys.load(sql);
  }
  return decide();
}

/**
 * The names in a rule's expressions: `event`, `trigger.data` (the payload), `rule`, `config`, `keystore` (alias
 * `datastore`), `system`, `now()`.
 */
export function ruleScope({ event, rule, config, keys }: RuleFacts): Scope {
  const keystore = keys.values;
  const trigger = { ref: event.trigger, data: event.payload };
  return {
    names: { event, trigger, rule, config, keystore, datastore: keystore, system: { url: publicUrl() } },
    functions: { now: () => new Date().toISOString() },
  };
}
