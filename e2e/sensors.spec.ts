import { randomBytes } from 'node:crypto';
import { expect, test } from './fixtures';
import { toArchive } from './pack-archive';

test('T3.06 a sensor’s page says whether it runs and why not, shows cursor and log, and starts it anew', async ({
  page,
  studio,
  inspect,
}) => {
  const pack = `eyes_${randomBytes(4).toString('hex')}`;
  const archive = toArchive({
    'pack.yaml': `ref: ${pack}\nversion: 1.0.0\n`,
    'triggers/seen.yaml': 'name: seen\n',
    'sensors/eye.yaml':
      'name: eye\nlabel: Eye\ndescription: Looks once and stays.\nentry_point: eye.sh\ntrigger_types: [seen]\nconfig: { place: here }\n',
    'sensors/eye.sh': `echo looking
echo '{"type":"event","payload":{"n":1}}'
echo '{"type":"checkpoint","cursor":{"seen":1}}'
exec sleep 600
`,
    'sensors/broken.yaml': 'name: broken\nlabel: Broken\nentry_point: broken.sh\ntrigger_types: [seen]\n',
    'sensors/broken.sh': 'echo no such feed >&2\nexit 3\n',
    'rules/look.yaml': 'name: look\ntrigger_ref: seen\naction_ref: core.noop\nenabled: false\n',
  });
  expect(await studio.installPack(archive)).toEqual([]);

  await page.goto('/sensors');
  await expect(page.getByRole('row', { name: /core\.timer_sensor/ })).toContainText('Built in');
  await page
    .getByRole('link', { name: `${pack}.eye` })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: 'Eye' })).toBeVisible();
  await expect(page.getByText('No enabled rule uses its triggers')).toBeVisible();
  await studio.setRuleEnabled(`${pack}.look`, true);
  await expect(page.getByText('It runs.')).toBeVisible({ timeout: 20_000 });
  await expect(page.getByRole('tabpanel')).toContainText('looking', { timeout: 10_000 });
  await expect(page.getByRole('group', { name: 'Cursor' })).toContainText('seen');
  await inspect(page, 'sensor-running');

  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Reset' }).click();
  await expect(page.getByRole('alertdialog')).toBeHidden();
  await studio.untilSo(
    () => studio.events(`${pack}.seen`),
    (events) => events.length >= 2,
  );
  const isOn = page.getByRole('switch', { name: 'On' });
  await isOn.focus();
  await page.keyboard.press('Space');
  await expect(page.getByText('It is switched off.')).toBeVisible();

  await page.goto(`/sensors/${pack}.broken?log=stderr`);
  await expect(page.getByText(/It ended with exit code 3/).first()).toBeVisible({ timeout: 20_000 });
  await inspect(page, 'sensor-backing-off');
  await page.goto('/sensors');
  await expect(page.getByRole('row', { name: `${pack}.eye` })).toContainText('Off');
  await inspect(page, 'sensors');
  await studio.setRuleEnabled(`${pack}.look`, false);
  await page.goto(`/triggers/${pack}.seen`);
  await expect(page.getByRole('link', { name: `${pack}.` }).last()).toBeVisible();
});
