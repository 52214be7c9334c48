import { inTenant, querySystem } from '../db';
import type { Actor } from '../identities/actor';
import { createPack } from '../packs/service';
import { makePerson, makeTenant } from '../packs/test-people';
import type { CreateRule } from '../rules/schema';
import { createRule } from '../rules/service';
import { createTrigger } from '../triggers/service';
import { matchEvent } from './match';
import { getEvent } from './service';
import type { Event } from './schema';
import { recordEvent } from './store';

/** For database tests: a tenant with a trigger, rules on it, and events as a webhook would bring them. */
export class RulesFixture {
  private made = 0;

  private constructor(
    readonly ada: Actor,
    readonly triggerRef: string,
  ) {}

  static async open(): Promise<RulesFixture> {
    const ada = await makePerson(await makeTenant(), 'Ada');
    await createPack(ada, { ref: 'ops', label: 'Operations', description: '', version: '0.1.0' });
    const fixture = new RulesFixture(ada, 'ops.alarm');
    await fixture.trigger('ops.alarm');
    return fixture;
  }

  async trigger(ref: string): Promise<void> {
    await createTrigger(this.ada, { packRef: 'ops', ref, label: ref, description: '', webhook: false });
  }

  async rule(changed: Partial<CreateRule> = {}): Promise<{ id: number; ref: string }> {
    return createRule(this.ada, {
      ...{ packRef: 'ops', ref: `ops.rule_${(this.made += 1)}`, label: 'Rule', description: '' },
      ...{ triggerRef: this.triggerRef, actionRef: 'core.echo', conditions: {}, actionParams: {} },
      enabled: true,
      ...changed,
    });
  }

  /** Stores an event, without asking the rules. */
  async record(payload: object = {}, triggerRef = this.triggerRef): Promise<number> {
    const { eventId } = await inTenant(this.ada.tenantId, (tx) =>
      recordEvent(tx, {
        ...{ tenantId: this.ada.tenantId, triggerRef, triggerId: null, source: 'webhook' },
        ...{ payload: payload as never, headers: { 'x-from': 'test' } },
      }),
    );
    return eventId;
  }

  match(id: number): Promise<void> {
    return matchEvent({ tenantId: this.ada.tenantId, rootId: 0, id });
  }

  /** Stores an event and has the rules asked; gives what they said. */
  async send(payload: object = {}, triggerRef = this.triggerRef): Promise<Event> {
    const id = await this.record(payload, triggerRef);
    await this.match(id);
    return getEvent(this.ada, id);
  }

  async countEnforcements(ruleId: number): Promise<number> {
    const [row] = await querySystem<{ count: number }>(
      'SELECT count(*)::int AS count FROM enforcement WHERE tenant_id = $1 AND rule_id = $2',
      [this.ada.tenantId, ruleId],
    );
    return row?.count ?? 0;
  }

  /** Lets time go by for what the guards of a rule remember. */
  async goBy(ruleId: number, interval: string): Promise<void> {
    for (const change of [
      'UPDATE rule_firing SET fired_at = fired_at - $3::interval, expires_at = expires_at - $3::interval WHERE tenant_id = $1 AND rule_id = $2',
      'UPDATE rule_guard SET rate_held_at = rate_held_at - $3::interval WHERE tenant_id = $1 AND rule_id = $2',
    ])
      await querySystem(change, [this.ada.tenantId, ruleId, interval]);
  }
}
