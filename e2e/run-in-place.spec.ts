import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';

const task = (page: Page, name: string) => page.getByRole('group', { name: new RegExp(`^Task ${name},`) });

/** Writes into a monaco field by pasting. */
async function write(page: Page, field: Locator, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await field.focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+V');
}

const pipeline = {
  parameters: { app: { type: 'string', required: true } },
  vars: { image: 'none' },
  tasks: [
    {
      name: 'build',
      action: 'core.set',
      input: { image: '{{ parameters.app }}:7', hosts: ['web1', 'web2'] },
      next: [
        {
          when: '{{ succeeded() }}',
          publish: [{ image: '{{ result().image }}' }],
          do: ['deploy'],
        },
        { when: '{{ failed() }}', do: ['tell'] },
      ],
    },
    {
      name: 'deploy',
      action: 'core.echo',
      input: { message: 'deploys {{ workflow.image }}' },
    },
    { name: 'tell', action: 'core.echo', input: { message: 'broken' } },
  ],
};

test.describe('running in place', () => {
  test('a draft is run unpublished, its values preview expressions, and a pinned output stands for its task', async ({
    page,
    studio,
    inspect,
  }) => {
    const ref = await studio.publishWorkflow('in_place', pipeline);
    await page.goto(`/workflows/${encodeURIComponent(ref)}`);
    const inspector = page.getByRole('region', { name: 'Inspector' });

    // Edited: the draft differs from what is published, and is run as it is.
    await task(page, 'deploy').click();
    await write(page, inspector.getByRole('textbox', { name: /^message/i }), 'ships {{ workflow.image }}');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('radio', { name: 'The draft as it is, unpublished' })).toBeChecked();
    await dialog.getByLabel('app').fill('shop');
    await dialog.getByText('More options').click();
    await dialog.getByLabel('Save as').fill('The shop');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByText('Saved as “The shop”')).toBeVisible();
    await dialog.getByRole('button', { name: 'Run' }).click();
    await expect(page.getByRole('group', { name: /^Task deploy,.*completed/ })).toBeVisible({
      timeout: 20_000,
    });
    await expect(page.getByRole('region', { name: 'Run on the canvas' }).getByText('Draft')).toBeVisible();
    await expect(page.getByText('Saved, differs from revision 1')).toBeVisible();

    // What it gave: in the inspector, and below an expression that reads it.
    await task(page, 'deploy').click();
    await expect(inspector.locator('[data-preview]').first()).toHaveText('ships shop:7');
    await inspector.getByRole('tab', { name: 'Last run' }).click();
    await expect(inspector.getByText('ships shop:7').first()).toBeVisible();
    await inspect(page, 'inspector-last-run');

    // A value is picked from the field's own list, by keyboard.
    await inspector.getByRole('tab', { name: 'Input' }).click();
    await inspector.getByRole('textbox', { name: /^message/i }).focus();
    await page.keyboard.press('ControlOrMeta+End');
    await inspector.getByRole('button', { name: /Insert a value into message/i }).press('Enter');
    await page.getByPlaceholder('Search names').fill('build.result.data.image');
    await page.keyboard.press('Enter');
    await expect(inspector.locator('[data-preview]').first()).toHaveText('ships shop:7shop:7');
    await inspect(page, 'expression-preview');
    // Edited since the run that is shown.
    await expect(page.getByRole('group', { name: /^Task deploy,.*edited/ })).toBeVisible();

    // Another is dragged from the tree of what lies upstream.
    await inspector.getByText('Values to use here').click();
    await inspector.locator('[data-path="workflow"]').click();
    await inspector
      .locator('[data-path="workflow.image"]')
      .dragTo(inspector.locator('[data-expression]').first(), { targetPosition: { x: 200, y: 12 } });
    await expect(inspector.locator('[data-preview]').first()).toHaveText(/shop:7.*shop:7.*shop:7/);

    // One step alone, with what the last run gave.
    await inspector.getByRole('button', { name: 'Run or move this task' }).click();
    await page.getByRole('menuitem', { name: 'Run this step' }).click();
    await expect(page.getByRole('group', { name: /^Task deploy,.*completed/ })).toBeVisible({
      timeout: 20_000,
    });
    await expect(page.getByRole('group', { name: /^Task tell,.*not run/ })).toBeVisible();
    await inspector.getByRole('tab', { name: 'Last run' }).click();
    await expect(inspector.getByText(/shop:7.*shop:7/).first()).toBeVisible();

    // A pinned output: the whole draft runs with it.
    await page.getByRole('button', { name: 'Leave the run' }).click();
    await task(page, 'build').click();
    await inspector.getByRole('tab', { name: 'Output' }).click();
    await inspector
      .getByRole('button', { name: 'Write an output to pin' })
      .or(inspector.getByRole('button', { name: 'Pin this output' }))
      .first()
      .click();
    await expect(page.getByRole('group', { name: /^Task build,.*pinned/ })).toBeVisible();
    await inspect(page, 'pinned-output');
    await page.keyboard.press('ControlOrMeta+Shift+Enter');
    await expect(page.getByRole('group', { name: /^Task deploy,.*completed/ })).toBeVisible({
      timeout: 20_000,
    });
    await task(page, 'build').click();
    await inspector.getByRole('tab', { name: 'Last run' }).click();
    await expect(inspector.getByText('Its pinned output was taken; it did not run.')).toBeVisible();

    // Played only: which tasks would run, without any of them.
    await page.getByRole('button', { name: 'More ways to run, and export' }).click();
    await page.getByRole('menuitem', { name: 'Dry run' }).click();
    await expect(page.getByText('2 tasks would run, and it would end completed.')).toBeVisible();
    await inspect(page, 'dry-run');

    // Saved inputs are offered again.
    await page.getByRole('button', { name: 'Leave the dry run' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('dialog').getByRole('combobox', { name: 'Take inputs from' }).click();
    await page.getByRole('option', { name: /The shop/ }).click();
    await expect(page.getByRole('dialog').getByLabel('app')).toHaveValue('shop');
    await inspect(page, 'run-dialog');
  });
});
