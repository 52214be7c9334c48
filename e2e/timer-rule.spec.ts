import { expect, test } from './fixtures';

test('T1.3 a rule is given a cron timer; a mistake is told while it is written, and its next times are shown', async ({
  page,
  studio,
  inspect,
}) => {
  // So that the pack is there to choose.
  await studio.openPack();
  const name = `nightly_${Date.now()}`;
  await page.goto('/rules/new');
  await page.getByLabel(/^Pack/).click();
  await page.getByPlaceholder('Search…').fill('journeys');
  await page.getByRole('option', { name: 'journeys', exact: false }).first().click();
  await page.getByLabel(/^Name/).fill(name);
  await page.getByLabel(/^Label/).fill('Nightly');
  await page.getByLabel(/^Trigger/).click();
  await page.getByPlaceholder('Search…').fill('crontimer');
  await page.getByRole('option', { name: 'core.crontimer' }).click();
  await page.getByRole('textbox', { name: /^Expression/ }).fill('61 2 * * *');
  await expect(page.getByText(/61/).last()).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Next times' })).toBeHidden();
  await page.getByRole('textbox', { name: /^Expression/ }).fill('30 2 * * MON');
  await page.getByLabel('Timezone').fill('Europe/Berlin');
  const next = page.getByRole('region', { name: 'Next times' });
  await expect(next.getByRole('listitem')).toHaveCount(10);
  await expect(next.getByRole('listitem').first()).toContainText(/Mon.*(02:30|03:00):00/);
  await page.getByLabel(/^Action/).click();
  await page.getByPlaceholder('Search…').fill('core.echo');
  await page.getByRole('option', { name: 'core.echo' }).click();
  await inspect(page, 'rule-timer-new');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Nightly' })).toBeVisible();
  await expect(page.getByText(/Fires next in/)).toBeVisible();
  await inspect(page, 'rule-timer');
  expect(await studio.timerOf(`journeys.${name}`)).toMatchObject({ state: 'active' });
  await studio.setRuleEnabled(`journeys.${name}`, false);
});
