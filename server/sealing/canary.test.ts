import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { closeDatabase, inSystem, querySystem } from '../db';
import { env } from '../env';
import { requireMasterKeys, WrongMasterKey } from './canary';
import { masterKeys, readMasterKeys, type MasterKeys } from './master-keys';

const newKey = () => randomBytes(32).toString('base64');
const keysOf = (current: string, ...older: string[]): MasterKeys =>
  readMasterKeys({ ATTUNE_MASTER_KEY: current, ATTUNE_MASTER_KEY_PREVIOUS: older.join(' ') });

const canaries = async () =>
  (await querySystem<{ id: string }>('SELECT key_id AS id FROM sealing_canary ORDER BY created')).map(
    ({ id }) => id,
  );
const forget = () => inSystem((tx) => tx.query('DELETE FROM sealing_canary'));

afterAll(async () => {
  await forget();
  await requireMasterKeys();
  await closeDatabase();
});

describe('the canary', () => {
  it('was left by the set-up, for the key that the processes get', async () => {
    expect(await canaries()).toEqual([masterKeys().current.id]);
    await requireMasterKeys();
    expect(await canaries()).toHaveLength(1);
  });

  describe('of a database', () => {
    beforeEach(forget);

    it('lets the same key in, and no other', async () => {
      const right = keysOf(newKey());
      await requireMasterKeys(right);
      await requireMasterKeys(right);
      const wrong = keysOf(newKey());
      await expect(requireMasterKeys(wrong)).rejects.toThrow(WrongMasterKey);
      await expect(requireMasterKeys(wrong)).rejects.toThrow(
        `The master key ${wrong.current.id} is not the one that this database's secrets were sealed with (${right.current.id}).`,
      );
      expect(await canaries()).toEqual([right.current.id]);
    });

    it('lets a new key in beside the old one, and then asks for both', async () => {
      const [old, next] = [newKey(), newKey()];
      await requireMasterKeys(keysOf(old));
      await requireMasterKeys(keysOf(next, old));
      expect(await canaries()).toHaveLength(2);
      await expect(requireMasterKeys(keysOf(next))).rejects.toThrow(WrongMasterKey);
      await requireMasterKeys(keysOf(old, next));
    });

    it('lets one of two first starts win when their keys differ', async () => {
      const starts = await Promise.allSettled(
        Array.from({ length: 6 }, () => requireMasterKeys(keysOf(newKey()))),
      );
      expect(starts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const start of starts)
        if (start.status === 'rejected') expect(start.reason).toBeInstanceOf(WrongMasterKey);
      expect(await canaries()).toHaveLength(1);
    });

    it('does not sing when it was changed or exchanged', async () => {
      const [one, two] = [newKey(), newKey()];
      const keys = keysOf(one, two);
      await requireMasterKeys(keysOf(two));
      await requireMasterKeys(keys);
      await inSystem((tx) =>
        tx.query(
          `WITH gone AS (DELETE FROM sealing_canary WHERE key_id = $1 RETURNING tenant_id, key_id),
             other AS (SELECT sealed FROM sealing_canary WHERE key_id <> $1)
           INSERT INTO sealing_canary (tenant_id, key_id, sealed) SELECT tenant_id, key_id || 'x', other.sealed FROM gone, other`,
          [keys.current.id],
        ),
      );
      await expect(requireMasterKeys(keys)).rejects.toThrow(WrongMasterKey);
    });
  });
});

describe.each(['setup', 'web', 'worker'])('the %s process with a wrong master key', (name) => {
  it('ends at once with one sentence', async () => {
    await forget();
    await requireMasterKeys();
    const settings = { ATTUNE_MASTER_KEY: newKey(), ATTUNE_MASTER_KEY_FILE: '' };
    const { code, said } = await runProgram(name, settings);
    expect(code).toBe(1);
    expect(said.trim().split('\n').at(-1)).toMatch(
      new RegExp(`^The master key [0-9a-f]{16} is not the one .*\\(${masterKeys().current.id}\\)`),
    );
    expect(said).not.toMatch(/\n\s+at /);
    expect(said).not.toContain(settings.ATTUNE_MASTER_KEY);
  }, 30_000);

  it('ends at once without any', async () => {
    const { code, said } = await runProgram(name, { ATTUNE_MASTER_KEY_FILE: '' });
    expect({ code, said: said.trim() }).toEqual({
      code: 1,
      said: expect.stringMatching(/^There is no master key for secrets at rest\.[^\n]*$/) as string,
    });
  }, 30_000);
});

/** One of the built programs, until it ends by itself. */
async function runProgram(
  name: string,
  settings: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [`dist/${name}.mjs`], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      DATABASE_URL: env().DATABASE_URL,
      ATTUNE_HOME: env().ATTUNE_HOME,
      ATTUNE_PACKS: '/nowhere',
      PORT: String(20_000 + (process.pid % 20_000)),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => (said += String(bytes)));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}
