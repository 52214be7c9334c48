import { createHmac } from 'node:crypto';
import { expect, test } from './fixtures';

test('a webhook asks for a signature, and its page shows what became of each call', async ({
  page,
  studio,
  request,
  inspect,
}) => {
  // Four states are looked at, each in two themes.
  const { triggerRef, url } = await studio.createWebhook();
  const post = (body: string, headers: Record<string, string> = {}) =>
    request.post(new URL(url).pathname, {
      data: body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  expect((await post('{"before":"the checks"}')).status()).toBe(200);

  await page.goto(`/triggers/${triggerRef}`);
  await page.getByRole('button', { name: 'Change checks' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('switch', { name: 'Calls must be signed' }).click();
  await dialog.getByRole('switch', { name: /from these addresses only/ }).click();
  await dialog.getByRole('switch', { name: /Limit how many/ }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  // Each field says itself what is wrong with it.
  await expect(dialog.getByText('Type what the sender signs with.')).toBeVisible();
  await expect(dialog.getByText(/with none, nobody could call/)).toBeVisible();
  await dialog.getByLabel('Addresses and ranges').fill('127.0.0.1\n::1\n10.0.0.0/8');
  await dialog.getByLabel('Secret').fill('a journey’s secret');
  await dialog.getByLabel('Calls', { exact: false }).last().fill('50');
  await inspect(page, 'webhook-checks');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('SHA256')).toBeVisible();
  await expect(page.getByText('127.0.0.1, ::1, 10.0.0.0/8')).toBeVisible();
  await inspect(page, 'trigger-with-checks');

  const body = '{"signed":true,"password":"p"}';
  expect((await post(body)).status()).toBe(401);
  const signature = createHmac('sha256', 'a journey’s secret').update(body).digest('hex');
  expect((await post(body, { 'x-webhook-signature': `sha256=${signature}` })).status()).toBe(200);

  await page.getByRole('link', { name: 'Calls', exact: true }).click();
  const rows = page.getByRole('table', { name: 'Calls to the webhook' }).getByRole('row');
  await expect(rows.nth(1)).toContainText('Accepted');
  await expect(rows.nth(2)).toContainText('Bad signature');
  await expect(rows.nth(3)).toContainText('Accepted');
  await inspect(page, 'webhook-calls');

  await rows
    .nth(2)
    .getByRole('button', { name: /^Call #/ })
    .click();
  const sheet = page.getByRole('dialog');
  await expect(sheet).toContainText('The header X-Webhook-Signature is missing.');
  await expect(sheet).toContainText('"password":"********"');
  await inspect(page, 'webhook-call');
  await page.keyboard.press('Escape');

  await rows
    .nth(1)
    .getByRole('button', { name: /^Send call #/ })
    .click();
  await expect(rows.nth(1)).toContainText('sent again by hand');
  await rows
    .nth(1)
    .getByRole('link', { name: /^Event #/ })
    .click();
  await expect(page.getByText('Sent again by hand, like event #')).toBeVisible();
});
