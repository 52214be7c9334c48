import { defineConfig } from '@playwright/test';
import { findBrowser } from './scripts/browser.mjs';

process.env['ATTUNE_E2E_PORT'] ??= '4173';
const executablePath = await findBrowser();

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'e2e/.artifacts/results',
  globalSetup: './scripts/playwright-setup.mjs',
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  timeout: 60_000,
  expect: { timeout: 10_000 },
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
    trace: 'retain-on-failure',
    video: 'off',
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
  projects: [{ name: 'chromium', use: { browserName: 'chromium' } }],
});
