import { expect, test } from './fixtures';

test('a person sees what rules started, beside the events, and follows it both ways', async ({
  page,
  studio,
  inspect,
}) => {
  const webhook = await studio.createWebhook();
  const rule = await studio.createRule({
    triggerRef: webhook.triggerRef,
    actionRef: 'core.echo',
    conditions: { all: [{ field: 'payload.level', operator: 'changed' }] },
  });
  const first = await webhook.post({ level: 'low' });
  await studio.untilMatched(first);
  const second = await webhook.post({ level: 'high' });
  await studio.untilMatched(second);

  await page.goto('/events');
  await page.getByRole('tab', { name: 'Enforcements' }).click();
  const table = page.getByRole('table', { name: 'Enforcements' });
  await expect(table.getByRole('row', { name: new RegExp(rule) })).toContainText('core.echo');
  await page.goto(`/events?view=enforcements&rule=${rule}`);
  await expect(table.getByRole('link', { name: new RegExp(rule) })).toHaveCount(1);
  await inspect(page, 'enforcements');
  await table.getByRole('link', { name: new RegExp(`#${second}`) }).click();
  await expect(page).toHaveURL(new RegExp(`/events/${second}$`));
  await expect(page.getByText('What came of it')).toBeVisible();

  await page.goto(`/rules/${rule}`);
  await expect(page.getByRole('combobox', { name: 'Operator' })).toContainText('changed');
});
