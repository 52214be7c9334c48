import { closeDatabase } from './db';
import { reasonOf } from './log';
import { rotateMasterKeys } from './sealing/rotate';

/** `dist/rotate.mjs`: seals everything anew with the newest master key and prints one line of JSON; trouble goes to stderr. */
try {
  const rotated = await rotateMasterKeys();
  process.stdout.write(`${JSON.stringify(rotated)}\n`);
  if (rotated.broken.length > 0) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
} finally {
  await closeDatabase();
}
