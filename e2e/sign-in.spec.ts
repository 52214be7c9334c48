import { admin, expect, test } from './fixtures';

test.describe('signing in', () => {
  test('a stranger is led to the sign-in page, and on to where they wanted to go', async ({
    browser,
    baseURL,
    inspect,
  }) => {
    const context = await browser.newContext({ baseURL: baseURL ?? '' });
    const page = await context.newPage();
    await page.goto('/executions');
    await expect(page).toHaveURL(/\/login\?next=/);
    await inspect(page, 'sign-in');
    await page.getByLabel('Login').fill(admin.login);
    await page.getByLabel('Password').fill(admin.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Executions' })).toBeVisible();
    await context.close();
  });

  test('a wrong password gets one sentence that does not say which part was wrong', async ({
    browser,
    baseURL,
  }) => {
    const context = await browser.newContext({ baseURL: baseURL ?? '' });
    const page = await context.newPage();
    await page.goto('/login');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('Enter your login.')).toBeVisible();
    await page.getByLabel('Login').fill('nobody-of-this-name');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText(/login or the password is wrong/)).toBeVisible();
    await expect(page).toHaveURL(/\/login/);
    await context.close();
  });

  test('the page as the server sends it never sends a password by itself', async ({ browser, baseURL }) => {
    const context = await browser.newContext({ ...(baseURL ? { baseURL } : {}), javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto('/login');
    await page.getByLabel('Login').fill('somebody');
    await page.getByLabel('Password').fill('a-password-of-theirs');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeDisabled();
    await page.getByLabel('Password').press('Enter');
    expect(new URL(page.url()).search).toBe('');
    await expect(page.getByLabel('Password')).toHaveValue('a-password-of-theirs');
    await context.close();
  });
});
