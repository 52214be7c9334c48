import { expect, test } from './fixtures';

const mark = Date.now().toString(36);

test.describe('who may do what', () => {
  test('a team is made by keyboard, holds a set for one pack, and its member’s page says why they may', async ({
    page,
    api,
    inspect,
  }) => {
    const displayName = `Mona ${mark}`;
    await api.mutate('people.create', {
      login: `mona-${mark}`,
      displayName,
      password: 'a-person-of-the-journeys',
      permissionSets: [],
    });
    await page.goto('/people?tab=teams');
    await page.getByRole('button', { name: 'Create a team' }).press('Enter');
    await page.getByLabel('Name').fill(`night-${mark}`);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: `Team night-${mark}` });
    await dialog.getByLabel('Add a member').press('Enter');
    await page.keyboard.type(displayName);
    await page.getByRole('option', { name: displayName }).click();
    await expect(dialog.getByRole('list', { name: 'Members' })).toContainText(displayName);
    await dialog.getByRole('button', { name: 'Assign' }).click();
    const assigning = page.getByRole('dialog', { name: /^Assign a permission set/ });
    await assigning.getByLabel('Permission set').click();
    await page.getByRole('option', { name: /core\.executor/ }).click();
    await assigning.getByLabel('For one pack alone').click();
    await page.getByRole('option', { name: /\(core\)/ }).click();
    await assigning.getByRole('button', { name: 'Assign' }).click();
    await expect(dialog.getByText('in core')).toBeVisible();
    await inspect(page, 'team');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await inspect(page, 'teams');

    await page.getByRole('tab', { name: 'People' }).click();
    await page.getByRole('link', { name: displayName }).click();
    await expect(page.getByRole('heading', { name: displayName })).toBeVisible();
    const row = page.getByRole('row').filter({ hasText: 'actions:execute' });
    await expect(row).toContainText(`core.executor (team night-${mark}), only packs core`);
    await inspect(page, 'person');
  });

  test('a role and a permission set are made, changed and removed', async ({ page, inspect }) => {
    await page.goto('/people?tab=sets');
    await page.getByRole('button', { name: 'Create a permission set' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Ref').fill(`here.set-${mark}`);
    await dialog.getByLabel('Label').fill('Watchers');
    await dialog.getByRole('button', { name: 'Add a grant' }).click();
    await dialog.getByLabel('execute').check();
    await inspect(page, 'permission-set');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText(`here.set-${mark} is saved.`)).toBeVisible();
    await inspect(page, 'permission-sets');

    await page.getByRole('tab', { name: 'Roles' }).click();
    await page.getByRole('button', { name: 'Create a role' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill(`oncall-${mark}`);
    await page.keyboard.press('Enter');
    const role = page.getByRole('dialog', { name: `Role oncall-${mark}` });
    await role.getByRole('button', { name: 'Assign' }).click();
    const assigning = page.getByRole('dialog', { name: /^Assign a permission set/ });
    await assigning.getByLabel('Permission set').click();
    await page.getByRole('option', { name: /Watchers/ }).click();
    await assigning.getByRole('button', { name: 'Assign' }).click();
    await expect(role.getByRole('list', { name: 'Permission sets' })).toContainText(`here.set-${mark}`);
    await role.getByRole('button', { name: 'Done' }).click();

    await page.getByRole('tab', { name: 'Permission sets' }).click();
    await page.getByRole('button', { name: `Open here.set-${mark}` }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText(`here.set-${mark} is removed.`)).toBeVisible();
  });

  test('a person ends their other sessions, and keeps this one', async ({ pageOf, inspect }) => {
    const person = { login: `sid-${mark}`, displayName: `Sid ${mark}`, permissionSets: ['core.viewer'] };
    const [first, second] = [await pageOf(person), await pageOf(person)];
    await second.goto('/');
    await first.goto('/account');
    const table = first.getByRole('table', { name: 'Where you are signed in' });
    await expect(table.getByRole('row')).toHaveCount(3);
    await inspect(first, 'account-sessions');
    await first.getByRole('button', { name: 'Sign out everywhere else' }).click();
    await first.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere else' }).click();
    await expect(table.getByRole('row')).toHaveCount(2);
    // The stream to it is cut, and it is led to the sign-in by itself.
    await second.goto('/executions');
    await expect(second).toHaveURL(/\/login/);
  });

  test('one login leads from one tenant to another and back', async ({ page, api, inspect }) => {
    const { login } = await api.query<{ login: string }>('auth.me');
    const name = `House ${mark}`;
    await page.goto('/tenants');
    await page.getByRole('button', { name: 'Create a tenant' }).click();
    await page.getByLabel(/^Name/).fill(name);
    await page.getByLabel('Login of its first administrator').fill(login);
    await page.keyboard.press('Enter');
    await expect(page.getByText(`${name} is there.`)).toBeVisible();
    await inspect(page, 'tenants');

    await page.keyboard.press('Control+k');
    await page.keyboard.type(`Switch to ${name}`);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('link', { name: 'Go to Home' })).toContainText(name);
    await page.goto('/people');
    await expect(page.getByRole('table', { name: 'People' }).getByRole('row')).toHaveCount(2);
    // Its only administrator could not leave it.
    await api.mutate('people.create', {
      ...{ login: `other-${mark}`, displayName: 'Other', password: 'a-person-of-the-journeys' },
      permissionSets: ['core.admin'],
    });

    await page.getByRole('button', { name: /^Account of/ }).press('Enter');
    await page.screenshot({ path: 'e2e/.artifacts/screens/tenant-menu-light.png' });
    await page
      .getByRole('menuitemradio', { checked: false })
      .or(page.getByRole('menuitemcheckbox', { checked: false }))
      .first()
      .click();
    await expect(page.getByRole('link', { name: 'Go to Home' })).not.toContainText(name);
    await page.goto('/account');
    await page.getByRole('button', { name: `Leave ${name}` }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click();
    await expect(page.getByText(`You have left ${name}.`)).toBeVisible();
    await expect(page.getByRole('button', { name: `Leave ${name}` })).toHaveCount(0);
    // The session is a new one: what comes after it signs in by itself.
  });

  test('the audit log is narrowed by its address, and gives a file', async ({ page, inspect }) => {
    await page.goto('/audit?event_type=identity.signed_in');
    const table = page.getByRole('table', { name: 'Audit log' });
    await expect(table.getByText('identity.signed_in').first()).toBeVisible();
    await expect(page.getByLabel('What', { exact: true })).toHaveValue('identity.signed_in');
    await inspect(page, 'audit');
    await table
      .getByRole('button', { name: /^Open Entry/ })
      .first()
      .click();
    await inspect(page, 'audit-entry');
    await page.getByRole('button', { name: 'All of this request' }).click();
    await expect(page).toHaveURL(/request_id=/);
    await page.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Export as CSV' }).click();
    expect((await download).suggestedFilename()).toBe('audit.csv');
    await page.getByRole('button', { name: 'Clear the filters' }).click();
    await expect(page).not.toHaveURL(/request_id=/);
  });

  test('the settings in effect are shown with their variables, and no secret', async ({ page, inspect }) => {
    await page.goto('/settings');
    await expect(page.getByText('ATTUNE_EVENT_KEEP_DAYS')).toBeVisible();
    await expect(page.getByText(/MASTER_KEY|DATABASE_URL|PASSWORD/)).toHaveCount(0);
    await inspect(page, 'settings');
  });
});
