import { expect, scenario } from './scenario';

scenario.describe('webhooks that lead to webhooks', () => {
  scenario('T3.8 an action calls the next webhook, and its rule the one after it', async ({ studio }) => {
    const [first, second, third] = await Promise.all([
      studio.createWebhook(),
      studio.createWebhook(),
      studio.createWebhook(),
    ]);
    const call = await studio.createAction('call', {
      runtime: 'nodejs',
      code: `exports.run = async ({ url, body }) => {
  const headers = { 'content-type': 'application/json', 'x-attune-execution': process.env.ATTUNE_EXEC_ID };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: answer.status };
};`,
      parameters: { url: { type: 'string' }, body: { type: 'object' } },
    });
    await studio.createRule({
      triggerRef: first.triggerRef,
      actionRef: call,
      actionParams: { url: second.url, body: { way: ['first', '{{ event.payload.name }}'] } },
    });
    await studio.createRule({
      triggerRef: second.triggerRef,
      actionRef: 'core.http_request',
      actionParams: { url: third.url, method: 'POST', body: '{{ event.payload.way + ["second"] }}' },
    });
    await studio.createRule({
      triggerRef: third.triggerRef,
      actionRef: 'core.echo',
      actionParams: { message: '{{ event.payload | join(" ") }}' },
    });
    await first.post({ name: 'Ada' });
    const [last] = await studio.untilSo(
      () => studio.events(third.triggerRef),
      (events) => events.length > 0,
    );
    const { enforcements } = await studio.untilMatched(last?.id ?? 0);
    const { result } = await studio.ended<{ stdout: string }>(enforcements[0]?.executionId ?? 0);
    expect(result.stdout).toBe('first Ada second\n');
    // Each event says which execution brought it about.
    const [between] = await studio.events(second.triggerRef);
    const origins = [between, last].map((event) => event?.executionId ?? 0);
    expect(await Promise.all(origins.map(async (id) => (await studio.get(id)).actionRef))).toEqual([
      call,
      'core.http_request',
    ]);
  });

  scenario(
    'T3.8 a rule that leads to itself is stopped after 20 rounds, and an alert tells of it',
    async ({ studio }) => {
      const { triggerRef, url, post } = await studio.createWebhook();
      const rule = await studio.createRule({
        triggerRef,
        actionRef: 'core.http_request',
        actionParams: { url, method: 'POST', body: { round: '{{ event.payload.round + 1 }}' } },
      });
      await studio.createRule({
        triggerRef: 'core.alert',
        actionRef: 'core.echo',
        actionParams: { message: '{{ event.payload.summary }}' },
        conditions: { all: [{ field: 'payload.component_ref', operator: 'equals', value: rule }] },
      });
      await post({ round: 0 });
      const events = await studio.untilSo(
        () => studio.events(triggerRef),
        ([newest]) => (newest?.failed ?? 0) > 0,
      );
      expect(events).toHaveLength(21);
      const stopped = await studio.untilMatched(events[0]?.id ?? 0);
      expect(stopped).toMatchObject({ payload: { round: 20 }, enforcements: [] });
      expect(stopped.evaluations[0]).toMatchObject({ ruleRef: rule, verdict: 'error' });
      expect(stopped.evaluations[0]?.reason).toMatch(
        /^Stopped: this rule has led to itself 20 times in a row\./,
      );
      const alerts = await studio.untilSo(
        async () => Promise.all((await studio.events('core.alert')).map(({ id }) => studio.untilMatched(id))),
        (all) => all.some(({ enforcements }) => enforcements.length > 0),
      );
      const told = alerts.flatMap(({ enforcements }) => enforcements)[0];
      const { result } = await studio.ended<{ stdout: string }>(told?.executionId ?? 0);
      expect(result.stdout).toBe(`The rule ${rule} led to itself 20 times in a row and was stopped.\n`);
    },
  );
});
