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

const echo = (name: string, message: string, to: string[] = []) => ({
  name,
  action: 'core.echo',
  input: { message },
  next: to.length > 0 ? [{ when: '{{ succeeded() }}', do: to }] : [],
});

test.describe('versions of a workflow', () => {
  test('a revision is named, compared as a graph and as text, and restored', async ({
    page,
    studio,
    api,
    inspect,
  }) => {
    const ref = await studio.publishWorkflow('versions', {
      tasks: [echo('one', 'a', ['two']), echo('two', 'b')],
    });
    const { draftVersion } = await api.query<{ draftVersion: number }>('workflows.get', { ref });
    await api.mutate('workflows.saveDraft', {
      ref,
      draftVersion,
      definition: { tasks: [echo('one', 'changed', ['three']), echo('three', 'c')] },
      layout: { positions: { one: { x: 500, y: 40 } } },
    });
    await page.goto(`/workflows/${encodeURIComponent(ref)}`);
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Three');
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await expect(page.getByText('Published, revision 2')).toBeVisible();

    await page.getByRole('button', { name: 'Revisions' }).click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByText('Three')).toBeVisible();
    await sheet.getByRole('button', { name: 'Name revision 1' }).click();
    await sheet.getByRole('textbox', { name: 'Name revision 1' }).fill('The first');
    await page.keyboard.press('Enter');
    await expect(sheet.getByText('The first')).toBeVisible();
    await inspect(page, 'revisions');

    await sheet.getByRole('button', { name: 'Compare revision 1' }).click();
    await expect(page.getByRole('status').filter({ hasText: '1 added, 1 removed, 1 changed' })).toBeVisible();
    await expect(page.getByRole('group', { name: /^Task three,.*added/ })).toBeVisible();
    await expect(page.getByRole('group', { name: /^Task two,.*removed/ })).toBeVisible();
    await expect(page.getByRole('group', { name: /^Task one,.*changed/ })).toBeVisible();
    await inspect(page, 'compare-graph');
    await page.getByRole('tab', { name: 'Text' }).click();
    await expect(page.locator('[data-diff-editor]').getByText('changed').first()).toBeVisible();
    await inspect(page, 'compare-text');

    // A move is no change: compared with itself, nothing differs.
    await page.getByRole('combobox', { name: 'Before' }).click();
    await page.getByRole('option', { name: 'Revision 2 (Three)' }).click();
    await expect(page.getByText('They are the same.')).toBeVisible();
    await page.getByRole('button', { name: 'Back to the draft' }).click();

    await page.getByRole('button', { name: 'Revisions' }).click();
    await page.getByRole('button', { name: 'Restore 1' }).click();
    await expect(task(page, 'two')).toBeVisible();
    await expect(page.getByText('Saved, differs from revision 2')).toBeVisible();
  });

  test('a second editor is seen, and a stale save is merged part by part', async ({
    page,
    studio,
    api,
    pageOf,
    inspect,
    errors,
  }) => {
    const ref = await studio.publishWorkflow('merged', {
      tasks: [echo('one', 'a', ['two']), echo('two', 'b')],
    });
    await page.goto(`/workflows/${encodeURIComponent(ref)}`);
    await expect(task(page, 'one')).toBeVisible();
    const other = await pageOf({
      login: 'grace-merges',
      displayName: 'Grace Hopper',
      permissionSets: ['core.admin'],
    });
    await other.goto(`/workflows/${encodeURIComponent(ref)}`);
    await expect(other.getByRole('list', { name: 'Also here' }).getByRole('listitem')).toHaveCount(1);
    // The first tab hears of it when it next asks.
    await expect(page.getByRole('list', { name: 'Also here' })).toContainText(
      'Grace Hopper has this workflow open',
      {
        timeout: 15_000,
      },
    );

    // Somebody else saves: task one otherwise, and a third task.
    const { draftVersion } = await api.query<{ draftVersion: number }>('workflows.get', { ref });
    await api.mutate('workflows.saveDraft', {
      ref,
      draftVersion,
      definition: {
        tasks: [echo('one', 'theirs', ['two']), echo('two', 'b', ['three']), echo('three', 'c')],
      },
      layout: { positions: {} },
    });
    const inspector = page.getByRole('region', { name: 'Inspector' });
    await task(page, 'one').click();
    await inspector.getByRole('button', { name: 'Expression', exact: true }).first().click();
    await write(page, inspector.getByRole('textbox', { name: /^message/i }), 'mine {{ now() }}');
    const dialog = page.getByRole('dialog', { name: 'Somebody else saved this workflow' });
    await expect(dialog.getByText('Both of you changed one part:')).toBeVisible();
    await expect(dialog.getByRole('button', { name: '1 left to decide' })).toBeDisabled();
    await dialog.getByRole('button', { name: 'Compare one' }).click();
    await expect(dialog.locator('[data-diff-editor]').getByText('theirs').first()).toBeVisible();
    await inspect(page, 'merge');
    await dialog.getByRole('radio', { name: 'Mine' }).click();
    await dialog.getByRole('button', { name: 'Merge', exact: true }).click();
    await expect(task(page, 'three')).toBeVisible();
    await expect(page.getByText('Saved, differs from revision 1')).toBeVisible();
    const merged = await api.query<{ definition: { tasks: { name: string; input: { message: string } }[] } }>(
      'workflows.get',
      { ref },
    );
    // The refusal of the stale save is what this is about; browsers log it.
    expect(errors.splice(0).filter((said) => !/409 \(Conflict\)/.test(said))).toEqual([]);
    expect(merged.definition.tasks.map(({ name, input }) => `${name}: ${input.message}`)).toEqual([
      'one: mine {{ now() }}',
      'two: b',
      'three: c',
    ]);
  });

  test('a selection becomes a workflow of its own, which is gone into from its run', async ({
    page,
    studio,
    inspect,
  }) => {
    const ref = await studio.publishWorkflow('extracted', {
      parameters: { app: { type: 'string', default: 'shop' } },
      tasks: [
        echo('one', 'builds {{ parameters.app }}', ['two']),
        echo('two', 'after {{ task.one.result.data.message }}'),
      ],
    });
    await page.goto(`/workflows/${encodeURIComponent(ref)}`);
    await task(page, 'one').click();
    await page.getByRole('button', { name: 'Run or move this task' }).click();
    await page.getByRole('menuitem', { name: 'Extract to a sub-workflow' }).click();
    const dialog = page.getByRole('dialog', { name: 'Extract to a sub-workflow' });
    await expect(dialog.getByText('Its parameters: app')).toBeVisible();
    await expect(dialog.getByText('Its output: one')).toBeVisible();
    await inspect(page, 'extract');
    const part = await dialog.getByLabel('Name of the new workflow').inputValue();
    await dialog.getByRole('button', { name: 'Extract' }).click();
    await expect(task(page, part)).toBeVisible();

    await page.keyboard.press('ControlOrMeta+Shift+Enter');
    await expect(page.getByRole('group', { name: /^Task two,.*completed/ })).toBeVisible({ timeout: 20_000 });
    await task(page, 'two').click();
    const inspector = page.getByRole('region', { name: 'Inspector' });
    await inspector.getByRole('tab', { name: 'Last run' }).click();
    await expect(inspector.getByText('after builds shop').first()).toBeVisible();

    await task(page, part).click();
    await inspector.getByRole('link', { name: 'Open its workflow with this run' }).click();
    await expect(page.getByRole('group', { name: /^Task one,.*completed/ })).toBeVisible();
    await expect(page.getByRole('heading', { name: part, level: 1 })).toBeVisible();
  });
});
