import { expect, test, type Api } from './fixtures';

interface Made {
  id: number;
}

/** Publishes a workflow of the pack `journeys`; gives its ref. */
async function publish(api: Api, name: string, definition: unknown): Promise<string> {
  if (!(await api.query<{ ref: string }[]>('packs.list')).some(({ ref }) => ref === 'journeys'))
    await api.mutate('packs.create', { ref: 'journeys', label: 'Journeys' });
  const ref = `journeys.${name}_${Date.now()}`;
  const made = await api.mutate<{ draftVersion: number }>('workflows.create', {
    ...{ packRef: 'journeys', ref, label: name },
  });
  const saved = await api.mutate<{ draftVersion: number }>('workflows.saveDraft', {
    ...{ ref, draftVersion: made.draftVersion, definition, layout: { positions: {} } },
  });
  await api.mutate('workflows.publish', { ref, draftVersion: saved.draftVersion });
  return ref;
}

// build ──► check ──► deploy; check fails for a host that it does not know.
const release = {
  version: '1.0.0',
  parameters: { host: { type: 'string', required: true } },
  vars: { addresses: { web1: '10.0.0.1' } },
  tasks: [
    { name: 'build', action: 'core.echo', input: { message: 'image 7' }, next: [{ do: ['check'] }] },
    {
      name: 'check',
      action: 'core.echo',
      input: { message: "{{ 'address ' + workflow.addresses[parameters.host] }}" },
      next: [{ when: '{{ succeeded() }}', do: ['deploy'] }],
    },
    {
      name: 'deploy',
      action: 'core.echo',
      input: { message: '{{ task.build.result.data.message }} to {{ parameters.host }}' },
    },
  ],
};

test.describe('a run that failed', () => {
  test('Rule 16: goes on from the task that failed, with the input put right', async ({
    page,
    api,
    inspect,
  }) => {
    const ref = await publish(api, 'release', release);
    const { id } = await api.mutate<Made>('executions.request', {
      ...{ actionRef: ref, parameters: { host: 'wep1' } },
    });
    await page.goto(`/executions/${id}`);
    const tree = page.getByRole('tree', { name: 'Execution tree' });
    await expect(tree.getByRole('treeitem', { name: new RegExp(`^${ref}, Failed`) })).toBeVisible({
      timeout: 20_000,
    });
    await tree.getByRole('treeitem', { name: 'check, Failed' }).click();
    await page.getByRole('button', { name: 'Run again from here…' }).click();
    const dialog = page.getByRole('dialog', { name: `Run #${id} again` });
    await expect(dialog.getByRole('combobox', { name: 'Begin' })).toHaveText('At check');
    await inspect(page, 'rerun-dialog');
    await dialog.getByLabel('Host').fill('web1');
    await dialog.getByRole('button', { name: 'Run again' }).click();

    await expect(page.getByRole('heading', { level: 1, name: ref })).toBeVisible();
    await expect(page.getByText(`Runs #${id} again, from check`)).toBeVisible();
    await expect(tree.getByRole('treeitem', { name: 'deploy, Completed' })).toBeVisible({ timeout: 20_000 });
    await expect(tree.getByRole('treeitem', { name: /^build/ })).toHaveCount(0);
    await tree.getByRole('treeitem', { name: 'deploy, Completed' }).click();
    await expect(page.getByLabel('stdout', { exact: true })).toContainText('image 7 to web1');
    await inspect(page, 'rerun');

    const next = Number(new URL(page.url()).pathname.split('/').at(-1));
    await page.getByRole('link', { name: `#${id}`, exact: true }).click();
    await expect(page.getByText(`Was run again as`)).toContainText(`#${next} from check`);
  });
});

test.describe('a run that is watched', () => {
  test('Rule 15: is paused and resumed, by button and by key, and shows what it holds back', async ({
    page,
    api,
    inspect,
  }) => {
    const ref = await publish(api, 'steps', {
      version: '1.0.0',
      tasks: [
        { name: 'first', action: 'core.ask', input: { prompt: 'First?' }, next: [{ do: ['second'] }] },
        { name: 'second', action: 'core.ask', input: { prompt: 'Second?' }, next: [{ do: ['third'] }] },
        { name: 'third', action: 'core.echo', input: { message: 'done' } },
      ],
    });
    const { id } = await api.mutate<Made>('executions.request', { actionRef: ref });
    await page.goto(`/executions/${id}`);
    const tree = page.getByRole('tree', { name: 'Execution tree' });
    const row = (name: string) => tree.getByRole('treeitem', { name });
    const answer = async () => {
      const { items } = await api.query<{ items: { id: number; rootId: number }[] }>('inquiries.list', {
        ...{ view: 'mine', limit: 50 },
      });
      const own = items.find(({ rootId }) => rootId === id);
      await api.mutate('inquiries.respond', { id: own?.id, response: {} });
    };
    await expect(row('first, Waiting')).toBeVisible({ timeout: 20_000 });
    await page.getByRole('button', { name: 'Pause' }).click();
    const notice = page.getByRole('status').filter({ hasText: 'This run is paused' });
    await expect(notice).toContainText('may finish: first');
    await answer();
    await expect(row('first, Completed')).toBeVisible({ timeout: 20_000 });
    await expect(notice).toContainText('Held back: second');
    await expect(row('second')).toHaveCount(0);
    await inspect(page, 'paused');

    await page.getByRole('button', { name: 'Resume' }).click();
    await expect(row('second, Waiting')).toBeVisible({ timeout: 20_000 });
    await expect(notice).toBeHidden();
    await page.keyboard.press('p');
    await expect(notice).toContainText('may finish: second');
    await answer();
    await expect(notice).toContainText('Held back: third');
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: 'Resume' }).click();
    await expect(row('third, Completed')).toBeVisible({ timeout: 20_000 });
    await expect(row(`${ref}, Completed`)).toBeVisible();
  });
});
