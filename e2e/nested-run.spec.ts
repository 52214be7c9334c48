import { expect, test } from './fixtures';

test('T2.1 a nested run is opened from its parent on the run page, level by level, and back', async ({
  page,
  studio,
  inspect,
}) => {
  const word = { word: { type: 'string' } };
  const input = { word: '{{ parameters.word }}' };
  const probe = await studio.publishWorkflow('probe', {
    parameters: word,
    tasks: [
      {
        name: 'look',
        action: 'core.set',
        input: { seen: '{{ parameters.word }}' },
        next: [{ do: ['settle'] }],
      },
      { name: 'settle', action: 'core.ask', input: { prompt: 'Go on?', assigned_to: ['user:admin'] } },
    ],
    output_map: { seen: '{{ task.look.result.data.seen }}' },
  });
  const site = await studio.publishWorkflow('site', {
    parameters: word,
    tasks: [
      { name: 'probe_host', action: probe, input, next: [{ do: ['note'] }] },
      { name: 'note', action: 'core.noop' },
    ],
    output_map: { seen: '{{ task.probe_host.result.seen }}' },
  });
  const ref = await studio.publishWorkflow('fleet', {
    parameters: word,
    tasks: [{ name: 'check_site', action: site, input }],
    output_map: { seen: '{{ task.check_site.result.seen }}' },
  });
  const id = await studio.run(ref, { word: 'all is well' });
  const question = await studio.untilAsked(id, 'settle');

  await page.goto(`/executions/${id}`);
  const tree = page.getByRole('tree', { name: 'Execution tree' });
  const task = (name: string) => page.getByRole('group', { name: new RegExp(`^Task ${name},`) });
  const row = (name: string) => tree.getByRole('treeitem', { name: new RegExp(`^${name},`) });

  // While the innermost has not ended, every level above it waits, and says so.
  await expect(row('settle')).toHaveAccessibleName('settle, Waiting');
  await expect(row('check_site')).toHaveAccessibleName('check_site, Running');
  await expect(row('probe_host')).toHaveAccessibleName('probe_host, Running');
  await expect(row('settle')).toHaveAttribute('aria-level', '4');

  // Down: each graph's task is the way into the run behind it.
  await expect(task('check_site')).toBeVisible();
  await task('check_site').click();
  await expect(task('probe_host')).toBeVisible();
  await expect(task('check_site')).toHaveCount(0);
  await expect(row('check_site')).toHaveAttribute('aria-selected', 'true');
  await task('probe_host').click();
  await expect(task('look')).toBeVisible();
  await task('look').click();
  await expect(page.getByRole('heading', { name: 'look' })).toBeVisible();
  await expect(page.getByText('all is well').first()).toBeVisible();
  await inspect(page, 'nested-run');

  // Up again, by keyboard: from the task to its run, and on to the run above.
  await tree.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(row('probe_host')).toHaveAttribute('aria-selected', 'true');
  await expect(task('look')).toBeVisible();
  await row('check_site').click();
  await expect(task('note')).toBeVisible();
  await page.goBack();
  await expect(task('look')).toBeVisible();

  await studio.answer(question.id, {});
  // A nested run has a page of its own, with the way back to its parent.
  await expect(row(ref.replaceAll('.', '\\.'))).toHaveAccessibleName(`${ref}, Completed`, {
    timeout: 20_000,
  });
  const inner = (await studio.tree(id)).find(({ taskName }) => taskName === 'check_site');
  await page.goto(`/executions/${inner?.id}`);
  await expect(page.getByRole('heading', { name: site, level: 1 })).toBeVisible();
  await expect(task('probe_host')).toHaveAccessibleName(/completed/);
  await page.getByRole('link', { name: `part of #${id}` }).click();
  await expect(page.getByRole('heading', { name: ref, level: 1 })).toBeVisible();
  await expect(task('check_site')).toHaveAccessibleName(/completed/);
  await expect(page.getByText('"all is well"').first()).toBeVisible();
});
