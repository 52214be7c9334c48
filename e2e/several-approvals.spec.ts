import { expect, test } from './fixtures';

test('T3.9 the manager approves, then security; afterwards the run shows who said what', async ({
  page,
  studio,
  pageOf,
  inspect,
}) => {
  const mark = Date.now();
  const [manager, security] = [`manager-${mark}`, `security-${mark}`];
  const ref = await studio.publishWorkflow(
    'rollout',
    `
tasks:
  - name: manager
    action: core.ask
    input:
      prompt: "Roll out **web**?"
      assigned_to: [ "user:${manager}" ]
      response_schema: { approved: { type: boolean, required: true }, budget: { type: integer, description: At most } }
    next:
      - { when: "{{ result().response.approved }}", do: [security] }
      - { otherwise: true, do: [rejected] }
  - name: security
    action: core.ask
    input:
      prompt: "It may cost {{ task.manager.result.response.budget }}. Is it safe?"
      assigned_to: [ "user:${security}" ]
      response_schema: { approved: { type: boolean, required: true } }
    next:
      - { when: "{{ result().response.approved }}", do: [roll_out] }
      - { otherwise: true, do: [rejected] }
  - name: roll_out
    action: core.echo
    input: { message: "{{ task.manager.result.responded_by }} and {{ task.security.result.responded_by }} agreed on {{ task.manager.result.response.budget }}" }
  - { name: rejected, action: core.noop }
`,
  );
  const approver = (login: string, displayName: string) =>
    pageOf({ login, displayName, permissionSets: ['core.approver'] });
  const max = await approver(manager, 'Max Manager');
  const sue = await approver(security, 'Sue Security');
  const id = await studio.run(ref);

  await page.goto(`/executions/${id}`);
  const tree = page.getByRole('tree', { name: 'Execution tree' });
  await expect(tree.getByRole('treeitem', { name: 'manager, Waiting' })).toBeVisible({ timeout: 20_000 });
  await expect(tree.getByRole('treeitem', { name: /^security/ })).toHaveCount(0);

  // Nothing waits for security while the manager has not answered.
  await sue.goto('/inbox');
  await expect(sue.getByText('Nothing waits for you')).toBeVisible();

  await max.goto('/inbox');
  const first = max.getByRole('article', { name: 'Inquiry' });
  await expect(first.getByText('Roll out web?')).toBeVisible();
  await first.getByLabel('budget').fill('500');
  await first.getByLabel('Comment').fill('within the quarter');
  await first.getByRole('button', { name: 'Approve' }).click();
  await expect(first.getByText('Answered by Max Manager')).toBeVisible();

  // It arrives by itself, with what the manager said.
  const second = sue.getByRole('article', { name: 'Inquiry' });
  await expect(second.getByText('It may cost 500. Is it safe?')).toBeVisible({ timeout: 20_000 });
  await expect(tree.getByRole('treeitem', { name: 'manager, Completed' })).toBeVisible();
  await expect(tree.getByRole('treeitem', { name: 'security, Waiting' })).toBeVisible();
  await inspect(sue, 'inbox-second-approval');
  await second.getByRole('button', { name: 'Approve' }).click();
  await expect(second.getByText('Answered by Sue Security')).toBeVisible();

  await expect(tree.getByRole('treeitem', { name: `${ref}, Completed` })).toBeVisible({ timeout: 20_000 });
  await expect(tree.getByRole('treeitem', { name: /^rejected/ })).toHaveCount(0);
  await tree.getByRole('treeitem', { name: 'roll_out, Completed' }).click();
  await expect(page.getByText(`${manager} and ${security} agreed on 500`).first()).toBeVisible();

  // Who said what can be read later, from the run.
  await tree.getByRole('treeitem', { name: 'manager, Completed' }).click();
  await expect(page.getByText('within the quarter').first()).toBeVisible();
  await page.getByRole('link', { name: 'Open the question in the inbox' }).click();
  const decided = page.getByRole('article', { name: 'Inquiry' });
  await expect(decided.getByText('Answered by Max Manager')).toBeVisible();
  await expect(decided.getByText('within the quarter')).toBeVisible();
  await inspect(page, 'inbox-decided');
});
