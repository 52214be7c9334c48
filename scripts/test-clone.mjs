// Runs before each file of the projects `database` and `faults`: gives it a database and a folder of its own, through
// the settings that the program itself reads. A test needs to know nothing of it.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import { cloneDatabase } from './test-database.mjs';

const home = mkdtempSync(path.join(tmpdir(), 'attune-home-'));
// Like the real one: actions that run as other users pass through it.
chmodSync(home, 0o711);
mkdirSync(path.join(home, 'run'));
process.env['ATTUNE_HOME'] = home;
process.env['DATABASE_URL'] = await cloneDatabase(
  process.env['ATTUNE_TEST_ADMIN_URL'],
  process.env['ATTUNE_TEST_TEMPLATE'],
);
process.env['ATTUNE_LOG_LEVEL'] ??= 'error';

afterAll(() => rmSync(home, { recursive: true, force: true }));
