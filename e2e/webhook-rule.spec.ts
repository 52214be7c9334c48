import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures';

test('T1.4 a webhook brings an event, the rule matches, and the action sees the payload', async ({
  page,
  api,
  request,
  inspect,
}) => {
  const name = `alert_${Date.now()}`;
  if (!(await api.query<{ ref: string }[]>('packs.list')).some(({ ref }) => ref === 'journeys'))
    await api.mutate('packs.create', { ref: 'journeys', label: 'Journeys' });

  await page.goto('/triggers');
  await page.getByRole('button', { name: 'New trigger' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Pack' }).click();
  await page.getByRole('option', { name: /journeys/ }).click();
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Label').fill('Alert');
  await dialog.getByRole('button', { name: 'Create' }).click();
  const address = (await page.locator('[data-webhook-url]').textContent()) ?? '';
  expect(address).toContain('/api/v1/webhooks/wh_');
  await inspect(page, 'trigger');
  await page.setViewportSize({ width: 390, height: 844 });
  const boxOf = async (element: Locator) => {
    const box = await element.boundingBox();
    if (!box) throw new Error('it has no box');
    return box;
  };
  const title = await boxOf(page.getByRole('heading', { name: 'Webhook', exact: true }));
  expect(title.height, 'the title of the card stands on one line').toBeLessThan(30);
  expect(title.width).toBeGreaterThan(100);
  const remove = await boxOf(page.getByRole('button', { name: 'Remove' }));
  const edit = await boxOf(page.getByRole('button', { name: 'Edit', exact: true }));
  const create = await boxOf(page.getByRole('link', { name: 'New rule on this trigger' }));
  expect(edit.y, 'the buttons fill their lines').toBe(remove.y);
  expect(create.width).toBeGreaterThan(300);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.getByRole('link', { name: 'New rule on this trigger' }).click();
  await page.getByLabel('Name', { exact: false }).first().fill(`on_${name}`);
  await page.getByLabel('Label').fill('When it is critical');
  await page.getByRole('radio', { name: 'Clauses' }).click();
  const clause = page.getByRole('group', { name: 'Clause 1' });
  await clause.getByLabel('Field').fill('payload.level');
  await clause.getByLabel('Value').fill('critical');
  await page.getByRole('combobox', { name: 'Action or workflow' }).click();
  await page.getByRole('option', { name: /core\.echo/ }).click();
  await inspect(page, 'rule-new');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page).toHaveURL(new RegExp(`/rules/journeys.on_${name}`));
  await api.mutate('rules.update', {
    ref: `journeys.on_${name}`,
    label: 'When it is critical',
    triggerRef: `journeys.${name}`,
    actionRef: 'core.echo',
    conditions: { all: [{ field: 'payload.level', operator: 'equals', value: 'critical' }] },
    actionParams: { message: 'disk {{ event.payload.disk.name }} is full' },
  });

  const payload = { level: 'critical', disk: { name: 'sda1', used: 97.5 }, list: [1, null, 'ü'] };
  const posted = await request.post(new URL(address).pathname, { data: payload });
  expect(posted.status()).toBe(200);
  const { data } = (await posted.json()) as { data: { event_id: number } };
  const silent = await request.post(new URL(address).pathname, { data: { level: 'fine' } });
  const { data: silentData } = (await silent.json()) as { data: { event_id: number } };

  const event = await api.until<{ payload: unknown; enforcements: { executionId: number | null }[] }>(
    'events.get',
    { id: data.event_id },
    ({ enforcements }) => enforcements.length === 1,
  );
  expect(event.payload).toEqual(payload);
  await page.goto(`/events/${data.event_id}`);
  await expect(page.getByText('Matched').first()).toBeVisible();
  await inspect(page, 'event');
  await page.getByRole('link', { name: /core\.echo #/ }).click();
  await expect(page.getByText('disk sda1 is full').first()).toBeVisible();

  await page.goto(`/events/${silentData.event_id}`);
  await expect(page.getByRole('article', { name: `journeys.on_${name}` })).toContainText('Silent');
  await expect(page.getByRole('article', { name: `journeys.on_${name}` })).toContainText('"fine"');
});
