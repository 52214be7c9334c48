import { expectSaved, line, makeWorkflow, middle, openWorkflow, taskCard } from './canvas-page';
import { expect, test } from './fixtures';

test.describe('the control steps of the palette', () => {
  test('a condition and a sub-workflow, by drag, by click and by Enter', async ({ page, api, inspect }) => {
    const child = await makeWorkflow(api, 'child', [{ name: 'only' }]);
    await api.mutate('workflows.publish', { ref: child, draftVersion: 2 });
    const base = child.split('.')[1] ?? '';
    const ref = await makeWorkflow(api, 'control', []);
    const region = await openWorkflow(page, ref);
    const control = page.getByRole('region', { name: 'Control' });
    await expect(control.getByRole('button', { name: /^Add (?!.*favourites)/ })).toHaveText([
      /^Ask a person/,
      /^Sub-workflow/,
      /^Wait/,
      /^Condition/,
      ...[/^Do nothing/, /^Set values/, /^Fail/],
    ]);

    // Both branches of a condition are drawn, each with its label.
    await control
      .getByRole('button', { name: 'Add Condition', exact: true })
      .dragTo(region, { targetPosition: { x: 320, y: 160 } });
    await expectSaved(api, ref, { condition: ['$end', '$end'] });
    await expect(page.locator('.transition-text')).toHaveText(['if', 'else']);
    await expect(page.getByRole('group', { name: 'Transition 1' })).toBeVisible();
    await inspect(page, 'palette-condition');

    // What is dropped on a branch goes into it; a sub-workflow asks first for its workflow.
    const branch = await middle(page.locator('g.transition[data-kind="custom"] path').first());
    const box = await region.boundingBox();
    if (!box) throw new Error('the canvas is not on the page');
    await control
      .getByRole('button', { name: 'Add Sub-workflow', exact: true })
      .dragTo(region, { targetPosition: { x: branch.x - box.x, y: branch.y - box.y } });
    const picker = page.getByRole('dialog', { name: 'Run which workflow?' });
    await picker.waitFor();
    await page.keyboard.type(base);
    await inspect(page, 'palette-sub-workflow');
    await page.keyboard.press('Enter');
    await expectSaved(api, ref, { condition: [base, '$end'], [base]: ['$end'] });

    // Click: after what is chosen.
    await taskCard(page, base).click();
    await control.getByRole('button', { name: 'Add Condition', exact: true }).click();
    await expect(line(page, base, 'condition_2')).toHaveCount(1);
    await control.getByRole('button', { name: 'Add Sub-workflow', exact: true }).click();
    await page.keyboard.type(base);
    await page.keyboard.press('Enter');
    await expect(line(page, 'condition_2', 'child_2')).toHaveCount(1);

    // Enter, from the search.
    await page.keyboard.press('n');
    await page.keyboard.type('sub-workflow');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Run which workflow?' }).waitFor();
    await page.keyboard.type(base);
    await page.keyboard.press('Enter');
    await expect(line(page, 'child_2', 'child_3')).toHaveCount(1);
    await expect(page.getByText(/^Saved/)).toBeVisible();
  });
});
