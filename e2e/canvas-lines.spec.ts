import {
  drag,
  expectSaved,
  line,
  makeWorkflow,
  middle,
  openWorkflow,
  succeeded,
  taskCard,
} from './canvas-page';
import { expect, test } from './fixtures';

const two = [{ name: 'first', next: [{ when: succeeded, do: ['last'] }] }, { name: 'last' }];

test.describe('the lines of the canvas', () => {
  test('take in a task that is dropped on them, in one step', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'spliced', [...two, { name: 'lonely' }], {
      positions: { first: { x: 0, y: 0 }, last: { x: 0, y: 360 }, lonely: { x: 480, y: 180 } },
    });
    await openWorkflow(page, ref);
    const target = await middle(line(page, 'first', 'last').locator('path').first());
    const card = await middle(taskCard(page, 'lonely'));
    await drag(page, card, target);
    await expectSaved(api, ref, { first: ['lonely'], last: [], lonely: ['last'] });
    await page.keyboard.press('ControlOrMeta+z');
    await expectSaved(api, ref, { first: ['last'], last: [], lonely: [] });
    expect((await middle(taskCard(page, 'lonely'))).x).toBeCloseTo(card.x, 0);
  });

  test('are inserted into and deleted with the buttons on them, and by keyboard', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'inserted', two);
    await openWorkflow(page, ref);
    await line(page, 'first', 'last').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Insert');
    await page.getByRole('dialog', { name: 'Add a task here' }).waitFor();
    await page.keyboard.type('echo');
    await page.keyboard.press('Enter');
    await expectSaved(api, ref, { first: ['echo'], last: [], echo: ['last'] });
    await line(page, 'first', 'echo').hover({ force: true });
    await page.getByRole('button', { name: 'Delete this transition' }).first().click();
    await expectSaved(api, ref, { first: [], last: [], echo: ['last'] });
  });

  test('let go over nothing ask what should stand there, and lead to it', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'released', [{ name: 'first' }]);
    await openWorkflow(page, ref);
    const start = await middle(taskCard(page, 'first').locator('[data-exit="failure"]'));
    await drag(page, start, { x: start.x + 120, y: start.y + 160 });
    await page.getByRole('dialog', { name: 'Add a task here' }).waitFor();
    await page.keyboard.type('echo');
    await page.keyboard.press('Enter');
    await expectSaved(api, ref, { first: ['echo'], echo: [] });
    await expect(line(page, 'first', 'echo')).toHaveAccessibleName(/on failure/);
  });

  test('say why they cannot be drawn twice', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'twice', two);
    await openWorkflow(page, ref);
    const start = await middle(taskCard(page, 'first').locator('[data-exit="success"]'));
    const end = await middle(taskCard(page, 'last'));
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    await page.mouse.move(end.x, end.y - 20, { steps: 8 });
    await page.mouse.move(end.x, end.y, { steps: 4 });
    await expect(page.locator('.transition-refusal')).toHaveText(/connected this way already/);
    await page.mouse.up();
    await expectSaved(api, ref, { first: ['last'], last: [] });
  });

  test('are joined again when the task between goes, if that is wanted', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'joined', [
      { name: 'a', next: [{ when: succeeded, do: ['b'] }] },
      { name: 'b', next: [{ when: succeeded, do: ['c'] }, { do: ['d'] }] },
      { name: 'c' },
      { name: 'd' },
    ]);
    await openWorkflow(page, ref);
    // Several leave one task: each says which it is.
    await expect(page.locator('.transition-order')).toHaveText(['1', '2']);
    await taskCard(page, 'b').click();
    await page.keyboard.press('Delete');
    await expectSaved(api, ref, { a: [], c: [], d: [] });
    await page.getByRole('button', { name: 'Join its neighbours' }).click();
    await expectSaved(api, ref, { a: ['c', 'd'], c: [], d: [] });
    await page.keyboard.press('ControlOrMeta+z');
    await page.keyboard.press('ControlOrMeta+z');
    await expectSaved(api, ref, { a: ['b'], b: ['c', 'd'], c: [], d: [] });
    await taskCard(page, 'b').click();
    await page.keyboard.press('Shift+Delete');
    await expectSaved(api, ref, { a: ['c', 'd'], c: [], d: [] });
  });
});
