import { expect, test } from './fixtures';

const mask = '********';
const workflow = {
  parameters: {
    app: { type: 'string', required: true },
    level: { type: 'integer' },
    token: { type: 'string' },
  },
  tasks: [
    { name: 'tell', action: 'core.echo', input: { message: '{{ parameters.app }} {{ parameters.level }}' } },
  ],
};

test('a workflow is run with a past event: by its rule, by names, and value by value', async ({
  page,
  studio,
  inspect,
}) => {
  const ref = await studio.publishWorkflow('from_event', workflow);
  const hook = await studio.createWebhook();
  const rule = await studio.createRule({
    ...{ triggerRef: hook.triggerRef, actionRef: ref },
    actionParams: { app: '{{ event.payload.service }}-web', level: '{{ event.payload.level }}' },
    conditions: { all: [{ field: 'payload.level', operator: 'greater', value: 5 }] },
  });
  const loud = await hook.post({ service: 'shop', level: 9, host: { name: 'web1' }, key: `Bearer ${mask}` });
  const quiet = await hook.post({ service: 'blog', level: 2 });
  const other = await studio.createWebhook();
  const plain = await other.post({ app: 'wiki', level: '4', token: mask });
  for (const id of [loud, quiet, plain]) await studio.untilMatched(id);

  await page.goto(`/workflows/${encodeURIComponent(ref)}`);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Take inputs from' }).click();
  await page.getByRole('option', { name: /A past event/ }).click();

  // The trigger whose rule leads here is chosen already; the server renders the rule's inputs.
  await expect(dialog.getByRole('combobox', { name: 'Trigger' })).toContainText('hook_');
  const field = (name: string) => dialog.getByRole('textbox', { name: new RegExp(`^${name}`, 'i') });
  const pick = async (id: number) => {
    await dialog.getByRole('combobox', { name: 'Event', exact: true }).click();
    await page.getByRole('option', { name: new RegExp(`Event ${id}\\b`) }).click();
  };
  await pick(loud);
  await expect(dialog.getByText(`Inputs as ${rule} gives them for event ${loud}.`)).toBeVisible();
  await expect(field('app')).toHaveValue('shop-web');
  await expect(field('level')).toHaveValue('9');
  await inspect(page, 'run-from-event');

  // Any value goes into any field: by keyboard, and by dragging.
  await dialog.getByRole('button', { name: 'Put event.payload.host.name into a field' }).press('Enter');
  await page.getByRole('menuitem', { name: 'App' }).press('Enter');
  await expect(field('app')).toHaveValue('web1');
  await dialog.locator('[data-path="event.payload.service"]').dragTo(field('app'));
  await expect(field('app')).toHaveValue('shop');

  // Stars are never taken for a value: not from the tree, not dropped, not typed.
  await dialog.getByRole('button', { name: 'Put event.payload.key into a field' }).click();
  await expect(page.getByRole('menu')).toContainText('in place of a secret, which is not kept');
  await expect(page.getByRole('menuitem')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await dialog.locator('[data-path="event.payload.key"]').dragTo(field('token'));
  await expect(dialog.getByText('What was dropped holds ********')).toBeVisible();
  await expect(field('token')).toHaveValue('');
  await field('token').fill(`Bearer ${mask}`);
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(dialog.getByText(/token holds .* Nothing is run with that/)).toBeVisible();

  // An event that the rule leaves alone is rendered too, and it is said.
  await pick(quiet);
  await expect(dialog.getByText(/It leaves this event alone, though/)).toBeVisible();
  await expect(field('app')).toHaveValue('blog-web');

  // From a trigger without such a rule what has a field's name is filled in, but for stars.
  await dialog.getByRole('combobox', { name: 'Trigger' }).click();
  await page.getByPlaceholder('Search…').fill(other.triggerRef);
  await page.getByRole('option', { name: new RegExp(other.triggerRef) }).click();
  await pick(plain);
  await expect(dialog.getByText('Filled in by name: app, level.')).toBeVisible();
  await expect(field('app')).toHaveValue('wiki');
  await expect(field('level')).toHaveValue('4');
  await expect(field('token')).toHaveValue('');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('group', { name: /^Task tell,.*completed/ })).toBeVisible();
  const id = Number(new URL(page.url()).searchParams.get('run'));
  expect((await studio.get(id)).parameters).toEqual({ app: 'wiki', level: 4 });
});
