import { expect, test } from './fixtures';
import { Api } from './api';

test.describe('one’s own account', () => {
  test('T3.24 a person makes a token for a program, sees it once, and revokes it', async ({
    pageOf,
    inspect,
    baseURL,
  }) => {
    const page = await pageOf({
      login: `tokens-${Date.now().toString(36)}`,
      displayName: 'Tess Token',
      permissionSets: ['core.executor'],
    });
    await page.goto('/');
    await page.getByRole('button', { name: 'Account of Tess Token' }).click();
    await inspect(page, 'account-menu');
    await page.getByRole('menuitem', { name: 'Account and tokens' }).click();
    await expect(page.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
    await expect(page.getByText('No tokens yet')).toBeVisible();

    // By keyboard alone from here to the token.
    await page.getByRole('button', { name: 'Create a token' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Label').fill('Night build');
    await page.keyboard.press('Enter');
    const token = (await dialog.getByLabel('New token', { exact: true }).textContent()) ?? '';
    expect(token).toMatch(/^atk_/);
    await dialog.getByRole('button', { name: 'Done' }).press('Enter');
    await expect(page.getByRole('cell', { name: 'Night build', exact: true })).toBeVisible();
    await expect(page.getByText(token)).toHaveCount(0);
    await inspect(page, 'account');

    const open = await Api.open(baseURL ?? '');
    const program = await open.signedIn('/auth/token-login', { token });
    expect((await program.call('GET', '/executions')).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke Night build' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke', exact: true }).click();
    await expect(page.getByRole('cell', { name: 'Revoked', exact: true })).toBeVisible();
    expect((await program.call('GET', '/executions')).status).toBe(401);
    await open.close();
  });

  test('a person changes their password', async ({ pageOf }) => {
    const login = `password-${Date.now().toString(36)}`;
    const page = await pageOf({ login, displayName: 'Paula Pass', permissionSets: ['core.viewer'] });
    await page.goto('/account');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await expect(page.getByText('At least 8 characters.', { exact: true }).first()).toBeVisible();
    await page.getByLabel('New password').fill('another-password');
    await page.getByLabel('Current password').fill('a-person-of-the-journeys');
    await page.keyboard.press('Enter');
    await expect(page.getByText('The password is changed. Other sessions have ended.')).toBeVisible();
  });
});
