import type { Studio } from '../studio-api';
import { expect, scenario } from './scenario';

const executionsOf = (studio: Studio, trigger_ref: string) =>
  studio.wire.list<{ status: string; enforcement: number }>('/executions', { trigger_ref });
const echo = (message: string) => ({ actionRef: 'core.echo', actionParams: { message } });

scenario.describe('one webhook', () => {
  scenario(
    'T3.4 leads to one event, and to one execution of each rule on it, with the same payload',
    async ({ studio }) => {
      const { triggerRef, post } = await studio.createWebhook();
      const rules = [];
      for (const name of ['first', 'second', 'third'])
        rules.push(await studio.createRule({ triggerRef, ...echo(`${name} {{ event.payload.host }}`) }));
      const off = await studio.createRule({ triggerRef, ...echo('never') });
      await studio.setRuleEnabled(off, false);
      const eventId = await post({ host: 'db-7' });
      const { enforcements, evaluations } = await studio.untilMatched(eventId);
      expect(enforcements.map(({ ruleRef }) => ruleRef).sort()).toEqual([...rules].sort());
      expect(evaluations.map(({ verdict }) => verdict)).toEqual(['matched', 'matched', 'matched']);
      const said = await Promise.all(
        rules.map(async (rule) => {
          const { executionId } = enforcements.find(({ ruleRef }) => ruleRef === rule) ?? {};
          return (await studio.ended<{ stdout: string }>(executionId ?? 0)).result.stdout;
        }),
      );
      expect(said).toEqual(['first db-7\n', 'second db-7\n', 'third db-7\n']);
      expect((await studio.events(triggerRef)).map(({ id }) => id)).toEqual([eventId]);
      expect(await executionsOf(studio, triggerRef)).toHaveLength(3);
    },
  );

  scenario('T3.5 asks each rule by its own criteria', async ({ studio }) => {
    const { triggerRef, post } = await studio.createWebhook();
    const rule = (name: string, conditions: object) =>
      studio.createRule({ triggerRef, ...echo(name), conditions: conditions as never });
    const critical = await rule('critical', {
      all: [{ field: 'payload.level', operator: 'equals', value: 'critical' }],
    });
    const full = await rule('full', { expression: 'event.payload.used > 90' });
    const either = await rule('either', {
      any: [
        { field: 'payload.level', operator: 'equals', value: 'warning' },
        { field: 'payload.host', operator: 'contains', value: 'db' },
      ],
    });
    const always = await rule('always', {});
    const matchedBy = async (payload: { level: string; used: number; host: string }) => {
      const { enforcements, evaluations } = await studio.untilMatched(await post(payload));
      const matched = enforcements.map(({ ruleRef }) => ruleRef).sort();
      expect(evaluations).toHaveLength(4);
      expect(
        evaluations
          .filter(({ verdict }) => verdict === 'matched')
          .map(({ ruleRef }) => ruleRef)
          .sort(),
      ).toEqual(matched);
      for (const { executionId } of enforcements)
        expect((await studio.ended(executionId ?? 0)).state).toBe('completed');
      return matched;
    };
    expect(await matchedBy({ level: 'critical', used: 97, host: 'web-1' })).toEqual(
      [critical, full, always].sort(),
    );
    expect(await matchedBy({ level: 'fine', used: 10, host: 'db-1' })).toEqual([either, always].sort());
    expect(await matchedBy({ level: 'fine', used: 10, host: 'web-1' })).toEqual([always]);
  });

  scenario('T3.25 takes a burst of 1,000 calls: none is lost, none is handled twice', async ({ studio }) => {
    const { triggerRef, post } = await studio.createWebhook();
    await studio.createRule({ triggerRef, actionRef: 'core.noop' });
    const calls = 1_000;
    const posted: number[] = [];
    let next = 0;
    const sender = async () => {
      while (next < calls) posted.push(await post({ number: (next += 1) }));
    };
    await Promise.all(Array.from({ length: 100 }, sender));
    expect(new Set(posted).size).toBe(calls);
    const executions = await studio.untilSo(
      () => executionsOf(studio, triggerRef),
      (all) => all.length >= calls && all.every(({ status }) => status === 'completed'),
    );
    expect(executions).toHaveLength(calls);
    const enforcements = await studio.wire.list<{ id: number; event: number }>('/enforcements', {
      trigger_ref: triggerRef,
    });
    const sorted = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
    expect(sorted(enforcements.map(({ event }) => event))).toEqual(sorted(posted));
    expect(sorted(executions.map(({ enforcement }) => enforcement))).toEqual(
      sorted(enforcements.map(({ id }) => id)),
    );
  });
});
