import { readFile } from 'node:fs/promises';
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

const orquesta = `version: 1.0
description: Greets, and says goodbye.
input:
  - name
vars:
  - said: nothing
output:
  - said: <% ctx().said %>
tasks:
  greet:
    action: core.echo message="Hello, <% ctx().name %>"
    next:
      - when: <% succeeded() %>
        publish:
          - said: <% result().stdout %>
          - luck: <% random(1, 6) %>
        do: part
  part:
    action: core.echo
    notify: everybody
    input:
      message: goodbye after <% ctx().said %>
`;

test.describe('import and export', () => {
  test('an Orquesta workflow is pasted, its losses are listed, and it runs as a draft', async ({
    page,
    studio,
    inspect,
  }) => {
    await studio.openPack();
    await page.goto('/workflows');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a workflow' });
    await write(page, dialog.getByRole('textbox', { name: /Text to import/ }), orquesta);
    await expect(dialog.getByText('2 tasks, 1 transition, parameters')).toBeVisible();
    await expect(dialog.getByText('2 not carried over:')).toBeVisible();
    await expect(dialog.getByText('Line 16')).toBeVisible();
    await expect(dialog.getByText(/The function random\(\) has no counterpart here/)).toBeVisible();
    await expect(dialog.getByText('notify of part is unknown here.')).toBeVisible();
    await inspect(page, 'import');
    await dialog.getByRole('combobox', { name: 'Pack' }).click();
    await page.getByRole('option', { name: /^journeys/i }).click();
    await dialog.getByRole('textbox', { name: 'Name' }).fill(`greets_${Date.now()}`);
    await dialog.getByRole('button', { name: 'Make a draft' }).click();
    await expect(task(page, 'greet')).toBeVisible();

    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('dialog').getByLabel('name').fill('Ada');
    await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
    await expect(page.getByRole('group', { name: /^Task part,.*completed/ })).toBeVisible({
      timeout: 20_000,
    });
    await task(page, 'part').click();
    await page.getByRole('region', { name: 'Inspector' }).getByRole('tab', { name: 'Last run' }).click();
    await expect(page.getByText('goodbye after Hello, Ada').first()).toBeVisible();
  });

  test('a workflow is downloaded as YAML, and taken in again from that file', async ({ page, studio }) => {
    const ref = await studio.publishWorkflow('taken', {
      parameters: { app: { type: 'string', required: true } },
      tasks: [{ name: 'only', action: 'core.echo', input: { message: '{{ parameters.app }}' } }],
    });
    await page.goto(`/workflows/${encodeURIComponent(ref)}`);
    await page.getByRole('button', { name: 'More ways to run, and export' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Download as YAML' }).click();
    const file = await (await coming).path();
    expect(await readFile(file, 'utf8')).toContain('action: core.echo');

    await page.goto('/workflows');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a workflow' });
    await dialog.locator('input[type=file]').setInputFiles({
      name: 'taken again.yaml',
      mimeType: 'text/yaml',
      buffer: await readFile(file),
    });
    await expect(dialog.getByText('Everything is carried over.')).toBeVisible();
    await expect(dialog.getByRole('textbox', { name: 'Name' })).toHaveValue('taken_again');
    await dialog.getByRole('textbox', { name: 'Name' }).fill(`again_${Date.now()}`);
    await dialog.getByRole('button', { name: 'Make a draft' }).click();
    await expect(task(page, 'only')).toBeVisible();
  });
});
