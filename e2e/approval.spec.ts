import { expect, test } from './fixtures';

const definition = {
  version: '1.0.0',
  tasks: [
    {
      name: 'ask',
      action: 'core.ask',
      input: {
        prompt: 'Deploy **web**?',
        assigned_to: ['user:journeys-approver'],
        response_schema: {
          type: 'object',
          required: ['approved'],
          properties: { approved: { type: 'boolean' }, note: { type: 'string', description: 'Why' } },
        },
      },
      next: [
        { when: '{{ result().response.approved }}', do: ['deploy'] },
        { otherwise: true, do: ['keep'] },
      ],
    },
    {
      name: 'deploy',
      action: 'core.echo',
      input: { message: 'deployed: {{ task.ask.result.response.note }}' },
    },
    { name: 'keep', action: 'core.echo', input: { message: 'kept' } },
  ],
};

test.describe('approvals', () => {
  for (const answer of ['Approve', 'Reject'] as const) {
    test(`T2.6 another person answers “${answer}” from the inbox, and only that branch runs`, async ({
      page,
      api,
      pageOf,
    }) => {
      if (!(await api.query<{ ref: string }[]>('packs.list')).some(({ ref }) => ref === 'journeys'))
        await api.mutate('packs.create', { ref: 'journeys', label: 'Journeys' });
      const ref = `journeys.release_${answer.toLowerCase()}_${Date.now()}`;
      const made = await api.mutate<{ draftVersion: number }>('workflows.create', {
        packRef: 'journeys',
        ref,
        label: 'Release',
      });
      const saved = await api.mutate<{ draftVersion: number }>('workflows.saveDraft', {
        ref,
        draftVersion: made.draftVersion,
        definition,
        layout: { positions: {} },
      });
      await api.mutate('workflows.publish', { ref, draftVersion: saved.draftVersion });
      const approver = await pageOf({
        login: 'journeys-approver',
        displayName: 'Ana Approver',
        permissionSets: ['core.approver'],
      });
      const { id } = await api.mutate<{ id: number }>('executions.request', { actionRef: ref });

      await page.goto(`/executions/${id}`);
      const tree = page.getByRole('tree', { name: 'Execution tree' });
      await expect(tree.getByRole('treeitem', { name: 'ask, Waiting' })).toBeVisible({ timeout: 20_000 });

      await approver.goto('/inbox');
      await approver.getByRole('button', { name: new RegExp(ref.replaceAll('.', String.raw`\.`)) }).click();
      const card = approver.getByRole('article', { name: 'Inquiry' });
      await expect(card.getByText(ref)).toBeVisible();
      await card.getByLabel('note').fill('looks good');
      await card.getByRole('button', { name: answer }).click();
      await expect(card.getByText('Answered by Ana Approver')).toBeVisible();

      const [taken, left] = answer === 'Approve' ? ['deploy', 'keep'] : ['keep', 'deploy'];
      await expect(tree.getByRole('treeitem', { name: `${taken}, Completed` })).toBeVisible({
        timeout: 20_000,
      });
      await expect(
        tree.getByRole('treeitem', {
          name: new RegExp(`^${ref.replaceAll('.', String.raw`\.`)}, Completed`),
        }),
      ).toBeVisible();
      await expect(tree.getByRole('treeitem', { name: new RegExp(`^${left}`) })).toHaveCount(0);
    });
  }
});
