import { expect, scenario } from './scenario';
import type { JsonObject } from '../records';
import type { Studio } from '../studio-api';

interface Firing {
  scheduled_at: string;
  fired_at: string;
  missed: number;
}

async function timer(studio: Studio, triggerRef: string, triggerParams: JsonObject): Promise<string> {
  return studio.createRule({
    ...{ triggerRef, triggerParams, actionRef: 'core.echo' },
    actionParams: { message: '{{ event.payload.scheduled_at }}' },
  });
}

/** A rule's firings so far, oldest first, each with its event; every one led to one execution of that rule. */
async function firings(studio: Studio, triggerRef: string, rule: string) {
  const events = await Promise.all(
    (await studio.events(triggerRef))
      .filter(({ ruleRef }) => ruleRef === rule)
      .map(({ id }) => studio.untilMatched(id)),
  );
  return events
    .reverse()
    .map(({ payload, enforcements }) => ({ ...(payload as unknown as Firing), enforcements }));
}

const until = (studio: Studio, triggerRef: string, rule: string, count: number) =>
  studio.untilSo(
    () => firings(studio, triggerRef, rule),
    (all) => all.length >= count,
  );
const ms = (time: string) => Date.parse(time);

scenario.describe('timers', () => {
  scenario(
    'T1.1 an interval timer comes every second without drift, each time one event, one enforcement, one execution',
    async ({ studio }) => {
      const rule = await timer(studio, 'core.intervaltimer', { unit: 'seconds', interval: 1 });
      const all = await until(studio, 'core.intervaltimer', rule, 4);
      await studio.setRuleEnabled(rule, false);
      for (const [index, { scheduled_at, enforcements }] of all.entries()) {
        const before = all[index - 1];
        if (before) expect(ms(scheduled_at) - ms(before.scheduled_at)).toBe(1_000);
        expect(enforcements).toMatchObject([{ ruleRef: rule }]);
        const { result } = await studio.ended<{ stdout: string }>(enforcements[0]?.executionId ?? 0);
        expect(result.stdout).toBe(`${scheduled_at}\n`);
      }
      // However loaded the machine is, the best of them shows how near the clock is.
      const late = all.map(({ scheduled_at, fired_at }) => ms(fired_at) - ms(scheduled_at));
      expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
      expect(Math.min(...late)).toBeLessThan(500);
    },
  );

  scenario(
    'T1.2 T3.1 a date timer comes once at its time; a past one fires nothing and says so',
    async ({ studio }) => {
      const at = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000).toISOString();
      const rule = await timer(studio, 'core.datetimetimer', { fire_at: at });
      const past = await timer(studio, 'core.datetimetimer', { fire_at: '2026-01-01T00:00:00Z' });
      const [only] = await until(studio, 'core.datetimetimer', rule, 1);
      expect(only).toMatchObject({ scheduled_at: at, missed: 0 });
      expect(await studio.timerOf(rule)).toMatchObject({ state: 'done', nextAt: null });
      const told = await studio.untilSo(
        () => studio.timerOf(past),
        (one) => one?.state === 'done',
      );
      expect(told?.problem).toContain('had passed');
      expect(await firings(studio, 'core.datetimetimer', past)).toEqual([]);
      expect(await firings(studio, 'core.datetimetimer', rule)).toHaveLength(1);
    },
  );

  scenario('T1.3 a cron timer with seconds comes only at those that it lists', async ({ studio }) => {
    const rule = await timer(studio, 'core.crontimer', {
      expression: '*/2 * * * * *',
      timezone: 'Asia/Kolkata',
    });
    const all = await until(studio, 'core.crontimer', rule, 3);
    await studio.setRuleEnabled(rule, false);
    for (const { scheduled_at } of all) expect(scheduled_at).toMatch(/:\d[02468]\.000Z$/);
    expect(new Set(all.map(({ scheduled_at }) => scheduled_at)).size).toBe(all.length);
    await expect(timer(studio, 'core.crontimer', { expression: '* * * *' })).rejects.toMatchObject({
      status: 400,
    });
  });

  scenario(
    'T3.2 switching a timer’s rule off stops it at once, switching it on resumes it',
    async ({ studio }) => {
      const rule = await timer(studio, 'core.intervaltimer', { interval: 1 });
      await until(studio, 'core.intervaltimer', rule, 1);
      await studio.setRuleEnabled(rule, false);
      const stopped = await firings(studio, 'core.intervaltimer', rule);
      expect(await studio.timerOf(rule)).toBeNull();
      // Another timer's firings pass the time, whatever the machine is doing.
      const other = await timer(studio, 'core.intervaltimer', { interval: 1 });
      await until(studio, 'core.intervaltimer', other, 3);
      await studio.setRuleEnabled(other, false);
      expect(await firings(studio, 'core.intervaltimer', rule)).toHaveLength(stopped.length);
      await studio.setRuleEnabled(rule, true);
      await until(studio, 'core.intervaltimer', rule, stopped.length + 1);
      await studio.setRuleEnabled(rule, false);
    },
  );

  scenario('T3.3 several timers at once keep their own pace', async ({ studio }) => {
    const paces = [1, 2, 3];
    const rules = await Promise.all(
      paces.map((interval) => timer(studio, 'core.intervaltimer', { interval })),
    );
    const all = await Promise.all(rules.map((rule) => until(studio, 'core.intervaltimer', rule, 3)));
    await Promise.all(rules.map((rule) => studio.setRuleEnabled(rule, false)));
    for (const [index, own] of all.entries()) {
      const steps = own
        .slice(1)
        .map(({ scheduled_at }, place) => ms(scheduled_at) - ms(own[place]?.scheduled_at ?? ''));
      expect(new Set(steps)).toEqual(new Set([(paces[index] ?? 0) * 1_000]));
    }
  });
});
