import { expect, test } from './fixtures';
import type { Page } from '@playwright/test';

const criteria = {
  all: [
    { field: 'payload.kind', operator: 'equals', value: 'disk' },
    { field: 'payload.severity', operator: 'in', value: ['warning', 'critical'] },
    {
      any: [
        { field: 'payload.used', operator: 'greater_or_equal', value: 90 },
        { none: [{ field: 'payload.host', operator: 'starts', value: 'test-' }] },
      ],
    },
  ],
};

/** Replaces what a monaco editor holds by pasting, as a person would. */
async function write(page: Page, label: string, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
  await page.getByRole('textbox', { name: label }).focus();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+V');
}

test('T2.5 a rule with nested criteria is written, tried and saved; matching and silent events are explained', async ({
  page,
  studio,
  api,
  inspect,
}) => {
  const { triggerRef, post } = await studio.createWebhook();
  const name = `on_${triggerRef.slice('journeys.'.length)}`;
  const ruleRef = `journeys.${name}`;

  await page.goto(`/rules/new?trigger=${triggerRef}`);
  await page.getByLabel('Name', { exact: false }).first().fill(name);
  await page.getByLabel('Label').fill('A disk that matters');
  await page.getByRole('radio', { name: 'Clauses and groups' }).click();
  const clauseOf = async (place: string, field: string, operator: string, value: string) => {
    const row = page.getByRole('group', { name: `Clause ${place}`, exact: true });
    await row.getByRole('combobox', { name: 'Field' }).fill(field);
    await row.getByRole('combobox', { name: 'Operator' }).click();
    await page.getByRole('option', { name: operator, exact: true }).click();
    await row.getByRole('textbox', { name: 'Value' }).fill(value);
  };
  await clauseOf('1', 'payload.kind', 'equals', 'disk');
  await page.getByRole('button', { name: 'Add a clause', exact: true }).click();
  await clauseOf('2', 'payload.severity', 'is one of', '["warning", "critical"]');
  await page.getByRole('button', { name: 'Add a group', exact: true }).click();
  await clauseOf('3.1', 'payload.used', 'is at least', '90');
  await page.getByRole('button', { name: 'Add a group to group 3' }).click();
  await page.getByRole('combobox', { name: 'Match of group 3.2' }).click();
  await page.getByRole('option', { name: 'none of these' }).click();
  await clauseOf('3.2.1', 'payload.host', 'starts with', 'test-');
  await page.getByRole('combobox', { name: 'Action or workflow' }).click();
  await page.getByRole('option', { name: /core\.noop/ }).click();

  // Tried before it exists: no event, no execution.
  await write(page, 'Payload (JSON)', '{"kind":"disk","severity":"critical","used":50,"host":"test-1"}');
  await page.getByRole('button', { name: 'Try it' }).click();
  await expect(page.getByRole('status').getByText('It would stay silent')).toBeVisible();
  await inspect(page, 'rule-nested');
  await page.getByRole('button', { name: 'Create' }).click();
  await expect(page).toHaveURL(new RegExp(`/rules/${ruleRef}$`));
  await expect(page.getByRole('radio', { name: 'Clauses and groups' })).toBeChecked();
  await expect(page.getByRole('combobox', { name: 'Match of group 3.2' })).toContainText('none of these');
  expect(await api.query('rules.get', { ref: ruleRef })).toMatchObject({ conditions: criteria });

  const events = {
    // Full enough, though on a test machine.
    full: await post({ kind: 'disk', severity: 'critical', used: 97.5, host: 'test-1' }),
    // Not full, but no test machine.
    real: await post({ kind: 'disk', severity: 'warning', used: 10, host: 'web1' }),
    // Neither.
    silent: await post({ kind: 'disk', severity: 'critical', used: 50, host: 'test-1' }),
    // Not one of the severities, and of another kind.
    other: await post({ kind: 'cpu', severity: 'info', used: 99, host: 'web1' }),
  };
  for (const id of Object.values(events)) await studio.untilMatched(id);

  const said = page.getByRole('article', { name: ruleRef });
  const clause = (field: string) => said.getByRole('row', { name: new RegExp(`^(true|false) ${field} `) });

  await page.goto(`/events/${events.full}`);
  await expect(said).toContainText('Matched');
  await expect(clause('payload.kind')).toContainText(/^true.*equals.*"disk".*"disk"/);
  await expect(clause('payload.severity')).toContainText(/^true.*in.*\["warning","critical"\].*"critical"/);
  await expect(clause('payload.used')).toContainText(/^true.*greater or equal.*90.*97\.5/);
  await expect(clause('payload.host')).toContainText(/^true.*starts.*"test-".*"test-1"/);
  await page.getByRole('link', { name: /core\.noop #/ }).click();
  await expect(page.getByRole('heading', { name: 'core.noop', level: 1 })).toBeVisible();

  await page.goto(`/events/${events.real}`);
  await expect(said).toContainText('Matched');
  await expect(clause('payload.used')).toContainText(/^false.*90.*10/);
  await expect(clause('payload.host')).toContainText(/^false.*"web1"/);

  await page.goto(`/events/${events.silent}`);
  await expect(said).toContainText('Silent');
  await expect(clause('payload.kind')).toContainText('true');
  await expect(clause('payload.used')).toContainText(/^false.*90.*50/);
  await expect(page.getByRole('link', { name: /core\.noop #/ })).toHaveCount(0);
  await inspect(page, 'event-silent');

  await page.goto(`/events/${events.other}`);
  await expect(said).toContainText('Silent');
  await expect(clause('payload.kind')).toContainText(/^false.*"disk".*"cpu"/);
  await expect(clause('payload.severity')).toContainText(/^false.*"info"/);

  // All four are in the list, told apart.
  await page.goto(`/events?trigger=${triggerRef}`);
  await expect(page.getByRole('row', { name: new RegExp(`${triggerRef}.*1 matched`) }).first()).toBeVisible();
  await expect(page.getByRole('row', { name: new RegExp(`${triggerRef}.*1 silent`) }).first()).toBeVisible();
});
