import type { Json, Scope } from '@/engine/expression/expression';
import type { JsonObject } from '../fields';

/** What a rule's criteria and inputs may speak of. */
export interface RuleFacts {
  event: { id: number; payload: Json; headers: JsonObject; trigger: string; created: string };
  rule: { ref: string };
  /** The configuration of the rule's pack. */
  config: JsonObject;
}

/** The names in a rule's expressions: `event`, `trigger.data` (the payload), `rule`, `config`, `system`, `now()`. */
export function ruleScope({ event, rule, config }: RuleFacts): Scope {
  return {
    names: { event, trigger: { ref: event.trigger, data: event.payload }, rule, config, system: {} },
    functions: { now: () => new Date().toISOString() },
  };
}
