import { expect, test } from './fixtures';

test('T3.7 the example story runs from the card on the home page to its report', async ({
  page,
  inspect,
}) => {
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'Try it: a disk is filling up' })).toBeVisible();
  await inspect(page, 'home');
  await page.getByRole('button', { name: 'Send the sample alert' }).click();
  await page.getByRole('link', { name: /Watch execution/ }).click();

  const tree = page.getByRole('tree', { name: 'Execution tree' });
  await expect(tree.getByRole('treeitem', { name: /check.*Completed/i })).toBeVisible({ timeout: 30_000 });
  await expect(tree.getByRole('treeitem', { name: /, Waiting/ })).toBeVisible();
  await inspect(page, 'execution-waiting');

  await page.getByRole('link', { name: /^Inbox/ }).click();
  const card = page.getByRole('article', { name: 'Inquiry' });
  await expect(card.getByRole('button', { name: 'Approve' })).toBeVisible();
  await inspect(page, 'inbox');
  await card.getByRole('button', { name: 'Approve' }).click();
  await expect(card.getByText(/^Answered by/)).toBeVisible();
  await card.getByRole('link', { name: /examples\.disk_cleanup/ }).click();
  await expect(page.getByRole('heading', { name: 'examples.disk_cleanup' })).toBeVisible();
  await expect(tree.getByRole('treeitem', { name: /disk_cleanup, Completed/ })).toBeVisible({
    timeout: 30_000,
  });
  await expect(tree.getByRole('treeitem', { name: /clean_up, Completed/ })).toBeVisible();
  await inspect(page, 'execution-completed');
});
