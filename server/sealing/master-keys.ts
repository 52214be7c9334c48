import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { env, type Env } from '../env';
import { reasonOf } from '../log';

/** A 32-byte key that secrets at rest are sealed with. Its bytes are in no property, so that nothing prints them. */
export interface MasterKey {
  /** 16 hex digits that tell keys apart and say nothing of their bytes. */
  id: string;
  key: KeyObject;
}

/** The key that seals, and all that open: itself and the older ones. */
export interface MasterKeys {
  current: MasterKey;
  byId: ReadonlyMap<string, MasterKey>;
}

type Settings = Pick<Env, 'ATTUNE_MASTER_KEY' | 'ATTUNE_MASTER_KEY_FILE' | 'ATTUNE_MASTER_KEY_PREVIOUS'>;

const keyBytes = 32;
const mostKeys = 20;
const largestFileBytes = 16_384;
const howToMake = 'Make one with: openssl rand -base64 32';

let cached: MasterKeys | undefined;

/** The keys of this process, read once. @throws Error, see {@link readMasterKeys} */
export function masterKeys(): MasterKeys {
  return (cached ??= readMasterKeys(env()));
}

/**
 * The master keys that the settings name.
 * @throws Error with one sentence when there is none, more than one source, one that is not 32 bytes, or a file
 *   that others may read; it never repeats what was given
 */
export function readMasterKeys(settings: Settings): MasterKeys {
  const { ATTUNE_MASTER_KEY: given, ATTUNE_MASTER_KEY_FILE: file } = settings;
  if (given && file) {
    throw new Error('Both ATTUNE_MASTER_KEY and ATTUNE_MASTER_KEY_FILE are set. Keep one of them.');
  }
  const found = file
    ? readKeyFile(file).map((text, line) => toMasterKey(text, `line ${line + 1} of ${file}`))
    : given
      ? [toMasterKey(given, 'ATTUNE_MASTER_KEY')]
      : [];
  const [current] = found;
  if (!current) {
    throw new Error(
      'There is no master key for secrets at rest. Set ATTUNE_MASTER_KEY (32 bytes as base64 or hex), or ' +
        `ATTUNE_MASTER_KEY_FILE (a file of mode 0600 that holds it). ${howToMake}`,
    );
  }
  const older = words(settings.ATTUNE_MASTER_KEY_PREVIOUS ?? '').map((text, place) =>
    toMasterKey(text, `key ${place + 1} of ATTUNE_MASTER_KEY_PREVIOUS`),
  );
  const byId = new Map([...older, ...found].map((key) => [key.id, key]));
  if (byId.size > mostKeys) throw new Error(`At most ${mostKeys} master keys can be held; drop the oldest.`);
  return { current, byId };
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

function readKeyFile(path: string): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw new Error(
      `The master key's file can't be read: ${reasonOf(error)}. Correct ATTUNE_MASTER_KEY_FILE.`,
      {
        cause: error,
      },
    );
  }
  try {
    const status = fstatSync(descriptor);
    if (!status.isFile()) throw new Error(`${path} is no file. Correct ATTUNE_MASTER_KEY_FILE.`);
    const mode = status.mode & 0o777;
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Error(
        `The master key in ${path} is open to other users (mode ${mode.toString(8).padStart(4, '0')}). ` +
          `Close it with: chmod 600 ${path}`,
      );
    }
    if (status.size > largestFileBytes) throw new Error(`${path} is too large to be a file of master keys.`);
    const keys = words(readFileSync(descriptor, 'utf8'));
    if (keys.length === 0) throw new Error(`${path} is empty, and should hold the master key. ${howToMake}`);
    return keys;
  } finally {
    closeSync(descriptor);
  }
}

function toMasterKey(text: string, where: string): MasterKey {
  const bytes = toBytes(text.trim());
  if (!bytes) {
    throw new Error(
      `The master key in ${where} is not 32 bytes as base64 (44 characters) or hex (64). ${howToMake}`,
    );
  }
  const id = createHash('sha256').update('attune master key id\0').update(bytes).digest('hex').slice(0, 16);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return { id, key };
}

/** Node reads base64 leniently; a key that lost a character must not become another key. */
function toBytes(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  const bytes = Buffer.from(plain, 'base64');
  const isExact = bytes.length === keyBytes && bytes.toString('base64').replace(/=+$/, '') === plain;
  return isExact ? bytes : null;
}
