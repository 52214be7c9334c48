import { expect, type Locator, type Page } from '@playwright/test';
import type { Api } from './fixtures';

/** A task as a definition says it. */
export interface Written {
  name: string;
  action?: string;
  input?: Record<string, unknown>;
  next?: { when?: string; do: string[] }[];
  [field: string]: unknown;
}

export const succeeded = '{{ succeeded() }}';

/** A workflow of the pack `journeys` with these tasks, one under the other or where `positions` says. */
export async function makeWorkflow(
  api: Api,
  name: string,
  tasks: readonly Written[],
  layout: Record<string, unknown> = {},
): Promise<string> {
  const packs = await api.query<{ ref: string }[]>('packs.list');
  if (!packs.some(({ ref }) => ref === 'journeys'))
    await api.mutate('packs.create', { ref: 'journeys', label: 'Journeys' });
  const ref = `journeys.${name}_${Date.now()}`;
  await api.mutate('workflows.create', { packRef: 'journeys', ref, label: `${name} ${Date.now()}` });
  const positions = Object.fromEntries(tasks.map((task, index) => [task.name, { x: 0, y: index * 180 }]));
  await api.mutate('workflows.saveDraft', {
    ref,
    draftVersion: 1,
    definition: { tasks: tasks.map((task) => ({ action: 'core.noop', ...task })) },
    layout: { positions, ...layout },
  });
  return ref;
}

/** Opens a workflow in the editor. */
export async function openWorkflow(page: Page, ref: string, query = ''): Promise<Locator> {
  await page.goto(`/workflows/${encodeURIComponent(ref)}${query}`);
  const region = page.getByRole('region', { name: 'Workflow canvas' });
  await expect(region).toBeVisible();
  return region;
}

export const taskCard = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: new RegExp(`^Task ${name},`) });
export const line = (page: Page, from: string, to: string): Locator =>
  page.getByRole('group', { name: new RegExp(`^Transition from ${from} to ${to},`) });
export const toolbar = (page: Page): Locator => page.getByRole('toolbar', { name: 'Workflow' });

/** The tasks of the saved draft, each with where its transitions lead. */
export async function savedLines(api: Api, ref: string): Promise<Record<string, string[]>> {
  const { definition } = await api.query<{
    definition: { tasks: { name: string; next: { do: string[] }[] }[] };
  }>('workflows.get', { ref });
  return Object.fromEntries(
    definition.tasks.map(({ name, next }) => [name, next.flatMap((each) => each.do)]),
  );
}

/** Waits until the draft is saved with these lines. */
export async function expectSaved(api: Api, ref: string, lines: Record<string, string[]>): Promise<void> {
  await expect.poll(() => savedLines(api, ref), { timeout: 15_000 }).toEqual(lines);
}

export async function middle(locator: Locator): Promise<{ x: number; y: number }> {
  const box = await locator.boundingBox();
  if (!box) throw new Error('it is not on the page');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Drags with the mouse, in steps as a hand does. */
export async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }) {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 6 });
  await page.mouse.move(to.x, to.y, { steps: 6 });
  await page.mouse.up();
}

export async function readClipboard(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  return page.evaluate(() => navigator.clipboard.readText());
}

export async function writeClipboard(page: Page, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((content) => navigator.clipboard.writeText(content), text);
}
