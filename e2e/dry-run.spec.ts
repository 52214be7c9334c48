import { expect, test } from './fixtures';

test('a dry run goes into sub-workflows, and a result may be set by hand instead', async ({
  page,
  studio,
  inspect,
}) => {
  const innermost = await studio.publishWorkflow('innermost', {
    parameters: { app: { type: 'string' } },
    tasks: [{ name: 'deepest', action: 'core.noop' }],
    output_map: { said: 'deep {{ parameters.app }}' },
  });
  const inner = await studio.publishWorkflow('inner', {
    parameters: { app: { type: 'string' } },
    tasks: [
      { name: 'below', action: innermost, input: { app: '{{ parameters.app }}' }, next: [{ do: ['after'] }] },
      { name: 'after', action: 'core.noop' },
    ],
    output_map: { said: '{{ task.below.result.said }}' },
  });
  const ref = await studio.publishWorkflow('outer', {
    tasks: [
      {
        name: 'call',
        action: inner,
        input: { app: 'shop' },
        next: [
          { when: "{{ result().said == 'deep shop' }}", do: ['as_played'] },
          { otherwise: true, do: ['as_set'] },
        ],
      },
      { name: 'as_played', action: 'core.noop' },
      { name: 'as_set', action: 'core.noop' },
    ],
  });
  await page.goto(`/workflows/${encodeURIComponent(ref)}`);
  await page.getByRole('button', { name: 'More ways to run, and export' }).click();
  await page.getByRole('menuitem', { name: 'Dry run' }).click();

  // What the sub-workflow comes to decides the transitions.
  await expect(page.getByRole('group', { name: /^Task as_played,.*completed/ })).toBeVisible();
  await expect(page.getByRole('group', { name: /^Task as_set,.*not run/ })).toBeVisible();
  const bar = page.getByRole('region', { name: 'Dry run on the canvas' });
  await bar.getByRole('button', { name: '1 sub-workflow' }).click();

  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('group', { name: /^Task below,.*completed/ })).toBeVisible();
  await expect(dialog.getByRole('group', { name: 'Gives' })).toContainText('deep shop');
  await inspect(page, 'dry-run-call');
  await dialog.getByRole('button', { name: 'Look into below' }).click();
  await expect(dialog.getByRole('group', { name: /^Task deepest,.*completed/ })).toBeVisible();
  await expect(dialog.getByRole('group', { name: 'Given' })).toContainText('shop');
  await dialog
    .getByRole('navigation', { name: 'Way to this sub-workflow' })
    .getByRole('button', { name: 'call' })
    .click();

  // Set by hand, nothing of it is played.
  await dialog.getByRole('button', { name: 'Set its result instead' }).click();
  const inspector = page.getByRole('region', { name: 'Inspector' });
  await inspector.getByRole('button', { name: 'Write an output to pin' }).click();
  await inspector.getByRole('button', { name: 'Pin it' }).click();
  await expect(page.getByRole('group', { name: /^Task call,.*pinned/ })).toBeVisible();
  await bar.getByRole('button', { name: 'Play it again' }).click();
  await expect(page.getByRole('group', { name: /^Task as_set,.*completed/ })).toBeVisible();
  await expect(bar.getByRole('button', { name: '1 sub-workflow' })).toBeHidden();
});
