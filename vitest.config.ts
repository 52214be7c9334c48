import path from 'node:path';
import { defineConfig } from 'vitest/config';

const alias = { '@': path.resolve(import.meta.dirname) };
const ours = { resolve: { alias } };
const onPostgres = {
  globalSetup: ['scripts/test-database.mjs'],
  // Each file gets a clone of the template database before its imports.
  setupFiles: ['scripts/test-clone.mjs'],
  environment: 'node',
  pool: 'forks' as const,
};

export default defineConfig({
  ...ours,
  test: {
    projects: [
      {
        ...ours,
        test: {
          name: 'unit',
          include: ['{engine,components,app,cli}/**/*.test.{ts,tsx}'],
          environment: 'node',
          // What is generated at random takes its time on a busy machine.
          testTimeout: 30_000,
        },
      },
      {
        ...ours,
        test: {
          ...onPostgres,
          name: 'database',
          include: ['{server,worker}/**/*.test.ts'],
          exclude: ['worker/faults/**', 'worker/bench/cost.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
        },
      },
      {
        ...ours,
        test: {
          ...onPostgres,
          name: 'faults',
          // Besides faults the counted costs: WAL is counted for the whole cluster, so nobody else may write meanwhile.
          include: ['worker/faults/**/*.test.ts', 'worker/bench/cost.test.ts'],
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Real processes that are killed at named points: one file at a time keeps their clocks honest.
          fileParallelism: false,
        },
      },
    ],
  },
});
