import { randomBytes } from 'node:crypto';
import { expect, test } from './fixtures';

test('a person makes a trigger and a sensor for it, sees it run, changes it, and takes it away', async ({
  page,
  studio,
  inspect,
}) => {
  test.slow();
  const name = `door_${randomBytes(4).toString('hex')}`;
  const triggerRef = `journeys.${name}`;
  await page.goto('/triggers?new=1');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Pack' }).click();
  await page.getByPlaceholder('Search…').fill('journeys');
  await page.getByRole('option', { name: 'journeys', exact: false }).first().click();
  await dialog.getByRole('textbox', { name: /^Name/ }).fill(name);
  await dialog.getByRole('textbox', { name: /^Label/ }).fill('A door');
  await dialog.getByRole('switch', { name: 'A webhook address at once' }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();

  await expect(page.getByRole('heading', { name: 'A door', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Edit' }).click();
  await dialog.getByRole('textbox', { name: /^What its events hold/ }).fill('{ "n": ');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog.getByText(/JSON/).last()).toBeVisible();
  await dialog.getByRole('textbox', { name: /^What its events hold/ }).fill('{ "n": { "type": "integer" } }');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();

  const rule = await studio.createRule({ triggerRef, actionRef: 'core.noop' });
  await page.getByRole('link', { name: 'Write a sensor for it' }).click();
  await expect(page.getByRole('heading', { name: 'New sensor', level: 1 })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Triggers' })).toContainText(triggerRef);
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByText('required').first()).toBeVisible();
  await page.getByRole('textbox', { name: /^Name/ }).fill(`${name}_watch`);
  await expect(page.getByRole('textbox', { name: /^Name/ })).toHaveAccessibleDescription(/^(?!.*required)/);
  await expect(page.getByText('required', { exact: true })).toHaveCount(1);
  await page.getByRole('textbox', { name: /^Label/ }).fill('Watches a door');
  // What was wrong is over once it is filled in.
  await expect(page.getByText('required', { exact: true })).toHaveCount(0);
  await page.getByRole('combobox', { name: 'Runtime' }).click();
  await page.getByRole('option', { name: 'Shell' }).click();
  await inspect(page, 'sensor-new');
  await page.getByRole('button', { name: 'Create' }).click();

  await expect(page.getByRole('heading', { name: 'Watches a door', level: 1 })).toBeVisible();
  await expect(page.getByText('It runs.')).toBeVisible({ timeout: 30_000 });
  await studio.untilSo(
    () => studio.events(triggerRef),
    (events) => events.length >= 1,
  );
  await inspect(page, 'sensor-own');

  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: /^Configuration/ }).fill('[30]');
  await page.keyboard.press('Control+s');
  await expect(page.getByText('must be a JSON object')).toBeVisible();
  await page.getByRole('textbox', { name: /^Configuration/ }).fill('{ "every": 30 }');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('group', { name: 'Configuration' })).toContainText('30');

  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await expect(page).toHaveURL(/\/sensors$/);
  await expect(page.getByRole('link', { name: `${triggerRef}_watch` })).toHaveCount(0);
  await studio.setRuleEnabled(rule, false);
});
