import { expectSaved, makeWorkflow, openWorkflow, succeeded, taskCard } from './canvas-page';
import { expect, test } from './fixtures';

test('a task is disabled, another stops the run before it, and what is disabled is not published', async ({
  page,
  api,
  inspect,
}) => {
  const ref = await makeWorkflow(api, 'marked', [
    { name: 'first', next: [{ when: succeeded, do: ['middle'] }] },
    { name: 'middle', next: [{ when: succeeded, do: ['last'] }] },
    { name: 'last' },
  ]);
  await openWorkflow(page, ref);
  const inspector = page.getByRole('region', { name: 'Inspector' });
  const marked = (name: string, mark: string) =>
    page.getByRole('group', { name: new RegExp(`^Task ${name},.*${mark}`) });

  // By keyboard, from the menu of the task, and undone as one step.
  await taskCard(page, 'middle').click();
  await page.keyboard.press('e');
  await expect(marked('middle', 'disabled')).toBeVisible();
  await expect(inspector.getByText('Disabled: runs of the draft leave it out')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Undo: Disable middle' })).toBeVisible();
  await page.keyboard.press('ControlOrMeta+z');
  await expect(marked('middle', 'disabled')).toHaveCount(0);
  await taskCard(page, 'middle').click({ button: 'right' });
  await page.getByRole('menuitem', { name: /^Disable/ }).click();
  await expect(marked('middle', 'disabled')).toBeVisible();
  await taskCard(page, 'last').click();
  await inspector.getByRole('button', { name: 'Run or move this task' }).click();
  await page.getByRole('menuitem', { name: /^Set a breakpoint/ }).click();
  await expect(marked('last', 'breakpoint')).toBeVisible();
  await inspect(page, 'canvas-marks');

  // A run of the draft leaves the one out and stops before the other.
  await page.keyboard.press('ControlOrMeta+Shift+Enter');
  const bar = page.getByRole('region', { name: 'Run on the canvas' });
  await expect(bar.getByText('Stopped before last: a breakpoint of the draft.')).toBeVisible();
  await expect(marked('first', 'completed')).toBeVisible();
  await expect(marked('middle', 'not run')).toBeVisible();
  await expect(marked('last', 'paused')).toBeVisible();
  await inspect(page, 'canvas-breakpoint');
  await bar.getByRole('button', { name: 'Continue' }).click();
  await expect(marked('last', 'completed')).toBeVisible();
  await expect(bar.getByRole('button', { name: 'Continue' })).toHaveCount(0);
  await bar.getByRole('button', { name: 'Leave the run' }).click();

  // They are there again after a reload, in the outline too, with their keys in the sheet.
  await expect(page.getByText(/^Saved/)).toBeVisible();
  await page.goto(`/workflows/${encodeURIComponent(ref)}?view=outline`);
  const tree = page.getByRole('tree', { name: 'Outline of the workflow' });
  await expect(tree.getByRole('treeitem', { name: /^middle,.*disabled/ })).toBeVisible();
  const last = tree.getByRole('treeitem', { name: /^last,/ });
  await last.click();
  await expect(last).toHaveAccessibleName(/breakpoint/);
  await page.keyboard.press('b');
  await expect(last).not.toHaveAccessibleName(/breakpoint/);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog').getByText('Disable or enable')).toBeVisible();
  await page.keyboard.press('Escape');

  // Published it would run: refused, with both ways out.
  await page.getByRole('button', { name: 'Publish' }).click();
  const dialog = page.getByRole('dialog', { name: 'Publish' });
  await expect(dialog.getByText(/middle is disabled, .* Enable or delete it first/)).toBeVisible();
  await expect(dialog.getByRole('button', { name: 'Publish' })).toBeDisabled();
  await expect(dialog.getByRole('button', { name: 'Enable it' })).toBeVisible();
  await inspect(page, 'publish-disabled');
  await dialog.getByRole('button', { name: 'Delete it and join its neighbours' }).click();
  await dialog.getByRole('button', { name: 'Publish' }).click();
  await expect(page.getByText('Published, revision 1')).toBeVisible();
  await expectSaved(api, ref, { first: ['last'], last: [] });
});
