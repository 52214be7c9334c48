import type { Page } from '@playwright/test';
import { expectSaved, makeWorkflow, openWorkflow, succeeded, taskCard } from './canvas-page';
import { expect, test } from './fixtures';

const two = [
  {
    name: 'first',
    action: 'core.echo',
    input: { message: 'hello' },
    next: [{ when: succeeded, do: ['last'] }],
  },
  { name: 'last' },
];
const text = (page: Page) =>
  page.getByRole('region', { name: 'YAML' }).getByRole('textbox', { name: /The workflow as YAML/ });

/** Puts the cursor behind the first place that has these words, as the search of the editor finds them. */
async function goTo(page: Page, words: string): Promise<void> {
  await page.getByRole('region', { name: 'YAML' }).getByText(words, { exact: false }).first().click();
}

test.describe('YAML beside the canvas', () => {
  test('follows the canvas, is followed by it, and keeps comments', async ({ page, api, inspect }) => {
    const ref = await makeWorkflow(api, 'yaml', two);
    await openWorkflow(page, ref);
    await page.getByRole('button', { name: 'YAML', exact: true }).click();
    await expect(page).toHaveURL(/yaml=1/);
    await expect(text(page)).toBeVisible();

    // Typed here, drawn there; a comment is written too.
    await goTo(page, 'name: last');
    await page.keyboard.press('End');
    await page.keyboard.type(' # the end of it');
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type('  - name: third\n  action: core.noop\n');
    await expect(taskCard(page, 'third')).toBeVisible();
    await expectSaved(api, ref, { first: ['last'], last: [], third: [] });

    // Drawn there, written here, with the comment where it was.
    await taskCard(page, 'third').click();
    await page.keyboard.press('Delete');
    await expect(page.getByRole('region', { name: 'YAML' }).getByText('name: third')).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'YAML' }).getByText('# the end of it')).toBeVisible();
    await page.reload();
    await expect(page.getByRole('region', { name: 'YAML' }).getByText('# the end of it')).toBeVisible();
    await inspect(page, 'canvas-yaml');
  });

  test('chooses the task that the cursor is in', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'cursor', two);
    await openWorkflow(page, ref, '?yaml=1');
    await goTo(page, 'message: hello');
    await expect(page.getByRole('region', { name: 'Inspector' }).getByLabel('Name').first()).toHaveValue(
      'first',
    );
    await goTo(page, 'name: last');
    await expect(page.getByRole('region', { name: 'Inspector' }).getByLabel('Name').first()).toHaveValue(
      'last',
    );
    await taskCard(page, 'first').click();
    await expect(page.locator('.yaml-chosen').first()).toBeVisible();
  });

  test('keeps the last good graph while it is broken, says where, and is undone in the one history', async ({
    page,
    api,
  }) => {
    const ref = await makeWorkflow(api, 'brokenyaml', two);
    await openWorkflow(page, ref, '?yaml=1');
    await goTo(page, 'name: last');
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.type('  - name: b: c');
    await expect(
      page.getByText(/^Line \d+: .*The canvas shows the last version that could be read/),
    ).toBeVisible();
    await expect(taskCard(page, 'first')).toBeVisible();
    await page.keyboard.press('ControlOrMeta+z');
    await expect(page.getByText(/The canvas shows the last version/)).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'YAML' }).getByText('name: b: c')).toHaveCount(0);
    await expectSaved(api, ref, { first: ['last'], last: [] });
  });
});
