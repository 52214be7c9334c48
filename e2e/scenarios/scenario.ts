import { request, test as base, expect } from '@playwright/test';
import type { Person } from '../records';
import { Studio } from '../studio-api';

interface Fixtures {
  /** The studio, signed in as a person of its own. */
  studioOf: (person: Person) => Promise<Studio>;
}
interface WorkerFixtures {
  /** The studio, signed in as the administrator. */
  studio: Studio;
}

/** A test of a scenario: no browser, only HTTP against the running studio of scripts/playwright-setup.mjs. */
export const scenario = base.extend<Fixtures, WorkerFixtures>({
  studio: [
    async ({}, use, { project }) => {
      const context = await request.newContext(options(project.use.baseURL));
      const studio = new Studio(context);
      await studio.signIn({
        login: process.env['ATTUNE_ADMIN_LOGIN'] ?? 'admin',
        password: process.env['ATTUNE_ADMIN_PASSWORD'] ?? 'scenarios-need-a-password',
      });
      await studio.openPack();
      await use(studio);
      await context.dispose();
    },
    { scope: 'worker' },
  ],

  studioOf: async ({ baseURL }, use) => {
    const contexts: Awaited<ReturnType<typeof request.newContext>>[] = [];
    await use(async (person) => {
      const context = await request.newContext(options(baseURL));
      contexts.push(context);
      const studio = new Studio(context);
      await studio.signIn(person);
      return studio;
    });
    for (const context of contexts) await context.dispose();
  },
});

function options(baseURL: string | undefined) {
  return baseURL === undefined ? {} : { baseURL };
}

export { expect };
