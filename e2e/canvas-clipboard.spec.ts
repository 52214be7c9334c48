import {
  expectSaved,
  makeWorkflow,
  openWorkflow,
  readClipboard,
  succeeded,
  taskCard,
  toolbar,
  writeClipboard,
} from './canvas-page';
import { expect, test } from './fixtures';

const chain = [
  { name: 'build', next: [{ when: succeeded, do: ['check'] }] },
  { name: 'check', next: [{ when: '{{ task.build.result.ok }}', do: ['ship'] }] },
  { name: 'ship' },
];

test.describe('the clipboard of the canvas', () => {
  test('carries tasks as YAML to another workflow, renamed where they are taken, in one step', async ({
    page,
    api,
  }) => {
    const from = await makeWorkflow(api, 'copied', chain);
    const to = await makeWorkflow(api, 'pasted', [{ name: 'build' }]);
    await openWorkflow(page, from);
    await taskCard(page, 'build').click();
    await taskCard(page, 'check').click({ modifiers: ['Shift'] });
    await page.keyboard.press('ControlOrMeta+c');
    await expect(page.getByText('2 tasks copied as YAML')).toBeVisible();
    const text = await readClipboard(page);
    expect(text).toContain('- name: build');
    expect(text).toContain('when: "{{ task.build.result.ok }}"');

    await openWorkflow(page, to);
    await expect(taskCard(page, 'build')).toBeVisible();
    await page.keyboard.press('ControlOrMeta+v');
    await expect(taskCard(page, 'build_2')).toBeVisible();
    await expect(page.getByText(/refers to ship, which is not in this workflow/)).toBeVisible();
    await expectSaved(api, to, { build: [], build_2: ['check'], check: ['ship'] });
    // Nothing was dropped: the missing task is a problem.
    await expect(
      toolbar(page)
        .page()
        .getByText(/Saved, 1 error/),
    ).toBeVisible();
    await page.keyboard.press('ControlOrMeta+z');
    await expect(taskCard(page, 'build_2')).toHaveCount(0);
    await expect(taskCard(page, 'check')).toHaveCount(0);
  });

  test('says why what was copied elsewhere cannot be pasted', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'refused', [{ name: 'only' }]);
    await openWorkflow(page, ref);
    await writeClipboard(page, 'a shopping list');
    await taskCard(page, 'only').click();
    await page.keyboard.press('ControlOrMeta+v');
    await expect(page.getByText(/What was copied is no workflow: it needs a list of tasks/)).toBeVisible();
    await writeClipboard(page, '- name: typed\n  action: core.echo\n  input: { message: hello }\n');
    await page.keyboard.press('ControlOrMeta+v');
    await expect(taskCard(page, 'typed')).toBeVisible();
  });

  test('cuts, duplicates, and chooses what lies upstream and downstream', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'cut', chain);
    await openWorkflow(page, ref);
    const inspector = page.getByRole('region', { name: 'Inspector' });
    await taskCard(page, 'check').click();
    await page.keyboard.press('d');
    await expect(inspector.getByText('2 tasks chosen')).toBeVisible();
    await page.keyboard.press('ControlOrMeta+d');
    await expectSaved(api, ref, {
      build: ['check'],
      check: ['ship'],
      ship: [],
      check_2: ['ship_2'],
      ship_2: [],
    });
    await page.keyboard.press('ControlOrMeta+x');
    await expectSaved(api, ref, { build: ['check'], check: ['ship'], ship: [] });
    await page.keyboard.press('ControlOrMeta+a');
    await expect(inspector.getByText('3 tasks chosen')).toBeVisible();
    await taskCard(page, 'ship').click();
    await page.keyboard.press('u');
    await expect(inspector.getByText('3 tasks chosen')).toBeVisible();
  });

  test('has a menu at the pointer that does the same', async ({ page, api, inspect }) => {
    const ref = await makeWorkflow(api, 'menu', chain);
    await openWorkflow(page, ref);
    await taskCard(page, 'check').click({ button: 'right' });
    const menu = page.getByRole('menu', { name: 'Menu of the canvas' });
    await expect(menu).toBeVisible();
    await inspect(page, 'canvas-menu');
    await menu.getByRole('menuitem', { name: /Delete and join the neighbours/ }).click();
    await expectSaved(api, ref, { build: ['ship'], ship: [] });
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: /Select all/ }).click();
    await expect(page.getByText('2 tasks chosen')).toBeVisible();
  });
});
