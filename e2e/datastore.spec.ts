import { createHash } from 'node:crypto';
import { expect, test } from './fixtures';

const secret = 'lilac-4410-canary';
const renewed = 'peony-8822-canary';
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

test.describe('the datastore', () => {
  test('T2.3 an encrypted key is made, read by an action, masked in its output, changed, and ends', async ({
    page,
    studio,
    inspect,
  }) => {
    const ref = `journey_${Date.now()}`;
    const action = await studio.createAction('reads_key', {
      runtime: 'shell',
      code: `printf %s "$${ref}" | sha256sum | cut -c1-64; echo "it is $${ref}"`,
    });
    const outputOf = async () =>
      (await studio.ended<{ stdout: string }>(await studio.run(action))).result.stdout;

    await page.goto('/datastore');
    await page.getByRole('button', { name: 'Add a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add a key' }).click();
    await expect(dialog.getByText('is needed')).toBeVisible();
    await dialog.getByLabel(/^Name/).fill(ref);
    await expect(dialog.getByText(`{{ keystore.${ref} }}`)).toBeVisible();
    await dialog.getByLabel('Belongs to').click();
    await page.getByRole('option', { name: 'Action' }).click();
    await dialog.getByLabel(/^Action/).click();
    await page.getByPlaceholder('Search…').fill(action);
    await page.getByRole('option', { name: action }).click();
    await dialog.getByLabel('Value', { exact: true }).fill(secret);
    await inspect(page, 'datastore-new-key');
    // By keyboard: Enter in a field saves.
    await dialog.getByLabel('Label').press('Enter');
    await expect(dialog).toBeHidden();

    await page.getByLabel('Search keys').fill(ref);
    const row = page.getByRole('row', { name: ref });
    await expect(row.getByText('Encrypted')).toBeVisible();
    await expect(row.getByText(action)).toBeVisible();
    await expect(page.getByRole('row')).toHaveCount(2);
    expect(await outputOf()).toBe(`${digestOf(secret)}\nit is ********\n`);

    await row.getByRole('button', { name: `Show the value of ${ref}` }).click();
    await expect(row.getByText(secret)).toBeVisible();
    await inspect(page, 'datastore');
    await row.getByRole('button', { name: `Hide the value of ${ref}` }).click();
    await expect(row.getByText(secret)).toBeHidden();
    expect(await page.content()).not.toContain(secret);

    await row.getByRole('button', { name: `Edit ${ref}` }).click();
    await dialog.getByRole('radio', { name: 'Text' }).click();
    await dialog.getByLabel('Write a new value').fill(renewed);
    await dialog.getByLabel('Lifetime').click();
    await page.getByRole('option', { name: 'Ends after a time' }).click();
    await dialog.getByLabel(/^Seconds from now/).fill('0');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog.getByText('a whole number of seconds')).toBeVisible();
    await dialog.getByLabel(/^Seconds from now/).fill('3600');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await expect(row.getByText(/^in (1 h 00 min|59 min \d\d s)$/)).toBeVisible();
    expect(await outputOf()).toBe(`${digestOf(renewed)}\nit is ********\n`);

    // Its time is over: the action gets nothing, and the row leaves the page by itself.
    await studio.updateKey({ ref, ttlSeconds: 1 });
    await expect(page.getByText('No key fits')).toBeVisible({ timeout: 20_000 });
    expect(await outputOf()).toBe(`${digestOf('')}\nit is \n`);
  });

  test('a key with JSON is checked while it is written, and deleted after a question', async ({ page }) => {
    const ref = `json_${Date.now()}`;
    await page.goto('/datastore?owner=system');
    await page.getByRole('button', { name: 'Add a key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Name/).fill(ref);
    await dialog.getByRole('radio', { name: 'JSON' }).click();
    await dialog.getByLabel('Value', { exact: true }).fill('{"a": ');
    await dialog.getByRole('switch', { name: 'Encrypted' }).click();
    await dialog.getByRole('button', { name: 'Add a key' }).click();
    await expect(dialog.getByText('This is not JSON')).toBeVisible();
    await dialog.getByLabel('Value', { exact: true }).fill('{"a": [1, 2]}');
    await dialog.getByRole('button', { name: 'Add a key' }).click();
    await expect(dialog).toBeHidden();

    await page.getByLabel('Search keys').fill(ref);
    const row = page.getByRole('row', { name: ref });
    await expect(row.getByText('Plain')).toBeVisible();
    await row.getByRole('button', { name: `Show the value of ${ref}` }).click();
    await expect(row.getByText('"a"')).toBeVisible();
    await row.getByRole('button', { name: `Delete ${ref}` }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByText('No key fits')).toBeVisible();
  });

  test('somebody who may not decrypt sees names and no values', async ({ pageOf, studio, inspect }) => {
    const ref = `seen_${Date.now()}`;
    await studio.createKey({ ref, value: secret, ownerType: 'system' });
    const page = await pageOf({
      login: `looker-${Date.now()}`,
      displayName: 'Looker',
      permissionSets: ['core.viewer'],
    });
    await page.goto(`/datastore?search=${ref}`);
    const row = page.getByRole('row', { name: ref });
    await expect(row).toBeVisible();
    await expect(row.getByRole('button')).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Add a key' })).toHaveCount(0);
    await inspect(page, 'datastore-viewer');
  });
});
