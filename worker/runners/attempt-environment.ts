import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// Settings are read once, on import: this module comes first.
process.env['DATABASE_URL'] ??= 'postgresql://nobody@127.0.0.1:1/none';
/** The folder of this test file's hosts, gone when its process ends. */
export const testHome = mkdtempSync(join(tmpdir(), 'attune-host-'));
process.env['ATTUNE_HOME'] = testHome;
process.on('exit', () => rmSync(testHome, { recursive: true, force: true }));
