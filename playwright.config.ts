import { defineConfig } from '@playwright/test';
import { findBrowser } from './scripts/browser.mjs';

process.env['ATTUNE_E2E_PORT'] ??= '4173';
const executablePath = await findBrowser();

/** Tests of whole scenarios over HTTP, without a browser, against the same studio as the journeys. */
const scenarios = {
  testMatch: '{scenarios,rest}/*.scenario.ts',
  fullyParallel: true,
  timeout: 180_000,
  use: { trace: 'off', screenshot: 'off' },
} as const;

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/.artifacts/results',
  globalSetup: './scripts/playwright-setup.mjs',
  // Most of what runs waits for the studio.
  workers: 4,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  // Only what hangs reaches it: a machine that builds beside the tests is three times slower than this one.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [
    ['list'],
    ['json', { outputFile: process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'] ?? 'e2e/.artifacts/report.json' }],
  ],
  use: {
    baseURL: `http://127.0.0.1:${process.env['ATTUNE_E2E_PORT']}`,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    // Its snapshots of the page at every act cost more than the acts; a failure tells its page and its screenshot anyway.
    trace: process.env['ATTUNE_E2E_TRACE'] ? 'retain-on-failure' : 'off',
    video: 'off',
    // Nothing is looked at while it moves, and each frame of a movement is drawn without a graphics card.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      ...(executablePath === null ? {} : { executablePath }),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  // Work is handed out in this order, so the journeys begin when hardly anything else runs.
  projects: [
    {
      ...scenarios,
      name: 'scenarios at scale',
      grep: /@scale/,
      // One flood at a time.
      workers: 1,
    },
    { ...scenarios, name: 'scenarios', grepInvert: /@scale/ },
    { name: 'chromium', testMatch: '*.spec.ts', workers: 1, use: { browserName: 'chromium' } },
  ],
});
