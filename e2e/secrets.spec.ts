import type { Page } from '@playwright/test';
import { expect, test, type Api } from './fixtures';

const secret = 'tulip-9931-canary';

/** Waits for the execution that the page leads to; its address. */
async function endOf(page: Page, api: Api): Promise<string> {
  await page.waitForURL(/\/executions\/\d+/);
  const id = Number(/\d+$/.exec(new URL(page.url()).pathname)?.[0]);
  await api.until<{ state: string }>('executions.get', { id }, ({ state }) => state === 'completed');
  return page.url();
}

test.describe('secret parameters', () => {
  test('a secret is typed as dots, reaches its action, and is shown nowhere; a rerun still has it', async ({
    page,
    api,
    inspect,
  }) => {
    const packs = await api.query<{ ref: string }[]>('packs.list');
    if (!packs.some(({ ref }) => ref === 'journeys'))
      await api.mutate('packs.create', { ref: 'journeys', label: 'Journeys' });
    const ref = `journeys.secret_${Date.now()}`;
    await api.mutate('actions.create', {
      packRef: 'journeys',
      ref,
      label: 'Uses a secret',
      runtime: 'shell',
      code: 'echo "got ${#token} characters: $token"; echo "and $(echo "$key" | wc -l) lines"',
      paramSchema: {
        token: { type: 'string', secret: true, required: true, description: 'For the registry' },
        key: { type: 'string', format: 'password' },
      },
    });
    await page.goto(`/actions/${ref}`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const dialog = page.getByRole('dialog');
    const token = dialog.getByLabel(/^Token/);
    await expect(token).toHaveAttribute('type', 'password');
    await token.fill(secret);
    await dialog.getByRole('button', { name: 'Show the secret' }).first().click();
    await expect(token).toHaveAttribute('type', 'text');
    await dialog.getByRole('button', { name: 'Hide the secret' }).click();

    // A key of several lines keeps them, and takes the dots along.
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => navigator.clipboard.writeText('line one of it\nline two of it\nline three'));
    await dialog.getByLabel('Key').focus();
    await page.keyboard.press('ControlOrMeta+V');
    await expect(dialog.getByLabel('Key')).toHaveValue('line one of it\nline two of it\nline three');
    await dialog.getByRole('button', { name: 'Run' }).click();

    const first = await endOf(page, api);
    await expect(page.getByText('got 17 characters: ********').first()).toBeVisible();
    await expect(page.getByText('and 3 lines').first()).toBeVisible();
    await page.getByRole('tab', { name: 'Input' }).click();
    await expect(page.getByText('hidden, a secret').first()).toBeAttached();
    await inspect(page, 'secret-hidden');
    expect(await page.content()).not.toContain(secret);

    await page.getByRole('button', { name: 'Run again', exact: true }).click();
    await expect(page).not.toHaveURL(first, { timeout: 30_000 });
    await endOf(page, api);
    await page.getByRole('tab', { name: 'Output' }).click();
    await expect(page.getByText('got 17 characters: ********').first()).toBeVisible();
    expect(await page.content()).not.toContain(secret);
  });
});
