import type { Locator, Page } from '@playwright/test';
import { expect, test, type Api } from './fixtures';

async function setTheStage(api: Api): Promise<void> {
  const packs = await api.query<{ ref: string }[]>('packs.list');
  if (!packs.some(({ ref }) => ref === 'journeys'))
    await api.mutate('packs.create', { ref: 'journeys', label: 'Journeys' });
  const actions = await api.query<{ ref: string }[]>('actions.list');
  if (actions.some(({ ref }) => ref === 'journeys.probe')) return;
  await api.mutate('actions.create', {
    packRef: 'journeys',
    ref: 'journeys.probe',
    label: 'Probe',
    runtime: 'python',
    outputFormat: 'json',
    paramSchema: { host: { type: 'string', required: true } },
    code: 'import time\n\ndef run(host):\n    print(f"probing {host}", flush=True)\n    time.sleep(1)\n    return {"healthy": host != "web2"}\n',
  });
}

async function newWorkflow(page: Page, label: string): Promise<void> {
  await page.goto('/workflows');
  await page.getByRole('button', { name: 'New workflow' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill(label);
  await dialog.getByRole('combobox', { name: 'Pack' }).click();
  await page.getByRole('option', { name: /journeys/i }).click();
  await dialog.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('region', { name: 'Workflow canvas' })).toBeVisible();
}

const task = (page: Page, name: string) => page.getByRole('group', { name: new RegExp(`^Task ${name},`) });

async function middle(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error('it is not on the page');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Drags from one of a task's exits to another task, as a hand does. */
async function connect(page: Page, from: string, exit: string, to: string): Promise<void> {
  const start = await middle(task(page, from).locator(`[data-exit="${exit}"]`));
  const end = await middle(task(page, to));
  await page.mouse.move(start.x, start.y);
  await page.mouse.down();
  await page.mouse.move((start.x + end.x) / 2, (start.y + end.y) / 2, { steps: 5 });
  await page.mouse.move(end.x, end.y, { steps: 5 });
  await page.mouse.up();
}

/** Writes into a monaco field by pasting. */
async function write(page: Page, field: Locator, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await field.focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+V');
}

test.describe('the canvas', () => {
  test('three tasks are dragged, connected by a condition and a failure, given inputs, published, run and watched live', async ({
    page,
    api,
    inspect,
  }) => {
    await setTheStage(api);
    await newWorkflow(page, `Probe a host ${Date.now()}`);
    const region = page.getByRole('region', { name: 'Workflow canvas' });
    const inspector = page.getByRole('region', { name: 'Inspector' });

    // A parameter of the workflow.
    await inspector.getByRole('button', { name: 'Add parameter' }).click();
    await inspector.getByRole('textbox', { name: /name/i }).first().fill('host');

    // Three tasks, by dragging.
    await page
      .getByRole('button', { name: 'Add Probe', exact: true })
      .first()
      .dragTo(region, { targetPosition: { x: 300, y: 120 } });
    await expect(task(page, 'probe')).toBeVisible();
    await page
      .getByRole('button', { name: 'Add Echo', exact: true })
      .first()
      .dragTo(region, { targetPosition: { x: 160, y: 360 } });
    await expect(task(page, 'echo')).toBeVisible();
    await page
      .getByRole('button', { name: 'Add Echo', exact: true })
      .first()
      .dragTo(region, { targetPosition: { x: 440, y: 360 } });
    await expect(task(page, 'echo_2')).toBeVisible();

    // Two transitions: on success, which becomes a condition, and on failure.
    await connect(page, 'probe', 'success', 'echo');
    await connect(page, 'probe', 'failure', 'echo_2');
    await task(page, 'probe').click();
    await inspector.getByRole('tab', { name: /Transitions/ }).click();
    await expect(inspector.getByRole('group', { name: 'Transition 1' })).toBeVisible();
    await expect(inspector.getByRole('group', { name: 'Transition 2' })).toBeVisible();
    await inspector
      .getByRole('group', { name: 'Transition 1' })
      .getByRole('combobox', { name: 'When' })
      .click();
    await page.getByRole('option', { name: 'A condition holds' }).click();
    await write(
      page,
      inspector.getByRole('group', { name: 'Transition 1' }).getByRole('textbox', { name: /Condition/ }),
      '{{ succeeded() and result().healthy }}',
    );

    // Inputs with expressions.
    await inspector.getByRole('tab', { name: /Input/ }).click();
    await inspector.getByRole('button', { name: 'Expression', exact: true }).first().click();
    await write(page, inspector.getByRole('textbox', { name: /host/i }), '{{ parameters.host }}');
    await task(page, 'echo').click();
    await inspector.getByRole('button', { name: 'Expression', exact: true }).first().click();
    await write(page, inspector.getByRole('textbox', { name: /message/i }), '{{ parameters.host }} is fine');
    await inspect(page, 'canvas-editor');

    await expect(page.getByText('Saved, not published yet')).toBeVisible();
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).click();
    await expect(page.getByText('Published, revision 1')).toBeVisible();

    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('dialog').getByLabel('host').fill('web1');
    await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
    // Live on the same canvas, without a reload.
    await expect(page.getByRole('group', { name: /^Task probe,.*running/ })).toBeVisible();
    await expect(page.getByRole('group', { name: /^Task echo,.*completed/ })).toBeVisible({
      timeout: 20_000,
    });
    await expect(page.getByRole('group', { name: /^Task echo_2,.*not run/ })).toBeVisible();
    await inspect(page, 'canvas-run');
    await page.getByRole('link', { name: 'Open the execution' }).last().click();
    await page.getByRole('treeitem', { name: /^echo, Completed/ }).click();
    await expect(page.getByText('web1 is fine').first()).toBeVisible();
  });

  test('by keyboard alone, from nothing to a published, run workflow', async ({ page, api }) => {
    await setTheStage(api);
    await newWorkflow(page, `By keyboard ${Date.now()}`);
    await page.keyboard.press('n');
    await page.keyboard.type('echo');
    await page.keyboard.press('Enter');
    await expect(task(page, 'echo')).toBeVisible();
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await page.keyboard.type('do nothing');
    await page.keyboard.press('Enter');
    await expect(task(page, 'noop')).toBeVisible();
    await expect(page.getByText(/Saved, not published yet/)).toBeVisible();
    await page.getByRole('button', { name: 'Publish' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.getByRole('dialog').getByRole('button', { name: 'Publish' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByText('Published, revision 1')).toBeVisible();
    await page.getByRole('button', { name: 'Run', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Run' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('group', { name: /^Task noop,.*completed/ })).toBeVisible({
      timeout: 20_000,
    });
  });

  test('a mistake is told at its field while it is made, and keeps the workflow from being published', async ({
    page,
    api,
  }) => {
    await setTheStage(api);
    await newWorkflow(page, `Broken ${Date.now()}`);
    await page.getByRole('button', { name: 'Add Echo', exact: true }).first().click();
    const inspector = page.getByRole('region', { name: 'Inspector' });
    await task(page, 'echo').click();
    await inspector.getByRole('button', { name: 'Expression', exact: true }).first().click();
    await write(page, inspector.getByRole('textbox', { name: /message/i }), '{{ parameters.x | uppr }}');
    await expect(inspector.getByText(/There is no filter uppr/).first()).toBeVisible();
    await expect(page.getByText(/Saved, 1 error/)).toBeVisible();
    await page.getByRole('button', { name: 'Publish' }).focus();
    await expect(page.getByRole('tooltip')).toContainText('1 error has to be repaired first.');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  });
});
