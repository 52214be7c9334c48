import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type BrowserContext, type Page } from '@playwright/test';
import { Studio } from './studio-api';
import { Trpc } from './trpc';

/** The administrator that the test studio is started with (scripts/playwright-setup.mjs). */
export const admin = {
  login: process.env['ATTUNE_ADMIN_LOGIN'] ?? 'admin',
  password: process.env['ATTUNE_ADMIN_PASSWORD'] ?? 'journeys-need-a-password',
};

/** The studio's API as the browser context's person. */
export class Api extends Trpc {
  /** Asks until the answer fits; fails after `seconds`. */
  async until<T>(path: string, input: unknown, fits: (answer: T) => boolean, seconds = 30): Promise<T> {
    let last: T | undefined;
    await expect(async () => {
      last = await this.query<T>(path, input);
      expect(fits(last)).toBe(true);
    }).toPass({ timeout: seconds * 1000, intervals: [100, 200, 300] });
    return last as T;
  }
}

interface Fixtures {
  /** The studio as the administrator, for setting the stage; what it makes belongs to the pack `journeys`. */
  studio: Studio;
  /** The API as the administrator. */
  api: Api;
  /** A page where the administrator is signed in. Fails the test on any console error. */
  page: Page;
  /** A page of its own where this person is signed in; made with these permission sets first. */
  pageOf: (person: { login: string; displayName: string; permissionSets: string[] }) => Promise<Page>;
  /** Runs axe, and keeps a screenshot in light, dark and 390 px width. */
  inspect: (page: Page, name: string) => Promise<void>;
}

const folder = 'e2e/.artifacts/screens';

/** What is wrong with a page beside what its test looks at: the console, and requests that leave the studio. */
function watch(page: Page, baseURL: string | undefined, errors: string[]): void {
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && origin !== baseURL)
      errors.push(`${page.url()} asks ${request.url()}, which is another host`);
  });
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => errors.push(`${page.url()}: ${error.message}`));
}

async function signIn(context: BrowserContext, person: { login: string; password: string }): Promise<void> {
  await new Api(context.request).mutate('auth.signIn', person);
}

export const test = base.extend<Fixtures & { errors: string[] }>({
  errors: async ({}, use) => {
    const errors: string[] = [];
    await use(errors);
    expect(errors, 'the browser console stays free of errors').toEqual([]);
  },

  api: async ({ context }, use) => {
    await signIn(context, admin);
    await use(new Api(context.request));
  },

  studio: async ({ context }, use) => {
    const studio = new Studio(context.request, 'journeys');
    await studio.signIn(admin);
    await studio.openPack();
    await use(studio);
  },

  page: async ({ page, context, errors, baseURL }, use) => {
    watch(page, baseURL, errors);
    await signIn(context, admin);
    await use(page);
  },

  pageOf: async ({ browser, api, errors, baseURL }, use) => {
    const contexts: BrowserContext[] = [];
    await use(async (person) => {
      const password = 'a-person-of-the-journeys';
      const known = await api.query<{ login: string }[]>('people.list');
      if (!known.some(({ login }) => login === person.login))
        await api.mutate('people.create', { ...person, password });
      const context = await browser.newContext(baseURL === undefined ? {} : { baseURL });
      contexts.push(context);
      await signIn(context, { login: person.login, password });
      const page = await context.newPage();
      watch(page, baseURL, errors);
      return page;
    });
    for (const context of contexts) await context.close();
  },

  inspect: async ({}, use) => {
    await use(async (page, name) => {
      const before = page.viewportSize();
      for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        // The page hears of it and is drawn anew: what is looked at in between has colours of both.
        await page.waitForFunction((name) => document.documentElement.dataset['theme'] === name, theme);
        await page.evaluate(
          () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
        );
        // Without a page of its own for the summary, and without the list of all that holds: three times as fast.
        const { violations } = await new AxeBuilder({ page })
          .setLegacyMode(true)
          .options({ resultTypes: ['violations'] })
          .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
          .analyze();
        expect(
          violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`,
          ),
          `axe on ${name}, ${theme}`,
        ).toEqual([]);
        await page.screenshot({ path: `${folder}/${name}-${theme}.png` });
      }
      await page.setViewportSize({ width: 390, height: 844 });
      await page.screenshot({ path: `${folder}/${name}-390.png` });
      if (before) await page.setViewportSize(before);
      await page.emulateMedia({ colorScheme: 'light' });
    });
  },
});

export { expect };
