import type { Page } from '@playwright/test';
import { expectSaved, line, makeWorkflow, middle, openWorkflow, succeeded, taskCard } from './canvas-page';
import { expect, test } from './fixtures';

test.use({ hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });

const exitOf = (page: Page, task: string, exit: string) =>
  taskCard(page, task).locator(`[data-exit="${exit}"]`);

/** A finger that stays for as long as it takes the menu to come. */
async function longPress(page: Page, at: { x: number; y: number }): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
  await page.getByRole('menu').waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
  // It stays when the finger goes.
  await expect(page.getByRole('menu')).toBeVisible();
}

/** Adds an action from the sheet of the palette. */
async function add(page: Page, label: string): Promise<void> {
  await page.getByRole('toolbar', { name: 'Workflow' }).getByRole('button', { name: 'Add a task' }).tap();
  const sheet = page.getByRole('dialog', { name: 'Actions' });
  await sheet
    .getByRole('button', { name: `Add ${label}`, exact: true })
    .first()
    .tap();
  await expect(sheet).toHaveCount(0);
}

test.describe('by touch', () => {
  test('a workflow is built, wired and published on a phone', async ({ page, api, inspect }) => {
    const ref = await makeWorkflow(api, 'by_touch', []);
    const region = await openWorkflow(page, ref);
    await expect(page.getByText(/Tap \+ above/)).toBeVisible();

    // Each is wired after the one that is chosen: the one that was added last.
    await add(page, 'Do nothing');
    await add(page, 'Do nothing');
    await add(page, 'Do nothing');
    await expectSaved(api, ref, { noop: ['noop_2'], noop_2: ['noop_3'], noop_3: [] });
    await page.getByRole('button', { name: 'Fit to view' }).tap();

    // Two taps connect; in between it is said what is waited for, and where it can lead.
    const pending = page.getByText(/^noop, on failure: press the task to start/);
    await exitOf(page, 'noop', 'failure').tap();
    await expect(pending).toBeVisible();
    await expect(taskCard(page, 'noop_3').locator('[data-tap="valid"]')).toHaveCount(1);
    await inspect(page, 'touch-connecting');
    await taskCard(page, 'noop_3').tap();
    await expect(pending).toBeHidden();
    const wired = { noop: ['noop_2', 'noop_3'], noop_2: ['noop_3'], noop_3: [] };
    await expectSaved(api, ref, wired);
    await expect(line(page, 'noop', 'noop_3')).toHaveAccessibleName(/on failure/);

    // What is there already is refused, and says why; a tap elsewhere and Escape cancel.
    await exitOf(page, 'noop', 'failure').tap();
    await expect(taskCard(page, 'noop_3').getByText('connected this way already')).toBeVisible();
    await taskCard(page, 'noop_3').tap();
    await expect(pending).toBeHidden();
    await exitOf(page, 'noop', 'failure').tap();
    await expect(pending).toBeVisible();
    const box = await region.boundingBox();
    if (!box) throw new Error('the canvas is not on the page');
    const corner = { x: box.x + box.width - 20, y: box.y + 90 };
    await page.touchscreen.tap(corner.x, corner.y);
    await expect(pending).toBeHidden();
    await exitOf(page, 'noop', 'timeout').tap();
    await page.keyboard.press('Escape');
    await expect(page.getByText(/press the task to start/)).toBeHidden();
    await expectSaved(api, ref, wired);

    // A tap on a transition brings its buttons.
    const insert = page.getByRole('button', { name: 'Insert a task here' });
    await expect(insert).toHaveCount(0);
    const between = await middle(line(page, 'noop_2', 'noop_3').locator('path').first());
    await page.touchscreen.tap(between.x, between.y);
    await insert.tap();
    await page.getByRole('dialog', { name: 'Add a task here' }).getByText('Wait', { exact: true }).tap();
    await expectSaved(api, ref, {
      ...{ noop: ['noop_2', 'noop_3'], noop_2: ['sleep'], sleep: ['noop_3'], noop_3: [] },
    });
    await page.getByRole('button', { name: /^Undo/ }).tap();
    await expectSaved(api, ref, wired);

    await page.getByRole('button', { name: 'Publish' }).tap();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).tap();
    await expect(page.getByText('Published, revision 1')).toBeVisible();
  });

  test('a long press opens the menu of a task, of a transition and of the canvas', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'long_press', [
      { name: 'first', next: [{ when: succeeded, do: ['last'] }] },
      { name: 'last' },
    ]);
    const region = await openWorkflow(page, ref);

    const card = await middle(taskCard(page, 'last'));
    await longPress(page, card);
    await page.getByRole('menuitem', { name: 'Rename' }).tap();
    const name = page.getByRole('dialog').getByRole('textbox', { name: 'Name', exact: true });
    await expect(name).toBeFocused();
    await expect.poll(() => page.evaluate(() => String(getSelection()))).toBe('last');
    await page.keyboard.type('done');
    await page.keyboard.press('Enter');
    await expectSaved(api, ref, { first: ['done'], done: [] });
    await page.getByRole('button', { name: 'Close' }).tap();

    await longPress(page, await middle(line(page, 'first', 'done').locator('path').first()));
    await page.getByRole('menuitem', { name: 'Delete' }).tap();
    await expectSaved(api, ref, { first: [], done: [] });

    const box = await region.boundingBox();
    if (!box) throw new Error('the canvas is not on the page');
    await longPress(page, { x: box.x + box.width - 30, y: box.y + 100 });
    await page.getByRole('menuitem', { name: 'Select all' }).tap();
    await expect(page.locator('.react-flow__node-task.selected')).toHaveCount(2);
  });

  test('the ways out of a task are large enough for a finger, and all parts of a task are in view', async ({
    page,
    api,
    inspect,
  }) => {
    const ref = await makeWorkflow(api, 'large_enough', [{ name: 'only' }]);
    await openWorkflow(page, ref);
    const exit = await middle(exitOf(page, 'only', 'failure'));
    const hit = (dx: number, dy: number) =>
      page.evaluate(
        ([x, y]) => document.elementFromPoint(x ?? 0, y ?? 0)?.getAttribute('data-exit'),
        [exit.x + dx, exit.y + dy],
      );
    // 36 px across, of which more lies below the card than on it.
    for (const [dx, dy] of [
      [-17, 0],
      [17, 0],
      [0, 24],
      [0, -12],
    ] as const)
      expect(await hit(dx, dy), `${dx}, ${dy} beside it`).toBe('failure');

    await taskCard(page, 'only').tap();
    await page.getByRole('button', { name: 'Inspector' }).tap();
    const tabs = page.getByRole('tablist', { name: 'Parts of the task' });
    for (const width of [390, 360]) {
      await page.setViewportSize({ width, height: 844 });
      for (const tab of await tabs.getByRole('tab').all()) await expect(tab).toBeInViewport({ ratio: 1 });
      expect(await tabs.evaluate((list) => list.scrollWidth <= list.clientWidth)).toBe(true);
    }
    await tabs.getByRole('tab', { name: 'Last run' }).tap();
    await expect(page.getByText('The workflow has not run yet.')).toBeVisible();
    await inspect(page, 'touch-inspector');
  });
});
