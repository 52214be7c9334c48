import type { Json, Scope } from '@/engine/expression/expression';
import type { Sql } from '../db';
import type { JsonObject } from '../fields';
import { publicUrl } from '../env';
import type { NamedKeys } from '../keys/named';

/** Each round reads what the one before named: a key's value that names a key that names a key. */
const mostRounds = 20;

/** An event as rules see it. */
export interface RuleEvent {
  id: number;
  payload: Json;
  headers: JsonObject;
  trigger: string;
  created: string;
}

/** The event before another: read once somebody has asked for it, which few rules do. */
export class PreviousEvent {
  private isWanted = false;
  private found: RuleEvent | null | undefined;

  constructor(private readonly find: (sql: Sql) => Promise<RuleEvent | null>) {}

  get hasWishes(): boolean {
    return this.isWanted && this.found === undefined;
  }

  /** Null where there is none, and until it has been read. */
  get value(): Json {
    this.isWanted = true;
    return this.found ? { ...this.found } : null;
  }

  async load(sql: Sql): Promise<void> {
    if (this.hasWishes) this.found = await this.find(sql);
  }
}

/** What a rule's criteria and inputs may speak of. */
export interface RuleFacts {
  event: RuleEvent;
  previous?: PreviousEvent;
  rule: { ref: string };
  /** The configuration of the rule's pack. */
  config: JsonObject;
  /** Where the keys that it names come from. */
  keys: NamedKeys;
}

/** What comes of asking `decide` when it has read every key that it names, and the event before: it is pure, so it may be asked again. */
export async function decideWithKeys<T>(
  sql: Sql,
  keys: NamedKeys,
  decide: () => T,
  previous?: PreviousEvent,
): Promise<T> {
  for (let round = 0; round < mostRounds; round += 1) {
    const decided = decide();
    if (!keys.hasWishes && !previous?.hasWishes) return decided;
    await keys.load(sql);
    await previous?.load(sql);
  }
  return decide();
}

/**
 * The names in a rule's expressions: `event` (with `event.previous`, which is not part of it when all of it is printed), `trigger.data` (the payload), `rule`, `config`, `keystore` (alias
 * `datastore`), `system`, `now()`.
 */
export function ruleScope({ event: given, previous, rule, config, keys }: RuleFacts): Scope {
  const keystore = keys.values;
  const event = Object.defineProperty({ ...given }, 'previous', { get: () => previous?.value ?? null });
  const trigger = { ref: given.trigger, data: given.payload };
  return {
    names: { event, trigger, rule, config, keystore, datastore: keystore, system: { url: publicUrl() } },
    functions: { now: () => new Date().toISOString() },
  };
}
