import { expect, test } from './fixtures';

test('T3.23 a run is cancelled from its page, and the tree shows it for all that it runs', async ({
  page,
  studio,
  inspect,
}) => {
  const action = await studio.createAction('long', {
    runtime: 'shell',
    code: 'trap "echo tidied up; exit 7" TERM; echo begun; sleep 300 & wait',
  });
  const inner = await studio.publishWorkflow('inner', {
    tasks: [
      { name: 'work', action, next: [{ do: ['never'] }] },
      { name: 'never', action: 'core.noop' },
    ],
  });
  const ref = await studio.publishWorkflow('outer', {
    tasks: [
      { name: 'first', action: 'core.noop', next: [{ do: ['nested', 'asks', 'later'] }] },
      { name: 'nested', action: inner, next: [{ do: ['after'] }] },
      { name: 'asks', action: 'core.ask', input: { prompt: 'Well?', assigned_to: ['user:nobody'] } },
      { name: 'later', action: 'core.noop', delay: '1h' },
      { name: 'after', action: 'core.noop' },
    ],
  });
  const id = await studio.run(ref);
  const work = await studio.untilTask(id, 'work', ({ state }) => state === 'running');
  await studio.untilPrinted(work.id, 'begun');

  await page.goto(`/executions/${id}`);
  const tree = page.getByRole('tree', { name: 'Execution tree' });
  for (const name of [
    'nested, Running',
    'work, Running',
    'asks, Waiting',
    'later, Delayed',
    'first, Completed',
  ])
    await expect(tree.getByRole('treeitem', { name, exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  for (const name of ['nested', 'work', 'asks', 'later', ref])
    await expect(tree.getByRole('treeitem', { name: `${name}, Cancelled`, exact: true })).toBeVisible({
      timeout: 20_000,
    });
  // What had ended stays, what had not begun never does, and there is nothing left to cancel.
  await expect(tree.getByRole('treeitem', { name: 'first, Completed', exact: true })).toBeVisible();
  await expect(tree.getByRole('treeitem', { name: /^(never|after),/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Cancel', exact: true })).toHaveCount(0);
  await expect(page.getByRole('group', { name: /^Task nested,.*cancelled/ })).toBeVisible();
  await expect(page.getByText(/^Cancelled by /).first()).toBeVisible();
  await inspect(page, 'execution-cancelled');

  // The output up to the end is kept.
  await tree.getByRole('treeitem', { name: 'work, Cancelled', exact: true }).click();
  await page.getByRole('tab', { name: 'Log' }).click();
  await expect(page.getByRole('log')).toContainText('begun');
  await expect(page.getByRole('log')).toContainText('tidied up');
});
