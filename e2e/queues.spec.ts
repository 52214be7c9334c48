import { expect, test } from './fixtures';

test.describe('work queues', () => {
  test('a person makes a queue, adds items, sees them go out and be acknowledged, and cancels one that waits', async ({
    page,
    studio,
    api,
    inspect,
  }) => {
    const action = await studio.createAction('greet', {
      runtime: 'nodejs',
      outputFormat: 'json',
      code: `export async function run({ host, id }) {
  return { queue_ack: { version: 1, items: [{ id, status: 'completed', summary: { greeted: host } }] } };
}`,
      parameters: { host: { type: 'string', required: true }, id: { type: 'integer' } },
    });
    const ref = `journeys.queue_${Date.now()}`;

    await page.goto('/queues');
    await page.getByRole('link', { name: 'New queue' }).first().click();
    await page.getByRole('textbox', { name: /^Name/ }).fill(ref);
    await page.getByRole('textbox', { name: /^Label/ }).fill('Greetings');
    await page.getByRole('combobox', { name: 'Action' }).click();
    await page.getByPlaceholder('Search…').fill(action);
    await page.getByRole('option', { name: action }).click();
    await page
      .getByRole('textbox', { name: 'What a payload must be' })
      .fill('{ "host": { "type": "string", "required": true } }');
    await page.getByRole('switch', { name: 'Gives out items' }).click();
    await inspect(page, 'queue-new');
    await page.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { name: 'Greetings', level: 1 })).toBeVisible();
    await expect(page.getByText('This queue is switched off')).toBeVisible();
    expect(await api.query('queues.get', { ref })).toMatchObject({ packRef: 'journeys', isAdhoc: true });
    await api.mutate('queues.update', {
      ref,
      actionParams: { host: '{{ item.host }}', id: '{{ queue_item.id }}' },
    });

    // The form of the schema says what is missing.
    await page.getByRole('button', { name: 'Add item' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add item' }).click();
    await expect(dialog.getByText('is required')).toBeVisible();
    await dialog.getByRole('textbox', { name: 'host' }).fill('web-1');
    await dialog.getByRole('textbox', { name: /^Key/ }).fill('first');
    await inspect(page, 'queue-item-dialog');
    await dialog.getByRole('button', { name: 'Add item' }).click();
    const table = page.getByRole('table', { name: 'Items' });
    await expect(table.getByRole('row', { name: /first.*Queued/ })).toBeVisible();

    // Others come by the API, and are seen without asking again.
    const response = await page.request.post(`/api/v1/queues/${ref}/items`, {
      headers: { 'x-attune': '1' },
      data: { payload: { host: 'web-2' }, item_key: 'second', priority: 5 },
    });
    expect(response.status()).toBe(201);
    await expect(table.getByRole('row', { name: /second.*Queued/ })).toBeVisible();
    await inspect(page, 'queue-items');

    await table
      .getByRole('row', { name: /first/ })
      .getByRole('button', { name: /^Change item/ })
      .click();
    await dialog.getByRole('textbox', { name: 'host' }).fill('web-3');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await table
      .getByRole('row', { name: /second/ })
      .getByRole('button', { name: /^Cancel item/ })
      .click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel the item' }).click();
    await expect(table.getByRole('row', { name: /second.*Cancelled/ })).toBeVisible();

    // Switched on in its definition, the other goes out.
    await page.getByRole('tab', { name: 'Definition' }).click();
    await page.getByRole('switch', { name: 'Gives out items' }).click();
    await inspect(page, 'queue-definition');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('tab', { name: 'Items' }).click();
    await expect(table.getByRole('row', { name: /first.*Completed/ })).toBeVisible();
    await page.getByRole('button', { name: /first/ }).click();
    const sheet = page.getByRole('dialog');
    await expect(sheet.getByText('"web-3"').first()).toBeVisible();
    await inspect(page, 'queue-item');
    await sheet.getByRole('button', { name: 'Close' }).click();

    await page.getByRole('tab', { name: 'Dispatches' }).click();
    await inspect(page, 'queue-dispatches');
    await page.getByRole('table', { name: 'Dispatches' }).getByRole('link').first().click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText(action);
    await page.goto('/queues');
    await expect(page.getByRole('link', { name: ref })).toBeVisible();
    await inspect(page, 'queues');
  });

  test('a person who may only look sees the queue and changes nothing', async ({ pageOf, api }) => {
    const ref = `journeys.seen_${Date.now()}`;
    await api.mutate('queues.create', { ref, label: 'Seen', dispatchActionRef: 'core.noop', enabled: false });
    await api.mutate('queues.enqueue', { queueRef: ref, payload: { a: 1 } });
    const page = await pageOf({ login: 'vera-queues', displayName: 'Vera', permissionSets: ['core.viewer'] });
    await page.goto(`/queues/${ref}`);
    await expect(page.getByRole('row', { name: /Queued/ })).toBeVisible();
    await expect(page.getByRole('button', { name: /Add item|Cancel item|Delete/ })).toHaveCount(0);
    await page.getByRole('tab', { name: 'Definition' }).click();
    await expect(page.getByText('You may look at this queue')).toBeVisible();
  });
});
