import type { Locator, Page } from '@playwright/test';
import { expect, test } from './fixtures';

/** Writes into a monaco field by pasting. */
async function write(page: Page, field: Locator, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await field.focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+V');
}

interface Saved {
  definition: { tasks: Record<string, unknown>[] } & Record<string, unknown>;
  hasChanges: boolean;
}

test('every field of a task and of a workflow is filled in without its YAML', async ({
  page,
  api,
  studio,
  inspect,
}) => {
  const ref = await studio.publishWorkflow('all_fields', {
    parameters: { hosts: { type: 'array' }, host: { type: 'string' } },
    tasks: [{ name: 'ship', action: 'core.echo', input: { message: 'x' } }],
  });
  await page.goto(`/workflows/${encodeURIComponent(ref)}`);
  const inspector = page.getByRole('region', { name: 'Inspector' });
  const choose = async (label: string, option: string) => {
    await inspector.getByRole('combobox', { name: label }).click();
    await page.getByRole('option', { name: option }).click();
  };

  // The whole workflow, while no task is chosen.
  await inspector.getByLabel('Timeout of the whole run').fill('2h');
  await inspector.getByLabel('Most task runs').fill('500');
  await choose('When a task fails and nothing takes care of it', 'The run still completes, with errors');
  await choose('When it is cancelled', 'Let what runs finish');
  await inspector.getByLabel('Time to stop').fill('20s');
  await inspector.getByLabel('How many may run').fill('2');
  await write(page, inspector.getByRole('textbox', { name: 'Counted for each' }), '{{ parameters.host }}');
  await inspector.getByLabel('Version').fill('1.2.0');
  await inspector.getByLabel('Description', { exact: true }).fill('Ships it.');
  await inspector.getByLabel('Version').scrollIntoViewIfNeeded();
  await inspect(page, 'workflow-fields');

  await page.getByRole('group', { name: /^Task ship,/ }).click();
  await inspector.getByRole('tab', { name: 'Retry & timeout' }).click();
  await inspector.getByLabel('Timeout', { exact: true }).fill('10m');
  await inspector.getByLabel('Delay', { exact: true }).fill('5s');
  await inspector.getByLabel('Extra attempts').fill('3');
  await inspector.getByLabel('Left to chance').pressSequentially('0.05');
  await inspector.getByRole('checkbox', { name: 'a lost worker' }).click();
  await write(page, inspector.getByRole('textbox', { name: 'Only when' }), '{{ result().exit_code !== }}');
  await expect(inspector.getByText(/Column \d+/).first()).toBeVisible();
  await write(page, inspector.getByRole('textbox', { name: 'Only when' }), '{{ result().exit_code != 2 }}');
  await inspect(page, 'retry-fields');
  await write(
    page,
    inspector.getByRole('textbox', { name: 'Repeat for each item of' }),
    '{{ parameters.hosts }}',
  );
  await inspector.getByLabel('Another name for item').fill('host');
  await inspector.getByLabel('Items per run').fill('2');
  await inspector.getByLabel('At the same time').fill('4');
  await inspector.getByLabel('Items that may fail').fill('10%');
  await choose('After an item has failed', 'Start no further ones');
  await choose('When it fails and nothing takes care of it', 'Nothing new starts, and the run fails');
  await inspector.getByLabel('Description', { exact: true }).fill('One host after the other.');
  await inspect(page, 'items-fields');

  const saved = await api.until<Saved>(
    'workflows.get',
    { ref },
    ({ definition }) => definition.tasks[0]?.['description'] === 'One host after the other.',
  );
  expect(saved.definition).toMatchObject({
    ...{ version: '1.2.0', description: 'Ships it.', timeout: '2h', max_task_runs: 500 },
    on_failure: 'continue',
    cancellation: { running: 'finish', grace: '20s' },
    concurrency: { limit: 2, key: '{{ parameters.host }}' },
  });
  expect(saved.definition.tasks[0]).toMatchObject({
    ...{ timeout: '10m', delay: '5s', on_failure: 'abort' },
    retry: {
      ...{ count: 3, jitter: 0.05, when: '{{ result().exit_code != 2 }}' },
      on: ['failed', 'timeout', 'abandoned'],
    },
    with_items: {
      ...{ items: '{{ parameters.hosts }}', as: 'host', batch_size: 2, concurrency: 4 },
      ...{ allow_failures: '10%', on_item_failure: 'stop' },
    },
  });
});
