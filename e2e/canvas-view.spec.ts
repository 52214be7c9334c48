import { drag, line, makeWorkflow, middle, openWorkflow, succeeded, taskCard } from './canvas-page';
import { expect, test, type Api } from './fixtures';

const chain = [
  { name: 'build', next: [{ when: succeeded, do: ['check'] }] },
  {
    name: 'check',
    action: 'core.echo',
    input: { message: '{{ task.build.status }}' },
    next: [{ when: succeeded, do: ['ship'] }],
  },
  { name: 'ship' },
];

interface Kept {
  definition: unknown;
  layout: {
    groups?: { title: string; collapsed: boolean; tasks: string[] }[];
    notes?: { text: string }[];
    positions: Record<string, { x: number; y: number }>;
  };
}
const kept = (api: Api, ref: string) => api.query<Kept>('workflows.get', { ref });

test.describe('finding one’s way on the canvas', () => {
  test('finds words in names, actions and expressions, and goes from place to place', async ({
    page,
    api,
  }) => {
    const ref = await makeWorkflow(api, 'find', chain);
    await openWorkflow(page, ref);
    await taskCard(page, 'ship').click();
    await page.keyboard.press('ControlOrMeta+f');
    const find = page.getByRole('search', { name: 'Find in the workflow' });
    await page.keyboard.type('build');
    await expect(find.getByRole('status')).toHaveText('Found in 2 places');
    await page.keyboard.press('Enter');
    await expect(find.getByRole('status')).toHaveText('1 of 2: build, name');
    await page.keyboard.press('Enter');
    await expect(find.getByRole('status')).toHaveText('2 of 2: check, input.message');
    await expect(page.getByRole('region', { name: 'Inspector' }).getByLabel('Name').first()).toHaveValue(
      'check',
    );
    await page.keyboard.press('Shift+Enter');
    await expect(find.getByRole('status')).toHaveText('1 of 2: build, name');
    await page.keyboard.press('Escape');
    await expect(find).toHaveCount(0);
  });

  test('groups tasks in a frame that collapses and is moved, apart from the definition', async ({
    page,
    api,
    inspect,
  }) => {
    const ref = await makeWorkflow(api, 'group', chain);
    await openWorkflow(page, ref);
    const { definition } = await kept(api, ref);
    await taskCard(page, 'check').click();
    await taskCard(page, 'ship').click({ modifiers: ['Shift'] });
    await page.keyboard.press('ControlOrMeta+g');
    const frame = page.getByRole('group', { name: 'Group Group, 2 tasks' });
    await expect(frame).toBeVisible();
    const before = (await kept(api, ref)).layout.positions;
    const title = await middle(frame.getByText('2 tasks'));
    await drag(page, title, { x: title.x + 96, y: title.y });
    await expect
      .poll(async () => (await kept(api, ref)).layout.positions['ship']?.x)
      .toBeGreaterThan((before['ship']?.x ?? 0) + 40);
    await frame.getByRole('textbox', { name: 'Title of the group' }).fill('Delivery');
    await inspect(page, 'canvas-group');
    await page.getByRole('button', { name: 'Collapse Delivery' }).click();
    await expect(taskCard(page, 'ship')).toHaveCount(0);
    await expect(line(page, 'build', 'check')).toBeVisible();
    await expect
      .poll(async () => (await kept(api, ref)).layout.groups)
      .toMatchObject([{ title: 'Delivery', collapsed: true, tasks: ['check', 'ship'] }]);
    await inspect(page, 'canvas-group-collapsed');
    expect((await kept(api, ref)).definition).toEqual(definition);
    await page.getByRole('button', { name: 'Expand Delivery' }).click();
    await expect(taskCard(page, 'ship')).toBeVisible();
  });

  test('keeps notes in Markdown', async ({ page, api, inspect }) => {
    const ref = await makeWorkflow(api, 'note', chain);
    const region = await openWorkflow(page, ref);
    await region.click({ button: 'right', position: { x: 60, y: 80 } });
    await page.getByRole('menuitem', { name: 'Add a note' }).click();
    await page.getByRole('textbox', { name: /Text of the note/ }).fill('**Ask Ada** before *Friday*');
    await page.getByRole('textbox', { name: /Text of the note/ }).press('Escape');
    await expect(page.getByRole('note').getByText('Ask Ada')).toBeVisible();
    await expect
      .poll(async () => (await kept(api, ref)).layout.notes?.[0]?.text)
      .toBe('**Ask Ada** before *Friday*');
    await inspect(page, 'canvas-note');
    await page.reload();
    await expect(page.getByRole('note').getByText('Ask Ada')).toBeVisible();
    await page.getByRole('note').hover();
    await page.getByRole('button', { name: 'Delete the note' }).click();
    await expect(page.getByRole('note')).toHaveCount(0);
  });

  test('keeps favourite actions at hand', async ({ page, api }) => {
    const ref = await makeWorkflow(api, 'favourite', chain);
    await openWorkflow(page, ref);
    const palette = page.getByRole('navigation', { name: 'Actions' });
    await palette.getByRole('button', { name: 'Add HTTP request to the favourites' }).first().click();
    await expect(
      palette
        .getByRole('region', { name: 'Favourites' })
        .getByRole('button', { name: 'Add HTTP request', exact: true }),
    ).toBeVisible();
    await page.reload();
    await expect(palette.getByRole('region', { name: 'Favourites' })).toBeVisible();
  });
});
