import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from './fixtures';

test('the API is described on a page that needs no script, in light and dark, and on a phone', async ({
  page,
}) => {
  await page.goto('/api-spec');
  await expect(page.getByRole('heading', { name: 'executions', exact: true })).toBeVisible();
  const route = page.getByRole('group').filter({ hasText: '/api/v1/executions/execute' });
  await route.locator('summary').click();
  await expect(route.getByRole('heading', { name: 'Statuses' })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode(true)
      .options({ resultTypes: ['violations'] })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.length}, ${nodes[0]?.html ?? ''}`)).toEqual([]);
    await page.screenshot({ path: `e2e/.artifacts/screens/api-spec-${colorScheme}.png` });
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await route.scrollIntoViewIfNeeded();
  await page.screenshot({ path: 'e2e/.artifacts/screens/api-spec-390.png' });
  // A name is read whole: it is not broken to pieces.
  const name = route.getByText('Idempotency-Key', { exact: true });
  expect(await name.evaluate((node) => node.getClientRects().length)).toBe(1);
  const widest = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(widest).toBeLessThanOrEqual(390);
});
