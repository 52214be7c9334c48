import { expect, test } from './fixtures';
import { fromWheels, toArchive } from './pack-archive';

test('T2.12 a pack with a Python requirement is uploaded, its action runs, and the install’s log is on its page', async ({
  page,
  inspect,
}) => {
  const ref = `uploaded_${Date.now()}`;
  const archive = toArchive(
    {
      'pack.yaml': `ref: ${ref}\nlabel: Uploaded\nversion: 1.0.0\nconf_schema:\n  region: {type: string, description: Where it works}\n`,
      'requirements.txt': `${fromWheels}journey_words==1.0\n`,
      'actions/tell.yaml': 'name: tell\nlabel: Tell\nentry_point: tell.py\n',
      'actions/tell.py': 'import journey_words\n\ndef run():\n    return {"said": journey_words.WORD}\n',
      'sensors/watch.yaml': 'name: watch\nentry_point: watch.py\n',
    },
    [{ name: 'journey_words', version: '1.0', code: 'WORD = "packaged"\n' }],
  );

  await page.goto('/packs');
  await page.getByRole('button', { name: 'Install pack' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByLabel('Archive of the pack (tar.gz)')
    .setInputFiles({ name: 'uploaded.tar.gz', mimeType: 'application/gzip', buffer: archive });
  await expect(dialog.getByText(/uploaded\.tar\.gz · /)).toBeVisible();
  await inspect(page, 'pack-install');
  await dialog.getByRole('button', { name: 'Install pack' }).click();

  await expect(page.getByRole('tab', { name: 'Problems' })).toHaveAttribute('data-state', 'active');
  await expect(
    page.getByText(/sensors\/watch\.yaml:1 trigger_types: must name the triggers that it fires/),
  ).toBeVisible();
  await inspect(page, 'pack-problems');

  await page.getByRole('tab', { name: 'Files' }).click();
  await page.getByRole('button', { name: /requirements\.txt/ }).click();
  await expect(page.getByText('journey_words==1.0')).toBeVisible();
  await inspect(page, 'pack-files');

  await page.getByRole('tab', { name: 'Configuration' }).click();
  await page.getByLabel('Region').fill('eu-west');
  await page.getByRole('button', { name: 'Save configuration' }).click();
  await expect(page.getByText('Saved the configuration.')).toBeVisible();
  await inspect(page, 'pack-configuration');

  await page.getByRole('tab', { name: 'Contents' }).click();
  await inspect(page, 'pack');
  await page.getByRole('link', { name: `${ref}.tell` }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click();
  await page.getByRole('tab', { name: 'Output' }).click();
  await expect(page.getByText('packaged').first()).toBeVisible({ timeout: 30_000 });

  await page.goto(`/packs/${ref}?tab=environments`);
  await expect(page.getByText('Ready')).toBeVisible();
  await expect(page.getByText(/Successfully installed journey[-_]words-1\.0/)).toBeVisible();
  await inspect(page, 'pack-environments');
  await page.getByRole('button', { name: 'Rebuild' }).click();
  await expect(page.getByText('Built at next use')).toBeVisible();
});
