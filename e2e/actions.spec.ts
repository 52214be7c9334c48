import type { Page } from '@playwright/test';
import { expect, test, type Api } from './fixtures';

async function packOf(api: Api, ref: string): Promise<string> {
  const packs = await api.query<{ ref: string }[]>('packs.list');
  if (!packs.some((pack) => pack.ref === ref)) await api.mutate('packs.create', { ref, label: ref });
  return ref;
}

/** Replaces what a monaco editor holds by pasting, as a person would. */
async function write(page: Page, label: RegExp, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await page.getByRole('textbox', { name: label }).focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+V');
}

test.describe('actions', () => {
  test('a Python action is written in the browser, run with parameters, and its log streams', async ({
    page,
    api,
    inspect,
  }) => {
    await packOf(api, 'journeys');
    await page.goto('/actions');
    await page.getByRole('link', { name: 'New action' }).click();
    await page.getByRole('combobox', { name: 'Pack' }).click();
    await page.getByRole('option', { name: /journeys/ }).click();
    await page.getByLabel('Name', { exact: false }).first().fill(`greet_${Date.now()}`);
    await page.getByLabel('Label').fill('Greet');
    await write(
      page,
      /^Code/,
      'import time\n\ndef run(name="world"):\n    for step in range(3):\n        print(f"step {step}", flush=True)\n        time.sleep(0.2)\n    return {"greeting": f"Hello, {name}"}\n',
    );
    await page.getByRole('checkbox', { name: 'standard' }).click();
    await inspect(page, 'action-new');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('button', { name: 'Run', exact: true })).toBeVisible();
    await expect(page.getByRole('checkbox', { name: 'standard' })).toBeChecked();
    await expect(page.getByRole('checkbox', { name: 'core.admin' })).not.toBeChecked();

    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('dialog').getByLabel('name').fill('Ada');
    await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
    await page.getByRole('tab', { name: 'Log' }).click();
    await expect(page.getByRole('log')).toContainText('step 2');
    await page.getByRole('tab', { name: 'Output' }).click();
    await expect(page.getByText('Hello, Ada').first()).toBeVisible();
    await inspect(page, 'execution-action');
  });

  test('T1.8 a failing action keeps its exit code, error output and message, and the worker goes on', async ({
    page,
    api,
  }) => {
    await packOf(api, 'journeys');
    const ref = `journeys.fails_${Date.now()}`;
    await api.mutate('actions.create', {
      packRef: 'journeys',
      ref,
      label: 'Fails',
      runtime: 'shell',
      code: 'echo out; echo "no such disk" >&2; exit 3',
      outputFormat: 'text',
    });
    const { id } = await api.mutate<{ id: number }>('executions.request', { actionRef: ref });
    await page.goto(`/executions/${id}`);
    await expect(page.getByText(/exited with code 3/).first()).toBeVisible();
    await expect(page.getByText('no such disk').first()).toBeVisible();
    const echo = await api.mutate<{ id: number }>('executions.request', {
      actionRef: 'core.echo',
      parameters: { message: 'still here' },
    });
    await api.until<{ state: string }>(
      'executions.get',
      { id: echo.id },
      ({ state }) => state === 'completed',
    );
  });

  test('a script that cannot start fails with the reason where one looks', async ({ page, api }) => {
    await packOf(api, 'journeys');
    const ref = `journeys.broken_${Date.now()}`;
    await api.mutate('actions.create', {
      packRef: 'journeys',
      ref,
      label: 'Broken',
      runtime: 'python',
      code: 'def run(:\n',
      outputFormat: 'json',
    });
    const { id } = await api.mutate<{ id: number }>('executions.request', { actionRef: ref });
    await page.goto(`/executions/${id}`);
    await expect(page.getByText(/SyntaxError/).first()).toBeVisible();
  });

  test('bad input is told at its field', async ({ page }) => {
    await page.goto('/actions/new');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByText('Choose a pack').last()).toBeVisible();
    await expect(page.getByText('required').first()).toBeVisible();
  });

  test('T3.13 parameters that do not fit fail the execution before any worker, and say which and why', async ({
    page,
    api,
  }) => {
    const { id } = await api.mutate<{ id: number }>('executions.request', {
      actionRef: 'core.sleep',
      parameters: { seconds: 'soon' },
    });
    await page.goto(`/executions/${id}`);
    await expect(page.getByText(/seconds must be a number/).first()).toBeVisible();
    const seen = await api.query<{ startedAt: string | null; workerName: string | null }>('executions.get', {
      id,
    });
    expect(seen).toMatchObject({ startedAt: null, workerName: null });
  });

  test('T3.23 a running execution is cancelled from its page, its processes with it', async ({
    page,
    api,
  }) => {
    await packOf(api, 'journeys');
    const ref = `journeys.long_${Date.now()}`;
    await api.mutate('actions.create', {
      packRef: 'journeys',
      ref,
      label: 'Long',
      runtime: 'shell',
      code: 'echo begun; sleep 300',
      outputFormat: 'text',
    });
    const { id } = await api.mutate<{ id: number }>('executions.request', { actionRef: ref });
    await page.goto(`/executions/${id}?tab=log`);
    await expect(page.getByRole('log')).toContainText('begun');
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(page.getByRole('treeitem', { name: /Cancelled/ })).toBeVisible({ timeout: 20_000 });
    const ended = await api.query<{ result: { stdout: string } }>('executions.get', { id });
    expect(ended.result.stdout).toContain('begun');
  });
});
