import { expect, test } from './fixtures';

const standard = { defaultPermissionSetRefs: ['standard'] };

test.describe('artifacts', () => {
  test('a run leaves a table, an image, progress and a link; people find them from the run and look at them', async ({
    page,
    studio,
    inspect,
  }) => {
    const stem = `journeys.left_${Date.now()}`;
    const action = await studio.createAction('leaves', {
      runtime: 'nodejs',
      code: `import { artifacts } from 'attune';
export async function run({ stem }) {
  await artifacts.table(stem + '.hosts', [{ host: 'web-1', load: 0.25 }, { host: 'web-2', load: 0.75 }], { name: 'Hosts' });
  const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60"><rect width="120" height="60" fill="teal"/></svg>';
  await artifacts.file(stem + '.picture', picture, { contentType: 'image/svg+xml', fileName: 'load.svg', name: 'Load' });
  await artifacts.progress(stem + '.steps', { step: 'counted', hosts: 2 }, { name: 'Steps' });
  await artifacts.link(stem + '.link', 'https://example.org/report', { name: 'Report' });
  await artifacts.file(stem + '.notes', 'first', { fileName: 'notes.txt', name: 'Notes' });
  await artifacts.file(stem + '.notes', 'second', { fileName: 'notes.txt' });
}`,
      parameters: { stem: { type: 'string' } },
      ...standard,
    });
    const { id, error } = await studio.ended(await studio.run(action, { stem }));
    expect(error).toBeNull();

    await page.goto(`/executions/${id}`);
    await page.getByRole('tab', { name: 'Artifacts' }).click();
    const table = page.getByRole('table', { name: 'Artifacts' });
    await expect(table.getByRole('row')).toHaveCount(6);
    await inspect(page, 'execution-artifacts');
    await table.getByRole('link', { name: /^Hosts/ }).click();

    await expect(page.getByRole('heading', { name: 'Hosts', level: 1 })).toBeVisible();
    const preview = page.getByRole('group', { name: 'Preview' });
    await expect(preview.getByRole('columnheader')).toHaveText(['host', 'load']);
    await expect(preview.getByRole('cell', { name: 'web-2' })).toBeVisible();
    await inspect(page, 'artifact-table');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${stem}.hosts.json`);

    await page.goto(`/artifacts?search=${stem}`);
    await expect(page.getByRole('row')).toHaveCount(6);
    await inspect(page, 'artifacts');
    await page.getByRole('link', { name: /^Load/ }).click();
    const image = page.getByRole('img', { name: 'Load' });
    await expect(image).toBeVisible();
    await expect.poll(() => image.evaluate((node) => (node as HTMLImageElement).naturalWidth)).toBe(120);

    await page.goto(`/artifacts?search=${stem}`);
    await page.getByRole('link', { name: /^Steps/ }).click();
    await expect(page.getByText('"counted"')).toBeVisible();
    await inspect(page, 'artifact-progress');

    await page.goto(`/artifacts?search=${stem}`);
    await page.getByRole('link', { name: /^Report/ }).click();
    await expect(page.getByRole('link', { name: 'https://example.org/report' })).toBeVisible();

    await page.goto(`/artifacts?search=${stem}`);
    await page.getByRole('link', { name: /^Notes/ }).click();
    await expect(page.getByText('second', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: /^Version 1/ }).click();
    await expect(page.getByText('first', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await expect(page.getByRole('heading', { name: 'Artifacts', level: 1 })).toBeVisible();
    await page.goto(`/artifacts?search=${stem}`);
    await expect(page.getByRole('row')).toHaveCount(5);
  });
});
