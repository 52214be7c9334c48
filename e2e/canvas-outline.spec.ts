import { expectSaved, makeWorkflow, succeeded } from './canvas-page';
import { expect, test } from './fixtures';

const chain = [
  { name: 'build', next: [{ when: succeeded, do: ['check'] }] },
  { name: 'check', next: [{ when: succeeded, do: ['ship'] }, { do: ['$end'] }] },
  { name: 'ship' },
];

test.describe('the outline', () => {
  test('edits the workflow by keyboard alone: walks, renames, inserts, connects, reorders, deletes', async ({
    page,
    api,
    inspect,
  }) => {
    const ref = await makeWorkflow(api, 'outline', chain);
    await page.goto(`/workflows/${encodeURIComponent(ref)}`);
    await page.getByRole('radio', { name: 'Canvas' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect(page).toHaveURL(/view=outline/);
    const tree = page.getByRole('tree', { name: 'Outline of the workflow' });
    await expect(tree.getByRole('treeitem')).toHaveCount(6);

    await tree.getByRole('treeitem', { name: /^build/ }).focus();
    await page.keyboard.press('ArrowDown');
    await expect(tree.getByRole('treeitem', { name: '1. on success: then check' }).first()).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(tree.getByRole('treeitem', { name: /^check/ })).toBeFocused();
    await inspect(page, 'canvas-outline');

    await page.keyboard.press('F2');
    await page.keyboard.type('verify');
    await page.keyboard.press('Enter');
    await expect(tree.getByRole('treeitem', { name: /^verify/ })).toBeFocused();
    await expectSaved(api, ref, { build: ['verify'], verify: ['ship', '$end'], ship: [] });

    await page.keyboard.press('a');
    await page.getByRole('dialog', { name: 'Add a task here' }).waitFor();
    await page.keyboard.type('echo');
    await page.keyboard.press('Enter');
    await expectSaved(api, ref, { build: ['verify'], verify: ['ship', 'echo', '$end'], ship: [], echo: [] });

    await tree.getByRole('treeitem', { name: /^echo/ }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('End');
    await page.keyboard.press('Alt+ArrowUp');
    await expect(tree.locator('[aria-level="1"]').nth(2)).toHaveAccessibleName(/^echo/);
    await page.keyboard.press('Delete');
    await expectSaved(api, ref, { build: ['verify'], verify: ['ship', '$end'], ship: [] });
    await page.keyboard.press('ControlOrMeta+z');
    await expectSaved(api, ref, { build: ['verify'], verify: ['ship', 'echo', '$end'], echo: [], ship: [] });

    await tree.getByRole('treeitem', { name: /^build/ }).focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('c');
    await page.getByRole('dialog').getByPlaceholder('Search tasks').fill('ship');
    await page.keyboard.press('Enter');
    await expectSaved(api, ref, {
      build: ['verify', 'ship'],
      verify: ['ship', 'echo', '$end'],
      echo: [],
      ship: [],
    });
  });
});
